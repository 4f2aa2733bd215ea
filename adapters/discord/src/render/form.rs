//! Modals: the request form, and the short forms that buttons open.
//!
//! Their fields are texts to type: serenity's gateway drops what was picked in a select of a modal, without a word. What
//! has no field travels in the modal's own name.

use breakglass_core::intent::{Button, Typed};
use breakglass_core::notice::{Field, FormView, RequestForm, RequestView};
use breakglass_core::picture::{fit, inert, words};
use breakglass_core::time::Length;
use serde_json::{Value, json};

use super::{Frame, custom_id};

/// Characters of a modal's title, and of a field's label.
const TITLE_MAX: usize = 45;
const LABEL_MAX: usize = 45;
/// Characters of what stands in an empty field.
const PLACEHOLDER_MAX: usize = 100;
/// Fields of a modal.
const FIELDS_MAX: usize = 5;
/// What is asked for.
const ACCESS: [Field; 2] = [Field::Target, Field::Role];
/// Characters of a reason or a note; more than are kept aren't taken.
const TEXT_MAX: usize = 2000;
/// Characters of a short field.
const SHORT_MAX: usize = 100;

/// A form as a modal; nothing for views that are only shown.
pub(crate) fn modal(frame: &Frame, form: &FormView) -> Option<Value> {
    match form {
        FormView::Request(form) => Some(request(frame, form)),
        FormView::Short {
            button,
            request,
            durations,
            text_min,
        } => Some(short(frame, *button, request, (durations, *text_min))),
        FormView::Loading | FormView::Failed { .. } | FormView::Details { .. } => None,
    }
}

/// A text field.
struct Input {
    field: Field,
    label: String,
    placeholder: String,
    value: String,
    required: bool,
    long: bool,
    max: usize,
}

impl Input {
    fn short(field: Field, label: &str, value: Option<String>) -> Self {
        Self {
            field,
            label: label.to_owned(),
            placeholder: String::new(),
            value: value.unwrap_or_default(),
            required: true,
            long: false,
            max: SHORT_MAX,
        }
    }

    fn draw(&self, min: u16) -> Value {
        let mut input = json!({
            "type": 4,
            "custom_id": self.field.as_str(),
            "style": if self.long { 2 } else { 1 },
            "label": fit(&inert(&self.label), LABEL_MAX),
            "required": self.required,
            "max_length": self.max,
        });
        if min > 0 {
            input["min_length"] = json!(min);
        }
        if !self.placeholder.is_empty() {
            input["placeholder"] = json!(fit(&inert(&self.placeholder), PLACEHOLDER_MAX));
        }
        let value = fit(&self.value, self.max);
        if !value.is_empty() {
            input["value"] = json!(value);
        }
        json!({ "type": 1, "components": [input] })
    }
}

fn draw(frame: &Frame, title: &str, custom_id: &str, inputs: &[Value]) -> Value {
    json!({
        "title": fit(&inert(&frame.mark(title)), TITLE_MAX),
        "custom_id": custom_id,
        "components": inputs,
    })
}

/// The request form: what is missing or wrong, the why, and what is likeliest to be changed; the rest is remembered.
fn request(frame: &Frame, form: &RequestForm) -> Value {
    let typed = Typed {
        target: form.target.as_ref().map(|target| target.value.clone()),
        role: form.role.as_ref().map(|role| role.value.clone()),
        duration: Some(form.duration),
        ..form.typed.clone()
    };
    let wrong = |field| form.faults.iter().any(|fault| fault.field == field);
    let unclear = typed.target.is_none() || typed.role.is_none();
    let access: &[Field] = if unclear || wrong(Field::Target) || wrong(Field::Role) {
        &ACCESS
    } else {
        &[]
    };
    let mut shown = fields(form, &typed, access);
    let mut custom_id = custom_id::request(&remembered(&typed, &shown));
    if custom_id.is_none() {
        // Names too long to travel unseen get their fields.
        shown = fields(form, &typed, &ACCESS);
        custom_id = custom_id::request(&remembered(&typed, &shown));
    }
    let custom_id = custom_id.unwrap_or_else(|| custom_id::NOTHING.to_owned());
    let inputs: Vec<Value> = shown
        .iter()
        .map(|field| input(*field, form, &typed).draw(0))
        .collect();
    let title = match (&typed.target, &typed.role) {
        (Some(target), Some(role)) if access.is_empty() => format!("{role} on {target}"),
        _ => "Break-glass access".to_owned(),
    };
    draw(frame, &title, &custom_id, &inputs)
}

/// Which fields are shown, in their usual order: those that can't travel unseen first of all.
fn fields(form: &RequestForm, typed: &Typed, access: &[Field]) -> Vec<Field> {
    let wrong = |field| form.faults.iter().any(|fault| fault.field == field);
    let needed = [
        (Field::Target, access.contains(&Field::Target)),
        (Field::Role, access.contains(&Field::Role)),
        (Field::Beneficiary, wrong(Field::Beneficiary)),
        (Field::Why, true),
        (
            Field::Incident,
            form.incident_required || typed.incident.is_some(),
        ),
        (Field::Duration, true),
        (Field::Severity, true),
        (Field::Incident, true),
    ];
    let mut shown: Vec<Field> = Vec::new();
    for (field, needed) in needed {
        if needed && shown.len() < FIELDS_MAX && !shown.contains(&field) {
            shown.push(field);
        }
    }
    shown.sort_unstable();
    shown
}

