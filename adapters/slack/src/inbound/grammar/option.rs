//! Durations, severities, incidents and `for @person` among the words.

use breakglass_core::intent::Typed;
use breakglass_core::time::Length;
use regex::Regex;

use super::token::{Kind, Token};

/// A number without a unit is minutes up to here: a day, as no lease is longer.
const BARE_MINUTES_MAX: u32 = 1440;

/// After these a duration is part of a sentence (`down for 30m`), and other options are read but stay in it.
const LINKING_WORDS: [&str; 22] = [
    "for", "since", "in", "by", "of", "from", "to", "see", "with", "at", "on", "after", "during",
    "within", "last", "past", "every", "about", "than", "is", "was", "and",
];

/// Something else than target, role and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Opt {
    /// `30`, `30m`, `30 min`, `1h30`
    Duration(Length),
    /// `sev1`, `SEV-1`, `p1`
    Severity(u8),
    /// `INC-12`, or a link with it
    Incident(String),
    /// `for @person`: the account, or `@name` where Slack didn't know it.
    For(String),
    /// `for me`
    ForMe,
}

/// An option and how many words it took.
#[derive(Debug)]
pub(super) struct Consumed {
    pub(super) opt: Opt,
    pub(super) words: usize,
    /// It may have been meant otherwise: its words stay in the why too.
    pub(super) keep: bool,
}

/// The option that the words begin with, unless `typed` has that one already.
pub(super) fn at_head(tokens: &[Token], incident: &Regex, typed: &Typed) -> Option<Consumed> {
    let bare = |(minutes, words)| (Opt::Duration(minutes), words);
    if let Some((opt, words)) = explicit(tokens, incident) {
        return fits(&opt, typed).then_some(Consumed {
            opt,
            words,
            keep: false,
        });
    }
    if let Some((opt, words)) = bare_minutes(tokens).map(bare) {
        return fits(&opt, typed).then_some(Consumed {
            opt,
            words,
            keep: false,
        });
    }
    if let [first, second, ..] = tokens
        && first.text.eq_ignore_ascii_case("for")
        && second.name().eq_ignore_ascii_case("me")
    {
        return Some(Consumed {
            opt: Opt::ForMe,
            words: 2,
            keep: false,
        });
    }
    // `inc-12` is an incident, `db-1` may be one: both readings are kept.
    let lower = tokens.first()?;
    let id = exactly(incident, &lower.name().to_uppercase())?;
    let expected = typed.role.is_some() && typed.incident.is_none();
    (lower.kind == Kind::Word && expected).then_some(Consumed {
        opt: Opt::Incident(id),
        words: 1,
        keep: true,
    })
}

/// Splits the why into the sentence and the options at its end.
pub(super) fn split_tail<'a>(
    tokens: &'a [Token],
    incident: &Regex,
    typed: &Typed,
) -> (&'a [Token], Vec<Opt>) {
    (0..tokens.len())
        .find_map(|start| {
            let options = all_options(&tokens[start..], incident, typed)?;
            let linked = start > 0 && is_linking(&tokens[start - 1]);
            match (linked, options.first()) {
                (true, Some(Opt::Duration(_)) | None) => None,
                // `caused by INC-12`: understood, and still a sentence.
                (true, Some(_)) => {
                    let (_, words) = explicit(&tokens[start..], incident)?;
                    Some((&tokens[..start + words], options))
                }
                (false, _) => Some((&tokens[..start], options)),
            }
        })
        .unwrap_or((tokens, Vec::new()))
}

/// The options that these words are, all of them, each kind once and new.
fn all_options(tokens: &[Token], incident: &Regex, typed: &Typed) -> Option<Vec<Opt>> {
    let mut options: Vec<Opt> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let (opt, words) = explicit(&tokens[at..], incident)?;
        let same = |other: &Opt| std::mem::discriminant(other) == std::mem::discriminant(&opt);
        if !fits(&opt, typed) || options.iter().any(same) {
            return None;
        }
        options.push(opt);
        at += words;
    }
    Some(options)
}

fn fits(opt: &Opt, typed: &Typed) -> bool {
    match opt {
        Opt::Duration(_) => typed.duration.is_none(),
        Opt::Severity(_) => typed.severity.is_none(),
        Opt::Incident(_) => typed.incident.is_none(),
        Opt::For(_) | Opt::ForMe => typed.beneficiary.is_none(),
    }
}

fn is_linking(token: &Token) -> bool {
    LINKING_WORDS.contains(&token.name().to_lowercase().as_str())
}

/// An option that can hardly be meant otherwise.
fn explicit(tokens: &[Token], incident: &Regex) -> Option<(Opt, usize)> {
    if let Some((length, words)) = duration(tokens) {
        return Some((Opt::Duration(length), words));
    }
    if let Some((level, words)) = severity(tokens) {
        return Some((Opt::Severity(level), words));
    }
    if let Some(account) = for_person(tokens) {
        return Some((Opt::For(account), 2));
    }
    let first = tokens.first()?;
    let id = match &first.kind {
        Kind::Link(url) => in_link(incident, url),
        Kind::Word if first.text.contains("://") => in_link(incident, first.name()),
        Kind::Word => exactly(incident, first.name()),
        Kind::Person(_) | Kind::Other => None,
    };
    Some((Opt::Incident(id?), 1))
}

