//! The words of a command, with Slack's escapes (`<@U1|maya>`, `<https://…|…>`, `&amp;`) taken out of them.
//!
//! The escapes are those of <https://docs.slack.dev/messaging/formatting-message-text>.

/// A word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    /// As a person reads it.
    pub(super) text: String,
    /// What Slack says that it stands for.
    pub(super) kind: Kind,
    /// It begins a line.
    pub(super) new_line: bool,
}

/// What a word stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing but itself.
    Word,
    /// An account: `U…`.
    Person(String),
    /// An address.
    Link(String),
    /// A channel, a group, everybody here, or a word with an escape inside.
    Other,
}

impl Token {
    /// Could a target or role be called this?
    pub(super) fn can_be_a_name(&self) -> bool {
        let named = self.name().chars().any(char::is_alphanumeric);
        let linking = self.text.eq_ignore_ascii_case("for");
        self.kind == Kind::Word && (self.text == "/" || named && !linking)
    }

    /// The word without quotes and punctuation around it.
    pub(super) fn name(&self) -> &str {
        self.text.trim_matches(|c: char| {
            matches!(
                c,
                ',' | ';' | ':' | '"' | '\'' | '`' | '“' | '”' | '„' | '«' | '»' | '‘' | '’' | '‚'
            )
        })
    }
}

/// Splits at white space outside escapes.
pub(super) fn split(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text;
    let mut new_line = false;
    loop {
        let trimmed = rest.trim_start();
        new_line |= rest[..rest.len() - trimmed.len()].contains('\n');
        if trimmed.is_empty() {
            return tokens;
        }
        let (mut token, after) = one(trimmed);
        token.new_line = new_line && !tokens.is_empty();
        tokens.push(token);
        new_line = false;
        rest = after;
    }
}

/// The first word of a text that doesn't begin with white space, and what follows.
fn one(text: &str) -> (Token, &str) {
    let mut read = String::new();
    let mut kinds = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if c.is_whitespace() {
            break;
        }
        if let Some((shown, kind, after)) = escape(rest) {
            read.push_str(&shown);
            kinds.push(kind);
            rest = after;
        } else if let Some((entity, after)) = entity(rest) {
            read.push(entity);
            kinds.push(Kind::Word);
            rest = after;
        } else {
            read.push(c);
            kinds.push(Kind::Word);
            rest = &rest[c.len_utf8()..];
        }
    }
    let kind = match kinds.as_slice() {
        [only] => only.clone(),
        all if all.iter().all(|kind| *kind == Kind::Word) => Kind::Word,
        _ => Kind::Other,
    };
    let token = Token {
        text: read,
        kind,
        new_line: false,
    };
    (token, rest)
}

fn entity(text: &str) -> Option<(char, &str)> {
    [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>')]
        .into_iter()
        .find_map(|(escaped, plain)| Some((plain, text.strip_prefix(escaped)?)))
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// An escape at the start of `text`: how it reads, what it is, and what follows.
fn escape(text: &str) -> Option<(String, Kind, &str)> {
    let (inside, after) = text.strip_prefix('<')?.split_once('>')?;
    let (what, label) = match inside.split_once('|') {
        Some((what, label)) => (what, Some(label.trim()).filter(|label| !label.is_empty())),
        None => (inside, None),
    };
    let named = |sign: &str, id: &str| {
        let name = label.unwrap_or(id);
        format!("{sign}{}", unescape(name.trim_start_matches(sign)))
    };
    let (shown, kind) = if let Some(account) = what.strip_prefix('@') {
        (named("@", account), Kind::Person(account.to_owned()))
    } else if let Some(channel) = what.strip_prefix('#') {
        (named("#", channel), Kind::Other)
    } else if let Some(group) = what.strip_prefix("!subteam^") {
        (named("@", group), Kind::Other)
    } else if let Some(special) = what.strip_prefix('!') {
        let (name, _) = special.split_once('^').unwrap_or((special, ""));
        (label.map_or(format!("@{name}"), unescape), Kind::Other)
    } else if let Some(address) = what.strip_prefix("mailto:") {
        (unescape(address), Kind::Other)
    } else if what.contains("://") {
        let url = unescape(what);
        let shown = match label.map(unescape) {
            Some(label) if !url.contains(&label) => format!("{label} ({url})"),
            _ => url.clone(),
        };
        (shown, Kind::Link(url))
    } else {
        return None;
    };
    Some((shown, kind, after))
}
