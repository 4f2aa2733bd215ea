//! Lists of requests: status, what one may ask for, help, and the home page.

use breakglass_core::id::{Platform, RequestId};
use breakglass_core::intent::Button;
use breakglass_core::notice::{HomeView, LineView, ListView};
use breakglass_core::policy::Policy;
use breakglass_core::state::{Mode, Phase, Request};
use breakglass_core::time::Timestamp;

use super::Teller;

/// Lines shown under one heading.
pub const LINES_MAX: usize = 20;

/// Requests that have to do with one person.
#[derive(Debug, Default)]
pub struct Mine<'a> {
    /// By or for them, not decided yet.
    pub waiting: Vec<&'a Request>,
    /// For them, live.
    pub grants: Vec<&'a Request>,
    /// Others' requests that they can decide now.
    pub to_decide: Vec<&'a Request>,
    /// Others' grants that they can review now.
    pub to_review: Vec<&'a Request>,
}

impl Teller<'_> {
    /// `status`: what waits and what is held, in short.
    pub fn status(&self, mine: &Mine<'_>) -> Vec<ListView> {
        vec![self.grants(mine), self.requests(mine)]
    }

    /// The home page.
    pub fn home(&self, mine: &Mine<'_>, mode: &Mode) -> HomeView {
        let closed = match mode {
            Mode::Open => None,
            Mode::Lockdown { by, at, reason, .. } => Some(format!(
                "Granting is stopped{} since {}: {}. Revocation goes on.",
                self.by(by),
                at,
                self.quote(Some(reason))
            )),
        };
        HomeView {
            closed,
            lists: vec![
                self.grants(mine),
                list(
                    "Waits for me",
                    "Nothing waits for you.",
                    &mine.to_decide,
                    |request| self.row(request, until(request), &[Button::Approve, Button::Deny]),
                ),
                list(
                    "My reviews",
                    "No review is due.",
                    &mine.to_review,
                    |request| self.row(request, None, &[Button::Review]),
                ),
                self.requests(mine),
            ],
        }
    }

    fn grants(&self, mine: &Mine<'_>) -> ListView {
        list("My grants", "You hold nothing.", &mine.grants, |request| {
            let buttons: &[Button] = match request.phase {
                Phase::Active { .. } | Phase::Approved { .. } => &[Button::EndNow],
                Phase::Pending { .. }
                | Phase::Ending(_)
                | Phase::Ended { .. }
                | Phase::Denied { .. }
                | Phase::Withdrawn { .. }
                | Phase::Lapsed { .. } => &[],
            };
            self.row(request, until(request), buttons)
        })
    }

    fn requests(&self, mine: &Mine<'_>) -> ListView {
        list(
            "My requests",
            "Nothing of yours waits.",
            &mine.waiting,
            |request| {
                let mut line = self.row(request, until(request), &[Button::Withdraw]);
                let digest = match (&request.phase, &request.offer) {
                    (Phase::Pending { confirm, .. }, _) if !confirm.is_empty() => &request.digest,
                    (Phase::Pending { .. }, Some(offer)) => &offer.digest,
                    _ => return line,
                };
                let press = (Button::BreakTheGlass, request.id, digest.to_string());
                line.buttons.insert(0, press);
                line
            },
        )
    }

    fn row(
        &self,
        request: &Request,
        at: Option<(String, Timestamp)>,
        buttons: &[Button],
    ) -> LineView {
        let asked = &request.asked;
        let whose = self.person(&asked.beneficiary).name;
        let text = format!(
            "{} {} · {whose}: {} on {}",
            emoji_and_word(request),
            request.id,
            asked.role,
            asked.target
        );
        let digest = request.digest.to_string();
        LineView {
            text,
            at,
            buttons: buttons
                .iter()
                .map(|button| (*button, request.id, digest.clone()))
                .collect(),
        }
    }
}

fn list(
    heading: &str,
    empty: &str,
    requests: &[&Request],
    row: impl Fn(&Request) -> LineView,
) -> ListView {
    ListView {
        heading: headed(heading, "newest", requests.len()),
        empty: empty.to_owned(),
        lines: requests
            .iter()
            .take(LINES_MAX)
            .map(|request| row(request))
            .collect(),
    }
}

/// A heading that says which are shown, where not all are.
fn headed(heading: &str, which: &str, all: usize) -> String {
    if all > LINES_MAX {
        format!("{heading} · the {which} {LINES_MAX}")
    } else {
        heading.to_owned()
    }
}

