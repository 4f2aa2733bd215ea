//! The sub-commands of `/breakglass` and their options.

use breakglass_core::id::RequestId;
use breakglass_core::intent::{Act, Button, Typed};
use breakglass_core::notice::Field;
use breakglass_core::text::clean;
use regex::Regex;
use serde::Deserialize;
use serde_json::Value;

use super::{Wish, words};

/// An option as it comes back: a sub-command holds others.
#[derive(Debug, Deserialize)]
pub(super) struct Given {
    name: String,
    value: Option<Value>,
    #[serde(default)]
    options: Vec<Given>,
    #[serde(default)]
    focused: bool,
}

/// The options of a sub-command.
struct Options<'a> {
    given: &'a [Given],
    sender: &'a str,
    incident: &'a Regex,
}

/// What a command asks for.
pub(super) fn command(given: &[Given], sender: &str, incident: &Regex) -> Wish {
    let Some(sub) = given.first() else {
        return Wish::Nothing("a command without a sub-command");
    };
    let options = Options {
        given: &sub.options,
        sender,
        incident,
    };
    match options.act(&sub.name) {
        Ok(act) => Wish::Act(act),
        Err(NotAnId(words)) => Wish::Act(Act::Unclear(format!("{} {words}", sub.name))),
    }
}

/// What can be picked for the option that is being typed.
pub(super) fn choices(given: &[Given], sender: &str, incident: &Regex) -> Wish {
    let Some(sub) = given.first() else {
        return Wish::Nothing("a command without a sub-command");
    };
    let options = Options {
        given: &sub.options,
        sender,
        incident,
    };
    let focused = sub.options.iter().find(|option| option.focused);
    let field = focused.and_then(|option| match option.name.as_str() {
        "target" => Some(Field::Target),
        "role" => Some(Field::Role),
        _ => None,
    });
    match (field, focused) {
        (Some(field), Some(option)) => Wish::Choices {
            field,
            typed: text_of(option).unwrap_or_default(),
            form: options.typed(),
        },
        _ => Wish::Nothing("an option without choices"),
    }
}

/// Words where an id was expected.
struct NotAnId(String);

impl Options<'_> {
    fn act(&self, name: &str) -> Result<Act, NotAnId> {
        Ok(match name {
            "request" => self.ask(),
            "status" => Act::Status,
            "list" => Act::List,
            "end" => Act::End(self.id()?),
            "withdraw" => Act::Withdraw(self.id()?),
            "revoke" => Act::Revoke {
                request: self.id()?,
                reason: self.text("why"),
            },
            "review" => Act::Review {
                request: self.id()?,
                finding: self.text("finding"),
                note: self.text("note").unwrap_or_default(),
            },
            "again" => self.press(Button::AskAgain)?,
            "describe" => self.describe()?,
            "lockdown" => Act::Lockdown {
                reason: self.text("why"),
                revoke_all: self.value("revoke_all") == Some(&Value::Bool(true)),
            },
            "link" => Act::Link {
                code: self.text("code"),
            },
            "unlink" => match self.text("person") {
                Some(account) => Act::UnlinkOf { account },
                None => Act::Unlink,
            },
            "help" => Act::Help,
            other => Act::Unclear(other.to_owned()),
        })
    }

    fn ask(&self) -> Act {
        let typed = self.typed();
        if self.given.is_empty() {
            Act::OpenForm(typed)
        } else {
            Act::Ask(typed)
        }
    }

    fn typed(&self) -> Typed {
        let beneficiary = self.text("for").filter(|account| account != self.sender);
        Typed {
            target: self.text("target"),
            role: self.text("role"),
            duration: self
                .text("duration")
                .and_then(|text| words::duration(&text)),
            severity: self
                .value("severity")
                .and_then(Value::as_u64)
                .and_then(|level| u8::try_from(level).ok()),
            incident: self
                .text("incident")
                .map(|text| words::incident(self.incident, &text)),
            beneficiary,
            why: self.text("why").unwrap_or_default(),
            source: None,
            again: false,
        }
    }

    fn press(&self, button: Button) -> Result<Act, NotAnId> {
        let request = self.id()?.ok_or_else(|| NotAnId(String::new()))?;
        Ok(Act::Press {
            button,
            request,
            digest: String::new(),
        })
    }

    /// With words they are sent off; without, the form asks for them.
    fn describe(&self) -> Result<Act, NotAnId> {
        let Act::Press {
            button,
            request,
            digest,
        } = self.press(Button::Describe)?
        else {
            return Err(NotAnId(String::new()));
        };
        let Some(text) = self.text("words") else {
            return Ok(Act::Press {
                button,
                request,
                digest,
            });
        };
        let filled = breakglass_core::intent::Filled {
            text,
            ..Default::default()
        };
        Ok(Act::Form {
            button,
            request,
            digest,
            filled,
        })
    }

    fn id(&self) -> Result<Option<RequestId>, NotAnId> {
        match self.text("id") {
            None => Ok(None),
            Some(text) => match words::request(&text) {
                Some(id) => Ok(Some(id)),
                None => Err(NotAnId(text)),
            },
        }
    }

    fn value(&self, name: &str) -> Option<&Value> {
        let option = self.given.iter().find(|option| option.name == name)?;
        option.value.as_ref()
    }

    fn text(&self, name: &str) -> Option<String> {
        let option = self.given.iter().find(|option| option.name == name)?;
        text_of(option)
    }
}

fn text_of(option: &Given) -> Option<String> {
    let text = clean(option.value.as_ref()?.as_str()?);
    Some(text).filter(|text| !text.is_empty())
}
