//! Notices, answers and forms, one of each kind.

use crate::id::{Platform, RequestId};
use crate::intent::{Button, Typed};
use crate::notice::{
    Answer, Choice, DigestLine, Field, FieldFault, FormView, LineView, ListView, Notice,
    RequestForm, RequestView, WhoView,
};
use crate::time::Length;

use super::{active, at, card, ended, group, request, states, waiting};

fn boxed() -> Box<RequestView> {
    Box::new(request())
}

fn offered() -> Notice {
    Notice::GlassOffered {
        request: Box::new(RequestView {
            break_glass: true,
            ..request()
        }),
        confirm_by: at("14:12"),
        skipped: 5,
        reviewers: vec![group("security")],
        review_within: Length::from_mins(24 * 60),
        buttons: vec![Button::BreakTheGlass],
    }
}

/// One of each notice, and more where they differ.
pub fn notices() -> Vec<Notice> {
    let mut all = vec![
        Notice::Received {
            request: boxed(),
            state: waiting(),
            buttons: vec![Button::Withdraw],
        },
        Notice::Decided {
            request: boxed(),
            state: active(),
            buttons: vec![Button::EndNow],
        },
        Notice::Decided {
            request: boxed(),
            state: states().remove(9),
            buttons: vec![Button::AskAgain],
        },
        Notice::Ended {
            request: boxed(),
            state: ended(),
            used: Length::from_mins(27),
            buttons: vec![Button::Describe],
        },
        Notice::Skipped { request: boxed() },
        offered(),
    ];
    all.extend([false, true].map(|cuts_sessions| Notice::EndingSoon {
        request: boxed(),
        ends_at: at("14:12"),
        cuts_sessions,
        buttons: vec![Button::EndNow, Button::AskAgain],
    }));
    all.extend(
        [
            (Some("wrong *role*"), Vec::new()),
            (None, vec![group("dba")]),
        ]
        .map(|(quote, mention)| Notice::Progress {
            request: boxed(),
            line: "🔴 Revoked by Ines at 2026-03-02T14:08:00.000Z".to_owned(),
            quote: quote.map(str::to_owned),
            mention,
        }),
    );
    all.extend([(false, vec![group("security")]), (true, Vec::new())].map(
        |(overdue, reviewers)| Notice::ReviewDue {
            request: boxed(),
            due_at: "2026-03-03T14:37:00.000Z".parse().unwrap(),
            reviewers,
            overdue,
        },
    ));
    let attest = || {
        let digest = "0123456789abcdef".to_owned();
        (Button::Attest, RequestId::new(4821), digest)
    };
    all.extend([true, false].map(|loud| Notice::Alarm {
        request: loud.then(|| RequestId::new(4821)),
        title: "Access NOT removed".to_owned(),
        text: "4 min late: orders-db refuses our connection (7 tries, next in 20 s).".to_owned(),
        by_hand: loud.then(|| "REVOKE orders_admin FROM maya;".to_owned()),
        loud,
        buttons: loud.then(attest).into_iter().collect(),
    }));
    all.extend(notices_without_a_request());
    all
}

fn notices_without_a_request() -> Vec<Notice> {
    let mut all = Vec::new();
    let line = |effect: &str, request: Option<u64>, text: &str| DigestLine {
        effect: effect.to_owned(),
        request: request.map(RequestId::new),
        text: text.to_owned(),
    };
    all.push(Notice::Digest {
        lines: vec![
            line(
                "1042.2",
                Some(4821),
                "🟢 Active until 2026-03-02T14:37:00.000Z",
            ),
            line("1043.0", None, "⚪ Ended on time: “wrong *role*”"),
        ],
    });
    let listing = [
        "[[person]]",
        "id = \"sam\"",
        "name = \"Sam <!here>\"",
        "slack = \"U0SAM\"",
    ];
    all.push(Notice::Stranger {
        platform: Platform::Slack,
        account: "U0SAM".to_owned(),
        listing: listing.map(str::to_owned).to_vec(),
    });
    all.push(Notice::House {
        title: "🔒 Lockdown".to_owned(),
        text: "Granting is stopped by Ines. Revocation goes on.".to_owned(),
        facts: vec![(
            "policy".to_owned(),
            "7f3a91c2, since 2026-02-27T09:00:00.000Z".to_owned(),
        )],
    });
    all
}

/// Lists under headings, one of them empty.
pub fn lists() -> Vec<ListView> {
    let digest = request().digest;
    vec![
        ListView {
            heading: "My grants".to_owned(),
            empty: "You hold nothing.".to_owned(),
            lines: vec![LineView {
                text: "🟢 Active BG-4821 admin on orders-db".to_owned(),
                at: Some(("until".to_owned(), at("14:37"))),
                buttons: vec![(Button::EndNow, request().id, digest)],
            }],
        },
        ListView {
            heading: "Waiting for me".to_owned(),
            empty: "Nothing waits for you.".to_owned(),
            lines: Vec::new(),
        },
    ]
}