fn until(request: &Request) -> Option<(String, Timestamp)> {
    match &request.phase {
        Phase::Pending { lapses_at, .. } => Some(("answer by".to_owned(), *lapses_at)),
        Phase::Approved { provision_by, .. } => Some(("given up".to_owned(), *provision_by)),
        Phase::Active { expires_at } => Some(("until".to_owned(), *expires_at)),
        Phase::Ending(_)
        | Phase::Ended { .. }
        | Phase::Denied { .. }
        | Phase::Withdrawn { .. }
        | Phase::Lapsed { .. } => None,
    }
}

/// One emoji and one word for the state.
pub fn emoji_and_word(request: &Request) -> &'static str {
    match &request.phase {
        Phase::Pending { confirm, .. } if !confirm.is_empty() => "🚨 Not confirmed",
        Phase::Pending { .. } => "🟡 Waiting",
        Phase::Approved { .. } => "🔵 Granting",
        Phase::Active { .. } => "🟢 Active",
        Phase::Ending(ending) if ending.attested.is_some() => "⚪ Removed by hand",
        Phase::Ending(ending) if ending.stuck => "⚠️ Needs attention",
        Phase::Ending(_) => "⚪ Ending",
        Phase::Ended { .. } if request.lease.is_none() => "🔴 Not granted",
        Phase::Ended { .. } => "⚪ Ended",
        Phase::Denied { .. } => "🔴 Denied",
        Phase::Withdrawn { .. } => "⚪ Withdrawn",
        Phase::Lapsed { .. } => "⏱️ Lapsed",
    }
}

/// What somebody may ask for, target by target.
pub fn may_ask(policy: &Policy, roles: &[(String, String)]) -> ListView {
    let line = |(target, role): &(String, String)| {
        let title = policy
            .targets()
            .find(|t| t.id.as_str() == target)
            .map_or_else(String::new, |t| format!(" · {}", t.title));
        LineView {
            text: format!("{target} {role}{title}"),
            at: None,
            buttons: Vec::new(),
        }
    };
    ListView {
        heading: headed("You may ask for", "first", roles.len()),
        empty: "Nothing. Ask whoever keeps the policy.".to_owned(),
        lines: roles.iter().take(LINES_MAX).map(line).collect(),
    }
}

/// How this works, as it is typed on this chat.
pub fn help(platform: Platform) -> Vec<ListView> {
    let line = |text: &str| LineView {
        text: text.to_owned(),
        at: None,
        buttons: Vec::new(),
    };
    let lines: &[&str] = match platform {
        Platform::Slack | Platform::Cli | Platform::Http => &[
            "/breakglass – opens the request form",
            "/breakglass orders-db admin 30m sev1 INC-2231 why you need it – asks at once",
            "/breakglass … for @person – asks for somebody else, where a rule allows it",
            "/breakglass status · list – what you hold, what waits, what you may ask for",
            "/breakglass end [BG-1] · withdraw [BG-1] – give back, take back",
            "/breakglass revoke BG-1 why · review BG-1 · lockdown why · unlink @person – for those with the power",
            "/breakglass link · link CODE · unlink – your account on another chat",
        ],
        Platform::Discord => &[
            "/breakglass request – asks; what is missing is asked for in a form",
            "/breakglass status · list – what you hold, what waits, what you may ask for",
            "/breakglass end · withdraw – give back, take back; with the id where there are several",
            "/breakglass again · describe – ask once more, say what you did",
            "/breakglass revoke · review · lockdown · unlink with a person – for those with the power",
            "/breakglass link · unlink – your account on another chat; with the code to enter one",
        ],
    };
    vec![ListView {
        heading: "Emergency access".to_owned(),
        empty: String::new(),
        lines: lines.iter().copied().map(line).collect(),
    }]
}

/// The only request among many, or why there isn't one.
pub fn only(requests: &[&Request], what: &str) -> Result<RequestId, String> {
    match requests {
        [] => Err(format!("You have nothing to {what}.")),
        [one] => Ok(one.id),
        many => {
            let ids: Vec<String> = many.iter().map(|request| request.id.to_string()).collect();
            Err(format!("Which? Say one of {}.", ids.join(", ")))
        }
    }
}

impl<'a> Mine<'a> {
    /// Sorts somebody's own requests.
    pub fn of(requests: impl Iterator<Item = &'a Request>) -> Self {
        let mut mine = Self::default();
        for request in requests {
            match &request.phase {
                Phase::Pending { .. } => mine.waiting.push(request),
                Phase::Approved { .. } | Phase::Active { .. } | Phase::Ending(_) => {
                    mine.grants.push(request);
                }
                Phase::Ended { .. }
                | Phase::Denied { .. }
                | Phase::Withdrawn { .. }
                | Phase::Lapsed { .. } => {}
            }
        }
        mine
    }
}

#[cfg(test)]
mod tests;