/// What travels unseen: all that was typed and has no field.
fn remembered(typed: &Typed, shown: &[Field]) -> Typed {
    let unseen = |field| !shown.contains(&field);
    Typed {
        target: typed.target.clone().filter(|_| unseen(Field::Target)),
        role: typed.role.clone().filter(|_| unseen(Field::Role)),
        duration: typed.duration.filter(|_| unseen(Field::Duration)),
        severity: typed.severity.filter(|_| unseen(Field::Severity)),
        beneficiary: typed
            .beneficiary
            .clone()
            .filter(|_| unseen(Field::Beneficiary)),
        again: typed.again,
        ..Typed::default()
    }
}

fn input(field: Field, form: &RequestForm, typed: &Typed) -> Input {
    match field {
        Field::Target => Input {
            placeholder: "orders-db".to_owned(),
            ..Input::short(
                field,
                "Target",
                typed.target.clone().or_else(|| form.typed.target.clone()),
            )
        },
        Field::Role => Input {
            placeholder: "admin".to_owned(),
            ..Input::short(
                field,
                "Role",
                typed.role.clone().or_else(|| form.typed.role.clone()),
            )
        },
        Field::Duration => {
            let most = form.longest.map(|longest| format!(" At most {longest}"));
            let label = format!("For how long?{}", most.unwrap_or_default());
            Input {
                placeholder: "30m, 1h30m".to_owned(),
                ..Input::short(field, &label, Some(form.duration.to_string()))
            }
        }
        Field::Severity => Input {
            placeholder: "1 is worst, 5 is least".to_owned(),
            required: false,
            ..Input::short(
                field,
                "Severity, 1 to 5",
                typed.severity.map(|level| level.to_string()),
            )
        },
        Field::Incident => Input {
            placeholder: "INC-2231, or a link".to_owned(),
            required: form.incident_required,
            ..Input::short(field, "Incident", typed.incident.clone())
        },
        Field::Beneficiary => Input {
            placeholder: "empty: for yourself".to_owned(),
            required: false,
            ..Input::short(field, "For whom", typed.beneficiary.clone())
        },
        Field::Why | Field::Text | Field::Finding => why(form, typed),
    }
}

fn why(form: &RequestForm, typed: &Typed) -> Input {
    let (least, most) = form.justification_chars;
    // The least length isn't Discord's to check: our own fault tells how many characters there are.
    Input {
        field: Field::Why,
        label: format!("Why? {least}-{most} characters"),
        placeholder: "Shown to approvers, kept in the log. No secrets or customer data.".to_owned(),
        value: typed.why.clone(),
        required: true,
        long: true,
        max: (usize::from(most) * 2).clamp(1, TEXT_MAX * 2),
    }
}

/// How a short form asks: its title, the text's label, and where it goes.
const fn asks(button: Button) -> (&'static str, &'static str, &'static str) {
    match button {
        Button::Deny => (
            "Deny",
            "Why not?",
            "The requester reads this, and the log keeps it.",
        ),
        Button::Revoke => (
            "Revoke",
            "Why?",
            "The holder reads this, and the log keeps it.",
        ),
        Button::ApproveForLess => (
            "Approve for less",
            "A word to the requester",
            "Kept in the log.",
        ),
        Button::Review => ("Review", "Note", "Kept in the log. It can't be changed."),
        Button::Attest => (
            "Removed by hand",
            "How?",
            "Kept in the log, with your name. The target is still tried.",
        ),
        Button::Describe => (
            "What did you do?",
            "Two lines for the review",
            "Kept in the log. No secrets or customer data.",
        ),
        Button::Approve
        | Button::Details
        | Button::BreakTheGlass
        | Button::AskForApproval
        | Button::Edit
        | Button::Cancel
        | Button::EndNow
        | Button::Withdraw
        | Button::AskAgain => (button.label(), "Text", "Kept in the log."),
    }
}

fn short(
    frame: &Frame,
    button: Button,
    request: &RequestView,
    (durations, text_min): (&[Length], u16),
) -> Value {
    let (title, label, hint) = asks(button);
    let mut inputs = Vec::new();
    if button == Button::ApproveForLess {
        let offered: Vec<String> = durations.iter().map(ToString::to_string).collect();
        let longest = durations.iter().copied().max();
        let input = Input {
            placeholder: offered.join(", "),
            ..Input::short(
                Field::Duration,
                &format!("For how long? Asked: {}", request.duration),
                longest.map(|length| length.to_string()),
            )
        };
        inputs.push(input.draw(1));
    }
    if button == Button::Review {
        let input = Input {
            placeholder: "justified".to_owned(),
            ..Input::short(
                Field::Finding,
                "justified, drill, avoidable or misuse?",
                None,
            )
        };
        inputs.push(input.draw(1));
    }
    let text = Input {
        field: Field::Text,
        label: label.to_owned(),
        placeholder: hint.to_owned(),
        value: String::new(),
        required: text_min > 0 || button == Button::Describe,
        long: true,
        max: TEXT_MAX,
    };
    inputs.push(text.draw(text_min));
    let title = format!("{title} {}: {}", request.id, words::access(request));
    let custom_id = custom_id::short(button, request.id, &request.digest);
    draw(frame, &title, &custom_id, &inputs)
}
