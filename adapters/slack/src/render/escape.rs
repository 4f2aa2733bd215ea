//! Text where Slack reads markup: notifications and acknowledgements.

/// Makes a text inert where Slack reads markup: `&`, `<`, `>` as Slack documents, and marks of formatting at the edge
/// of a word by characters that look alike.
pub(crate) fn escape(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let word = |at: Option<usize>| {
        at.and_then(|at| chars.get(at))
            .is_some_and(|c| c.is_alphanumeric())
    };
    let mut out = String::with_capacity(text.len());
    for (at, c) in chars.iter().enumerate() {
        let inside = word(at.checked_sub(1)) && word(Some(at + 1));
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '`' => out.push('ˋ'),
            '*' => out.push('∗'),
            '~' => out.push('∼'),
            '_' if !inside => out.push('ˍ'),
            other => out.push(*other),
        }
    }
    out
}
