//! Cards: a request with what can be pressed now.

use breakglass_core::intent::Button;
use breakglass_core::notice::{Card, CardKind, PageView};
use breakglass_core::state::{Called, Phase, Request, Review};

use super::Teller;

impl Teller<'_> {
    /// A card as its request is now.
    pub fn card(&self, kind: CardKind, request: &Request) -> Card {
        Card {
            kind,
            request: self.request(request),
            state: self.state(request),
            buttons: buttons(kind, request),
            review_due: match request.review {
                Review::Open { due_at, .. } => Some(due_at),
                Review::None | Review::Closed { .. } => None,
            },
            pages: request.pages.iter().map(page).collect(),
        }
    }
}

fn page(called: &Called) -> PageView {
    PageView {
        pager: called.pager.to_string(),
        at: called.at,
        trouble: called.trouble.clone(),
    }
}

/// Buttons vanish with the first click that decides.
fn buttons(kind: CardKind, request: &Request) -> Vec<Button> {
    use Button::{Approve, ApproveForLess, Deny, Details, Revoke};
    match (&request.phase, kind) {
        (Phase::Pending { .. }, CardKind::Approvers) => {
            vec![Approve, ApproveForLess, Deny, Details]
        }
        (Phase::Pending { .. }, CardKind::Security) => vec![Deny, Details],
        (
            Phase::Approved { .. } | Phase::Active { .. },
            CardKind::Approvers | CardKind::Security,
        ) => {
            vec![Revoke, Details]
        }
        (Phase::Ended { .. }, CardKind::Security) if is_open(&request.review) => {
            vec![Button::Review, Details]
        }
        (
            Phase::Ending(_)
            | Phase::Ended { .. }
            | Phase::Denied { .. }
            | Phase::Withdrawn { .. }
            | Phase::Lapsed { .. },
            CardKind::Approvers | CardKind::Security,
        ) => vec![Details],
    }
}

pub(super) fn is_open(review: &Review) -> bool {
    matches!(review, Review::Open { .. })
}