fn for_person(tokens: &[Token]) -> Option<String> {
    let [first, second, ..] = tokens else {
        return None;
    };
    if !first.text.eq_ignore_ascii_case("for") {
        return None;
    }
    person(second)
}

/// `@person`: the account, or the name where Slack didn't know it.
pub(super) fn person(token: &Token) -> Option<String> {
    match &token.kind {
        Kind::Person(account) => Some(account.clone()),
        Kind::Word => {
            let name = token.name().strip_prefix('@')?;
            let plain = name.chars().any(char::is_alphanumeric);
            let everybody = ["here", "channel", "everyone"].contains(&name);
            (plain && !everybody).then(|| token.name().to_owned())
        }
        Kind::Link(_) | Kind::Other => None,
    }
}

fn severity(tokens: &[Token]) -> Option<(u8, usize)> {
    let level = |text: &str| match text {
        "1" => Some(1),
        "2" => Some(2),
        "3" => Some(3),
        "4" => Some(4),
        "5" => Some(5),
        _ => None,
    };
    let word = |at: usize| Some(tokens.get(at)?.name().trim_end_matches('.').to_lowercase());
    let first = word(0)?;
    if matches!(first.as_str(), "sev" | "severity") {
        return Some((level(&word(1)?)?, 2));
    }
    let digits = ["severity", "sev", "p"]
        .iter()
        .find_map(|name| first.strip_prefix(name))?;
    let digits = digits.trim_start_matches(['-', '_', '.', ':', '=']);
    Some((level(digits)?, 1))
}

/// The incident's id in a text that a person put into a field: alone, or in a link.
pub(crate) fn incident_in(pattern: &Regex, text: &str) -> Option<String> {
    let text = text.trim();
    exactly(pattern, text)
        .or_else(|| exactly(pattern, &text.to_uppercase()))
        .or_else(|| in_link(pattern, text).filter(|_| text.contains("://")))
}

fn exactly(pattern: &Regex, text: &str) -> Option<String> {
    let found = pattern.find(text)?;
    (!text.is_empty() && found.range() == (0..text.len())).then(|| text.to_owned())
}

fn in_link(pattern: &Regex, url: &str) -> Option<String> {
    url.split(['/', '?', '#', '&', '='])
        .find_map(|part| exactly(pattern, part).or_else(|| exactly(pattern, &part.to_uppercase())))
}

/// A number of minutes without a unit.
fn bare_minutes(tokens: &[Token]) -> Option<(Length, usize)> {
    let minutes: u32 = number(tokens.first()?.name())?.parse().ok()?;
    let has_unit = tokens.get(1).is_some_and(|t| unit(t.name()).is_some());
    (!has_unit && (1..=BARE_MINUTES_MAX).contains(&minutes))
        .then(|| (Length::from_mins(minutes), 1))
}

fn number(text: &str) -> Option<&str> {
    (!text.is_empty() && text.len() <= 9 && text.bytes().all(|b| b.is_ascii_digit()))
        .then_some(text)
}

/// `30m`, `1h30`, `1h 30m`, `30 min`, `1 h 30 min`: units from the greatest down, each at most once.
fn duration(tokens: &[Token]) -> Option<(Length, usize)> {
    let mut secs: u32 = 0;
    let mut last = None;
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let word = token.name().trim_end_matches('.').to_lowercase();
        let next = tokens.get(at + 1).map(|t| t.name().trim_end_matches('.'));
        let (parts, words) = match (number(&word), next.and_then(unit)) {
            (Some(digits), Some(worth)) => (Some(vec![(digits.parse().ok()?, worth)]), 2),
            _ => (joined(&word), 1),
        };
        let Some(parts) = parts else { break };
        if parts
            .iter()
            .any(|(_, worth)| last.is_some_and(|before| *worth >= before))
        {
            break;
        }
        for (count, worth) in parts {
            secs = secs.checked_add(u32::checked_mul(count, worth)?)?;
            last = Some(worth);
        }
        at += words;
    }
    let ago = tokens
        .get(at)
        .is_some_and(|t| t.name().eq_ignore_ascii_case("ago"));
    (at > 0 && !ago).then(|| (Length::from_secs(secs), at))
}

/// `1h30` as numbers and what each is worth in seconds.
fn joined(word: &str) -> Option<Vec<(u32, u32)>> {
    let mut parts: Vec<(u32, u32)> = Vec::new();
    let mut rest = word;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (count, after) = rest.split_at(digits);
        let count: u32 = number(count)?.parse().ok()?;
        let letters = after.len() - after.trim_start_matches(|c: char| c.is_alphabetic()).len();
        let (name, after) = after.split_at(letters);
        let worth = match (name, parts.last()) {
            ("", Some((_, 3600))) => 60,
            ("", Some((_, 60))) => 1,
            ("", _) => return None,
            _ => unit(name)?,
        };
        if parts.last().is_some_and(|(_, before)| worth >= *before) {
            return None;
        }
        parts.push((count, worth));
        rest = after;
    }
    (!parts.is_empty()).then_some(parts)
}

fn unit(name: &str) -> Option<u32> {
    match name.to_lowercase().as_str() {
        "s" | "sec" | "secs" | "second" | "seconds" => Some(1),
        "m" | "min" | "mins" | "minute" | "minutes" => Some(60),
        "h" | "hr" | "hrs" | "hour" | "hours" => Some(3600),
        "d" | "day" | "days" => Some(86_400),
        _ => None,
    }
}
