//! The words after `/breakglass`: a pure reading of them that never loses one.
//!
//! Words are read from the left: options (a duration, a severity, an incident, `for @person`), the target,
//! the role, until the first word that is none of these. From there on it is the why, except for a run of
//! options at its end. What isn't understood stays in the why.

mod option;
#[cfg(test)]
mod tests;
mod token;

use breakglass_core::id::RequestId;
use breakglass_core::intent::{Act, Typed};
use breakglass_core::text::clean;
use regex::Regex;

use self::option::{Consumed, Opt};
use self::token::Token;

pub(crate) use self::option::incident_in;

/// What the command's words ask for; `incident` is how an incident's id looks.
pub(crate) fn parse(text: &str, incident: &Regex) -> Act {
    let tokens = token::split(&clean(text));
    let Some((first, rest)) = tokens.split_first() else {
        return Act::OpenForm(Typed::default());
    };
    match first.name().to_lowercase().as_str() {
        "status" => Act::Status,
        "list" => Act::List,
        "help" | "?" | "-h" | "--help" => Act::Help,
        "end" => about_one(&tokens, Act::End),
        "withdraw" => about_one(&tokens, Act::Withdraw),
        "revoke" => {
            let (request, reason) = id_and_words(rest);
            Act::Revoke {
                request,
                reason: Some(reason).filter(|reason| !reason.is_empty()),
            }
        }
        "review" => {
            let (request, note) = id_and_words(rest);
            Act::Review {
                request,
                finding: None,
                note,
            }
        }
        "lockdown" => lockdown(&tokens, rest),
        "link" => Act::Link {
            code: Some(join(rest)).filter(|code| !code.is_empty()),
        },
        "unlink" => unlink(&tokens, rest),
        _ => Act::Ask(ask(&tokens, incident)),
    }
}

/// Nothing, or one id; other words are allowed only behind an id that is the only one.
fn about_one(tokens: &[Token], act: impl Fn(Option<RequestId>) -> Act) -> Act {
    match tokens {
        [_] => act(None),
        [_, first, more @ ..] => {
            let only = more.iter().all(|token| request_id(token).is_none());
            match request_id(first) {
                Some(id) if only => act(Some(id)),
                Some(_) | None => unclear(tokens),
            }
        }
        [] => unclear(tokens),
    }
}

fn id_and_words(rest: &[Token]) -> (Option<RequestId>, String) {
    match rest.split_first() {
        Some((first, more)) if request_id(first).is_some() => (request_id(first), join(more)),
        _ => (None, join(rest)),
    }
}

fn request_id(token: &Token) -> Option<RequestId> {
    token.name().trim_start_matches('#').parse().ok()
}

fn unclear(tokens: &[Token]) -> Act {
    Act::Unclear(join(tokens))
}

/// One's own link, or somebody else's.
fn unlink(tokens: &[Token], rest: &[Token]) -> Act {
    match rest {
        [] => Act::Unlink,
        [only] => match option::person(only) {
            Some(account) => Act::UnlinkOf { account },
            None => unclear(tokens),
        },
        _ => unclear(tokens),
    }
}

/// `lockdown why… [--revoke-all]`. That it is lifted or looked at here would be guessing: it is asked back.
fn lockdown(tokens: &[Token], rest: &[Token]) -> Act {
    if let [only] = rest
        && matches!(only.name().to_lowercase().as_str(), "off" | "on" | "status")
    {
        return unclear(tokens);
    }
    let all = |token: &&Token| {
        let flag = token.text.to_lowercase().replace(['—', '–'], "--");
        flag == "--revoke-all"
    };
    let words: Vec<Token> = rest.iter().filter(|t| !all(t)).cloned().collect();
    let reason = join(&words);
    Act::Lockdown {
        reason: Some(reason).filter(|reason| !reason.is_empty()),
        revoke_all: rest.iter().any(|t| all(&t)),
    }
}

fn ask(tokens: &[Token], incident: &Regex) -> Typed {
    let mut typed = Typed::default();
    let mut why: Vec<Token> = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if let Some(Consumed { opt, words, keep }) =
            option::at_head(&tokens[at..], incident, &typed)
        {
            if keep {
                why.extend_from_slice(&tokens[at..at + words]);
            }
            take(&mut typed, opt);
            at += words;
        } else if !token.can_be_a_name() || typed.role.is_some() {
            break;
        } else if typed.target.is_none() {
            name_target(&mut typed, token);
            at += 1;
        } else if token.name() == "/" {
            at += 1;
        } else {
            typed.role = Some(token.name().trim_start_matches('/').to_owned());
            at += 1;
        }
    }
    let (sentence, options) = option::split_tail(&tokens[at..], incident, &typed);
    why.extend_from_slice(sentence);
    for opt in options {
        take(&mut typed, opt);
    }
    typed.why = join(&why);
    typed
}

fn name_target(typed: &mut Typed, token: &Token) {
    let name = token.name();
    let (target, role) = name.split_once('/').unwrap_or((name, ""));
    let part = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    typed.target = part(target);
    typed.role = part(role);
}

fn take(typed: &mut Typed, opt: Opt) {
    match opt {
        Opt::Duration(length) => typed.duration = Some(length),
        Opt::Severity(level) => typed.severity = Some(level),
        Opt::Incident(id) => typed.incident = Some(id),
        Opt::For(account) => typed.beneficiary = Some(account),
        Opt::ForMe => {}
    }
}

fn join(tokens: &[Token]) -> String {
    let mut text = String::new();
    for token in tokens {
        if !text.is_empty() {
            text.push(if token.new_line { '\n' } else { ' ' });
        }
        text.push_str(&token.text);
    }
    text
}
