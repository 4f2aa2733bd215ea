//! Words from elsewhere where Discord reads markup: <https://support.discord.com/hc/en-us/articles/210298617>.

/// Makes a text on one line inert: nothing in it formats, links, mentions, or is drawn as an emoji or a time.
///
/// A backslash before a mark makes it that character. Marks that mean something only at the start of a line, or as part
/// of an address, are left alone elsewhere, so that names stay readable where escapes are shown.
pub(super) fn escape(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len() + 8);
    let digits = chars.iter().take_while(|c| c.is_ascii_digit()).count();
    for (at, &c) in chars.iter().enumerate() {
        let marks = match c {
            '\\' | '*' | '_' | '~' | '`' | '|' | '<' | '>' | '[' | ']' | '@' => true,
            '#' | '-' | '+' => at == 0,
            // A list: `1. one`.
            '.' | ')' => digits > 0 && at == digits,
            // An address: `https://`, and an invitation without one: `discord.gg/`.
            ':' => chars.get(at + 1) == Some(&'/'),
            '/' => true,
            _ => false,
        };
        if marks {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Words inside a code span or block, where only its end means something.
pub(super) fn code(text: &str) -> String {
    text.replace('`', "ˋ")
}