/// One of each answer.
pub fn answers() -> Vec<Answer> {
    let said = |title: &str, text: &str, buttons| Answer::Said {
        title: title.to_owned(),
        text: text.to_owned(),
        typed: String::new(),
        buttons,
    };
    let button = |button, id| (button, RequestId::new(id), "0123456789abcdef".to_owned());
    vec![
        said(
            "Too late",
            "BG-4821 was denied by Ines at 2026-03-02T14:07:00.000Z.",
            Vec::new(),
        ),
        said(
            "Already asked",
            "BG-4821 is waiting for dba, 4 min left.",
            vec![button(Button::Withdraw, 4821)],
        ),
        said(
            "Rate",
            "You have 3 open requests: BG-4818, BG-4819. Withdraw one first.",
            vec![
                button(Button::Withdraw, 4818),
                button(Button::Withdraw, 4819),
            ],
        ),
        confirm(
            RequestView {
                break_glass: true,
                ..request()
            },
            vec![group("security")],
        ),
        confirm(
            RequestView {
                planned: true,
                ..request()
            },
            Vec::new(),
        ),
        Answer::Shown(Box::new(card(waiting()))),
        Answer::Lists(lists()),
        Answer::Lists(Vec::new()),
        said(
            "Too late",
            "BG-4821 lapsed at 2026-03-02T14:17:00.000Z.",
            Vec::new(),
        )
        .with_typed("use the read replica, as the *runbook* says"),
    ]
}

fn confirm(request: RequestView, reviewers: Vec<WhoView>) -> Answer {
    Answer::ConfirmBreakGlass {
        request: Box::new(request),
        confirm_by: at("14:12"),
        skipped: 5,
        reviewers,
        review_within: Length::from_mins(24 * 60),
        ask_instead: vec![group("dba"), group("security")],
        buttons: vec![
            Button::BreakTheGlass,
            Button::AskForApproval,
            Button::Edit,
            Button::Cancel,
        ],
    }
}

/// The request form, filled.
pub fn request_form() -> RequestForm {
    let choice = |value: &str, label: &str| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
    };
    RequestForm {
        typed: Typed {
            target: Some("orders".to_owned()),
            severity: Some(1),
            incident: Some("INC-2231".to_owned()),
            why: "stuck".to_owned(),
            source: Some("https://acme.slack.com/archives/C1/p1".to_owned()),
            ..Typed::default()
        },
        target: Some(choice(
            "orders-db",
            "orders-db · Orders database (production)",
        )),
        role: Some(choice("admin", "admin · Admin")),
        role_note: Some("can read customer data".to_owned()),
        durations: [15, 30, 60].map(Length::from_mins).to_vec(),
        duration: Length::from_mins(30),
        longest: Some(Length::from_mins(60)),
        incident_required: true,
        on_behalf: true,
        justification_chars: (20, 500),
        preview: Some("yes at once, reviewed afterwards.".to_owned()),
        faults: vec![FieldFault {
            field: Field::Why,
            message: "needs 20 characters, you gave 5".to_owned(),
        }],
    }
}

/// One of each form.
pub fn forms() -> Vec<FormView> {
    let empty = RequestForm {
        typed: Typed {
            target: Some("order-db".to_owned()),
            ..Typed::default()
        },
        target: None,
        role: None,
        role_note: None,
        longest: None,
        incident_required: false,
        on_behalf: false,
        preview: None,
        faults: [Field::Target, Field::Beneficiary]
            .map(|field| FieldFault {
                field,
                message: "no such name".to_owned(),
            })
            .to_vec(),
        ..request_form()
    };
    let short = |button, text_min| FormView::Short {
        button,
        request: boxed(),
        durations: [5, 15].map(Length::from_mins).to_vec(),
        text_min,
    };
    vec![
        FormView::Loading,
        FormView::Failed {
            why: "Slack doesn't tell me your groups right now.".to_owned(),
            typed: Box::new(request_form().typed),
        },
        FormView::Request(Box::new(request_form())),
        FormView::Request(Box::new(empty)),
        short(Button::Deny, 5),
        short(Button::ApproveForLess, 0),
        short(Button::Revoke, 5),
        short(Button::Review, 0),
        short(Button::Attest, 5),
        short(Button::Describe, 1),
        FormView::Details {
            request: boxed(),
            lists: lists(),
        },
    ]
}
