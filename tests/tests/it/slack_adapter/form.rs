//! The request form: opened, filled with the app's help, sent off.

use breakglass_core::intent::{Act, Intent, Typed};
use breakglass_core::notice::{Choice, Field, FieldFault, FormView, RequestForm};
use breakglass_core::port::chat::Chat as _;
use breakglass_core::time::Length;
use breakglass_sandbox::Submitted;
use serde_json::json;

use super::office::{BO, MAYA, Office};
use crate::desk::Mood;

/// Maya opens the form; what she asked and the open modal.
async fn opened(office: &Office, typed: Typed) -> (Intent, String) {
    office.slash(MAYA, "").await;
    let asked = office.desk.nth(1).await;
    assert_eq!(asked.act, Act::OpenForm(Typed::default()));
    let view = office
        .chat
        .open_form(&asked.reply, &form(typed))
        .await
        .unwrap();
    (asked, view)
}

fn complete() -> Typed {
    Typed {
        target: Some("orders-db".to_owned()),
        role: Some("admin".to_owned()),
        severity: Some(1),
        why: "replication slot stuck".to_owned(),
        ..Typed::default()
    }
}

fn form(typed: Typed) -> FormView {
    let role = typed.role.is_some().then(|| choice("admin"));
    FormView::Request(Box::new(RequestForm {
        target: typed.target.is_some().then(|| choice("orders-db")),
        role,
        role_note: None,
        durations: [15, 30].map(Length::from_mins).to_vec(),
        duration: Length::from_mins(15),
        longest: None,
        incident_required: false,
        on_behalf: true,
        justification_chars: (20, 500),
        preview: None,
        faults: Vec::new(),
        typed,
    }))
}

fn choice(value: &str) -> Choice {
    Choice {
        value: value.to_owned(),
        label: value.to_owned(),
    }
}

#[tokio::test]
async fn the_app_helps_to_fill_it() {
    let office = Office::open().await;
    let (asked, view) = opened(&office, Typed::default()).await;
    *office.desk.choices.lock().unwrap() = vec![choice("orders-db"), choice("orders-dwh")];
    let offered = office
        .sandbox
        .options(MAYA, &view, "Target", "ord")
        .await
        .unwrap();
    assert_eq!(offered.len(), 2);
    office
        .sandbox
        .enter(MAYA, &view, "Why?", json!("slot stuck"))
        .await
        .unwrap();
    office
        .sandbox
        .enter(MAYA, &view, "Target", json!("orders-db"))
        .await
        .unwrap();
    let changed = office.desk.nth(2).await;
    assert_eq!(changed.reply.view.as_deref(), Some(view.as_str()));
    let Act::OpenForm(typed) = changed.act else {
        panic!("{:?}", changed.act);
    };
    assert_eq!(typed.target.as_deref(), Some("orders-db"));
    assert_eq!(typed.why, "slot stuck");
    office
        .chat
        .update_form(&view, &asked.reply, &form(typed))
        .await
        .unwrap();
    office
        .sandbox
        .options(MAYA, &view, "Role", "adm")
        .await
        .unwrap();
    let (field, query, about) = office.desk.asked.lock().unwrap().last().cloned().unwrap();
    assert_eq!((field, query.as_str()), (Field::Role, "adm"));
    assert_eq!(about.target.as_deref(), Some("orders-db"));
}

#[tokio::test]
async fn it_shows_faults_at_their_fields_until_there_are_none() {
    let office = Office::open().await;
    let (asked, view) = opened(
        &office,
        Typed {
            severity: None,
            ..complete()
        },
    )
    .await;
    *office.desk.faults.lock().unwrap() = vec![FieldFault {
        field: Field::Why,
        message: "needs 20 characters, you gave 10".to_owned(),
    }];
    let values = json!({ "Severity": "1", "For whom": BO, "Why?": "slot stuck" });
    let sent = office
        .sandbox
        .submit_view(MAYA, &view, values)
        .await
        .unwrap();
    let Submitted::Errors(errors) = sent else {
        panic!("{sent:?}");
    };
    assert_eq!(errors["why"], "needs 20 characters, you gave 10");

    office.desk.faults.lock().unwrap().clear();
    let values = json!({ "Why?": "replication slot stuck" });
    let sent = office
        .sandbox
        .submit_view(MAYA, &view, values)
        .await
        .unwrap();
    assert!(matches!(sent, Submitted::Closed), "{sent:?}");
    let last = office.desk.taken().pop().unwrap();
    let expected = Typed {
        duration: Some(Length::from_mins(15)),
        beneficiary: Some(BO.to_owned()),
        ..complete()
    };
    assert_eq!(last.act, Act::Ask(expected));
    // It is answered where the form was asked for.
    assert_eq!(last.reply.url, asked.reply.url);
}

#[tokio::test]
async fn it_stays_open_when_it_could_not_be_written_down() {
    let office = Office::open().await;
    let (_, view) = opened(&office, complete()).await;
    office.desk.is(Mood::CannotWrite);
    let sent = office
        .sandbox
        .submit_view(MAYA, &view, json!({}))
        .await
        .unwrap();
    let Submitted::Errors(errors) = sent else {
        panic!("{sent:?}");
    };
    assert!(
        errors["why"].contains("I couldn't record that"),
        "{errors:?}"
    );
    office.desk.is(Mood::Good);
    office
        .sandbox
        .submit_view(MAYA, &view, json!({}))
        .await
        .unwrap();
    assert_eq!(office.desk.taken().len(), 2);
}
