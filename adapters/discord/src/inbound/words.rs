//! Durations, severities and incidents as people type them into a field.

use breakglass_core::id::RequestId;
use breakglass_core::time::Length;
use regex::Regex;

/// `30`, `30m`, `30 min`, `1h30`, `1 h 30 min`: a bare number is minutes; units from the greatest down, each at most once.
pub(super) fn duration(text: &str) -> Option<Length> {
    let text: String = text.to_lowercase().split_whitespace().collect();
    let mut rest = text.as_str();
    let mut secs: u32 = 0;
    let mut last = u32::MAX;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, after) = rest.split_at(digits);
        let letters = after.len() - after.trim_start_matches(char::is_alphabetic).len();
        let (name, after) = after.split_at(letters);
        let worth = match name {
            // `1h30`
            "" if last == 3600 => 60,
            "" if last == u32::MAX => 60,
            name => unit(name)?,
        };
        if worth >= last {
            return None;
        }
        let part = number.parse::<u32>().ok()?.checked_mul(worth)?;
        secs = secs.checked_add(part)?;
        last = worth;
        rest = after;
    }
    (last != u32::MAX).then(|| Length::from_secs(secs))
}

fn unit(name: &str) -> Option<u32> {
    match name {
        "d" | "day" | "days" => Some(86_400),
        "h" | "hr" | "hrs" | "hour" | "hours" => Some(3600),
        "m" | "min" | "mins" | "minute" | "minutes" => Some(60),
        "s" | "sec" | "secs" | "second" | "seconds" => Some(1),
        _ => None,
    }
}

/// `1`, `sev1`, `SEV-1`, `p1`
pub(super) fn severity(text: &str) -> Option<u8> {
    let text = text.trim().to_lowercase();
    let digits = ["severity", "sev", "p"]
        .iter()
        .find_map(|name| text.strip_prefix(name))
        .unwrap_or(&text);
    let digits = digits.trim_start_matches(['-', '_', ' ', '.', ':', '=']);
    digits.parse().ok().filter(|level| (1..=5).contains(level))
}

/// The incident's id, alone or in a link; what isn't one is kept as it is, to be told so.
pub(super) fn incident(pattern: &Regex, text: &str) -> String {
    let exactly = |text: &str| {
        let found = pattern.find(text)?;
        (!text.is_empty() && found.range() == (0..text.len())).then(|| text.to_owned())
    };
    let any_case = |text: &str| exactly(text).or_else(|| exactly(&text.to_uppercase()));
    let text = text.trim();
    let in_link = || {
        let parts = text
            .contains("://")
            .then(|| text.split(['/', '?', '#', '&', '=']));
        parts.into_iter().flatten().find_map(any_case)
    };
    any_case(text)
        .or_else(in_link)
        .unwrap_or_else(|| text.to_owned())
}

/// `BG-4821`, `4821`, `#4821`
pub(super) fn request(text: &str) -> Option<RequestId> {
    text.trim().trim_start_matches('#').parse().ok()
}
