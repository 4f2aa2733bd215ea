//! The request form.

use breakglass_core::notice::{Choice, Field, FieldFault, RequestForm};
use breakglass_core::picture::Line;
use slack_morphism::blocks::{
    SlackBlock, SlackBlockExternalSelectElement, SlackBlockPlainTextInputElement,
    SlackBlockStaticSelectElement, SlackBlockUsersSelectElement, SlackInputBlock, SlackModalView,
};

use super::super::block::{footer, lines, plain};
use super::super::memo::Memo;
use super::super::{Frame, action, fit};
use super::{
    HINT_MAX, OPTION_MAX, PLACEHOLDER_MAX, TEXT_MAX, durations, field, modal, name, pick, to_send,
};

/// What the worst and the least severity mean beside their number.
const SEVERITIES: [&str; 5] = ["SEV1 (worst)", "SEV2", "SEV3", "SEV4", "SEV5 (least)"];

pub(super) fn view(frame: &Frame, memo: Memo, form: &RequestForm) -> SlackModalView {
    let memo = Memo {
        source: form.typed.source.clone(),
        role: form.typed.role.clone().filter(|_| form.role.is_none()),
        again: form.typed.again,
        ..memo
    };
    let fields = [
        Some((Field::Target, target(form))),
        Some((Field::Role, role(form))),
        Some((Field::Duration, duration(form))),
        Some((Field::Severity, severity(form))),
        Some((Field::Incident, incident(form))),
        beneficiary(form).map(|input| (Field::Beneficiary, input)),
        Some((Field::Why, why(form))),
    ];
    let mut blocks: Vec<SlackBlock> = Vec::new();
    for (field, input) in fields.into_iter().flatten() {
        blocks.push(input.into());
        let at_field = |fault: &&FieldFault| fault.field == field;
        blocks.extend(
            form.faults
                .iter()
                .filter(at_field)
                .map(|fault| shown(frame, fault)),
        );
    }
    let shown_at_none = |fault: &&FieldFault| {
        let for_somebody = fault.field == Field::Beneficiary && beneficiary(form).is_none();
        for_somebody || matches!(fault.field, Field::Text | Field::Finding)
    };
    blocks.extend(
        form.faults
            .iter()
            .filter(shown_at_none)
            .map(|fault| shown(frame, fault)),
    );
    if let Some(preview) = &form.preview {
        let line = Line::new().say("With what you entered: ").words(preview);
        blocks.push(lines(frame, &[line]));
    }
    if form.typed.source.is_some() {
        blocks.push(footer(
            "A link to the message you came from goes with the request.",
        ));
    }
    let view = modal(frame, "Break-glass access", blocks, &memo);
    to_send(view, "Send request", action::REQUEST)
}

fn shown(frame: &Frame, fault: &FieldFault) -> SlackBlock {
    lines(frame, &[Line::new().say("⚠️ ").words(&fault.message)])
}

fn select(
    at: Field,
    chosen: Option<&Choice>,
    placeholder: &str,
) -> SlackBlockExternalSelectElement {
    SlackBlockExternalSelectElement::new()
        .with_action_id(name(at))
        .with_placeholder(plain(placeholder, PLACEHOLDER_MAX))
        .with_min_query_length(0)
        .opt_initial_option(chosen.map(|choice| pick(&choice.value, &choice.label)))
}

fn target(form: &RequestForm) -> SlackInputBlock {
    let select = select(Field::Target, form.target.as_ref(), "Type to search");
    field(Field::Target, "", "Target", select.into())
        .with_hint(plain("Only what you may ask for", HINT_MAX))
        .with_dispatch_action(true)
}

/// Another target's roles are another field.
fn role(form: &RequestForm) -> SlackInputBlock {
    let version = form
        .target
        .as_ref()
        .map(|target| target.value.as_str())
        .unwrap_or_default();
    let placeholder = if version.is_empty() {
        "Choose a target first"
    } else {
        "Choose a role"
    };
    let select = select(Field::Role, form.role.as_ref(), placeholder);
    field(Field::Role, version, "Role", select.into())
        .opt_hint(form.role_note.as_ref().map(|note| plain(note, HINT_MAX)))
        .with_dispatch_action(true)
}

