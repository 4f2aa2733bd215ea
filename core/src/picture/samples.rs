//! Views to try a picture with: a request and its states as in the design, one of each notice, answer and form.

mod views;

pub use self::views::{answers, forms, lists, notices, request_form};

use std::collections::BTreeMap;

use crate::id::{PersonId, Platform, RequestId};
use crate::intent::Button;
use crate::notice::{
    ActorView, Card, CardKind, PageView, PersonView, RequestView, SlotView, StateView, WhoView,
};
use crate::ruling::{Risk, RiskFactor, Severity};
use crate::time::{Length, Timestamp};

/// A number made of a name, as Discord's ids are.
fn snowflake(name: &str) -> String {
    let number = name
        .bytes()
        .fold(7_u64, |sum, byte| sum * 31 % 100_000 + u64::from(byte));
    (300_000_000_000_000_000 + number).to_string()
}

/// That time of the day.
pub fn at(time: &str) -> Timestamp {
    format!("2026-03-02T{time}:00.000Z").parse().unwrap()
}

/// Somebody with an account on each chat.
pub fn person(id: &str, name: &str) -> PersonView {
    PersonView {
        id: PersonId::new(id).unwrap(),
        name: name.to_owned(),
        accounts: BTreeMap::from([
            (Platform::Slack, format!("U0{}", id.to_uppercase())),
            (Platform::Discord, snowflake(id)),
        ]),
    }
}

/// A group that each chat knows.
pub fn group(label: &str) -> WhoView {
    WhoView {
        label: label.to_owned(),
        groups: BTreeMap::from([
            (Platform::Slack, vec![format!("S0{}", label.to_uppercase())]),
            (Platform::Discord, vec![snowflake(label)]),
        ]),
        people: Vec::new(),
    }
}

/// A request for admin on orders-db.
pub fn request() -> RequestView {
    let factor = |points, why: &str| RiskFactor {
        name: String::new(),
        points,
        why: why.to_owned(),
    };
    RequestView {
        id: RequestId::new(4821),
        digest: "0123456789abcdef".to_owned(),
        break_glass: false,
        planned: false,
        test: false,
        requester: person("maya", "Maya Lind"),
        beneficiary: person("maya", "Maya Lind"),
        target: "orders-db".to_owned(),
        target_title: "Orders database (production)".to_owned(),
        role: "admin".to_owned(),
        role_title: "Admin".to_owned(),
        role_note: Some("can read customer data".to_owned()),
        duration: Length::from_mins(30),
        justification: Some("replication slot stuck, need pg_drop_replication_slot".to_owned()),
        incident: Some("INC-2231".to_owned()),
        incident_verified: false,
        severity: Some(Severity::new(1).unwrap()),
        severity_verified: false,
        risk: Risk {
            score: 65,
            factors: vec![
                factor(40, "critical target"),
                factor(15, "company-wide"),
                factor(10, "first time"),
            ],
        },
        standing: vec![
            "on call for payments".to_owned(),
            "1 active grant".to_owned(),
            "2nd request this week".to_owned(),
        ],
        connect: Some("psql service=orders-db".to_owned()),
        rule: "orders-db-two-people".to_owned(),
        policy: "7f3a91c2".to_owned(),
        log_seq: 1042,
        log_hash: "5be1c02d".to_owned(),
    }
}

/// Two who said yes.
pub fn approvals() -> Vec<(PersonView, Timestamp)> {
    vec![
        (person("bo", "Bo Ek"), at("14:06")),
        (person("ines", "Ines Sol"), at("14:07")),
    ]
}

/// Half approved.
pub fn waiting() -> StateView {
    let slot = |label, filled| SlotView {
        from: group(label),
        count: 1,
        filled,
    };
    StateView::Waiting {
        trouble: None,
        answer_by: at("14:17"),
        slots: vec![
            slot("dba", vec![approvals().remove(0)]),
            slot("security", Vec::new()),
        ],
        asked: vec![group("dba"), group("security")],
    }
}

/// Over, and read back.
pub fn ended() -> StateView {
    StateView::Ended {
        at: at("14:37"),
        why: "on time".to_owned(),
        read_back: "admin is gone".to_owned(),
        sessions_ended: 1,
        remains: vec!["member of dba_all, granted by postgres".to_owned()],
    }
}

/// Approved and held.
pub fn active() -> StateView {
    StateView::Active {
        until: at("14:37"),
        approved_by: approvals(),
    }
}

/// One of each, the waiting one first.
pub fn states() -> Vec<StateView> {
    let ines = || ActorView::Person(person("ines", "Ines Sol"));
    let granting = |trouble: Option<&str>| StateView::Granting {
        approved_by: approvals(),
        trouble: trouble.map(str::to_owned),
        tries: 3,
        until: at("14:20"),
    };
    let ending = |trouble: Option<&str>| StateView::Ending {
        why: "expired".to_owned(),
        trouble: trouble.map(str::to_owned),
        tries: 7,
    };
    vec![
        waiting(),
        StateView::Unconfirmed {
            confirm_by: at("14:12"),
        },
        granting(None),
        granting(Some("orders-db doesn't answer")),
        active(),
        ending(None),
        ending(Some("orders-db refuses our connection")),
        ended(),
        StateView::NotGranted {
            at: at("14:20"),
            why: "orders-db didn't answer until 2026-03-02T14:20:00.000Z".to_owned(),
        },
        StateView::Denied {
            by: ines(),
            at: at("14:07"),
            reason: "use the read replica\nrunbook first".to_owned(),
        },
        StateView::Withdrawn {
            by: ines(),
            at: at("14:08"),
        },
        StateView::Lapsed { at: at("14:17") },
    ]
}

/// The approvers' card.
pub fn card(state: StateView) -> Card {
    let buttons: &[Button] = if matches!(state, StateView::Waiting { .. }) {
        &[
            Button::Approve,
            Button::ApproveForLess,
            Button::Deny,
            Button::Details,
        ]
    } else if matches!(state, StateView::Active { .. }) {
        &[Button::Revoke, Button::Details]
    } else {
        &[Button::AskAgain]
    };
    Card {
        kind: CardKind::Approvers,
        request: request(),
        state,
        buttons: buttons.to_vec(),
        review_due: None,
        pages: vec![
            PageView {
                pager: "dba-phone".to_owned(),
                at: at("14:08"),
                trouble: None,
            },
            PageView {
                pager: "leads-phone".to_owned(),
                at: at("14:09"),
                trouble: Some("https://hooks.example.com: no answer within 5 s".to_owned()),
            },
        ],
    }
}

/// Security's cards of an access without approval.
pub fn break_glass_cards() -> Vec<Card> {
    let alone = StateView::Active {
        until: at("14:37"),
        approved_by: Vec::new(),
    };
    [(alone, vec![Button::Revoke]), (ended(), Vec::new())]
        .into_iter()
        .map(|(state, buttons)| {
            let mut card = card(state);
            card.kind = CardKind::Security;
            card.request.id = RequestId::new(4830);
            card.request.break_glass = true;
            card.request.beneficiary = person("bo", "Bo Ek");
            card.buttons = buttons;
            card.review_due = Some("2026-03-03T14:37:00.000Z".parse().unwrap());
            card
        })
        .collect()
}