/// Other durations to pick from are another field.
fn duration(form: &RequestForm) -> SlackInputBlock {
    let secs: Vec<String> = form
        .durations
        .iter()
        .map(|d| d.secs().to_string())
        .collect();
    let element = durations(&form.durations, Some(form.duration));
    let hint = form
        .longest
        .map(|longest| plain(&format!("At most {longest}"), HINT_MAX));
    field(Field::Duration, &secs.join("-"), "For how long?", element)
        .opt_hint(hint)
        .with_dispatch_action(true)
}

fn severity(form: &RequestForm) -> SlackInputBlock {
    let item = |(index, label): (usize, &&str)| pick(&(index + 1).to_string(), label);
    let picked = form.typed.severity.and_then(|level| {
        SEVERITIES
            .iter()
            .enumerate()
            .find(|(index, _)| index + 1 == usize::from(level))
    });
    let select = SlackBlockStaticSelectElement::new()
        .with_action_id(name(Field::Severity))
        .with_placeholder(plain("How urgent is it?", PLACEHOLDER_MAX))
        .with_options(SEVERITIES.iter().enumerate().map(item).collect())
        .opt_initial_option(picked.map(item));
    field(Field::Severity, "", "Severity", select.into()).with_dispatch_action(true)
}

fn incident(form: &RequestForm) -> SlackInputBlock {
    let typed = form.typed.incident.as_ref().map(|id| fit(id, OPTION_MAX));
    let input = SlackBlockPlainTextInputElement::new()
        .with_action_id(name(Field::Incident))
        .with_placeholder(plain("INC-2231, or a link", PLACEHOLDER_MAX))
        .opt_initial_value(typed);
    let hint = form
        .incident_required
        .then(|| plain("Required for this target", HINT_MAX));
    field(Field::Incident, "", "Incident", input.into())
        .opt_hint(hint)
        .with_optional(!form.incident_required)
}

/// Only where it may be for somebody else, or was typed so.
fn beneficiary(form: &RequestForm) -> Option<SlackInputBlock> {
    let typed = form.typed.beneficiary.as_deref();
    if !form.on_behalf && typed.is_none() {
        return None;
    }
    let account = typed.filter(|account| {
        account.starts_with(['U', 'W']) && account.chars().all(|c| c.is_ascii_alphanumeric())
    });
    let select = SlackBlockUsersSelectElement::new()
        .with_action_id(name(Field::Beneficiary))
        .with_placeholder(plain("me", PLACEHOLDER_MAX))
        .opt_initial_user(account.map(str::to_owned));
    Some(
        field(Field::Beneficiary, "", "For whom", select.into())
            .with_hint(plain("Empty: for yourself", HINT_MAX))
            .with_optional(true)
            .with_dispatch_action(true),
    )
}

fn why(form: &RequestForm) -> SlackInputBlock {
    let (least, most) = form.justification_chars;
    let most_units = u64::from(most).saturating_mul(2).clamp(1, TEXT_MAX);
    let typed = fit(
        &form.typed.why,
        usize::try_from(most_units).unwrap_or(usize::MAX),
    );
    // The least length isn't Slack's to check: our own fault tells how many characters there are.
    let input = SlackBlockPlainTextInputElement::new()
        .with_action_id(name(Field::Why))
        .with_multiline(true)
        .with_max_length(most_units)
        .with_placeholder(plain(
            &format!("{least}-{most} characters"),
            PLACEHOLDER_MAX,
        ))
        .opt_initial_value(Some(typed).filter(|typed| !typed.is_empty()));
    field(Field::Why, "", "Why?", input.into()).with_hint(plain(
        "Shown to approvers, kept in the log. No secrets or customer data.",
        HINT_MAX,
    ))
}
