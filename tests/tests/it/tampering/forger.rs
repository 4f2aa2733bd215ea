//! What somebody who owns the database can write into it: everything, with every hash right, but no signature.

use std::fmt::Write as _;

use breakglass_core::deadline::deadlines;
use breakglass_core::event::{Approval, Approved, Event, Record};
use breakglass_core::id::{PersonId, RequestId};
use breakglass_core::log::{Frontier, Head, SigningKey, TreeHash, canonical};
use breakglass_core::state::State;
use breakglass_core::time::Length;
use serde_json::json;

use crate::company::{Company, ORIGIN};

/// The one request that there is.
const REQUEST: RequestId = RequestId::new(1);

/// The second approval, and all that would follow from it, as statements.
pub(super) struct Forged {
    /// The records.
    pub(super) events: String,
    /// A head over them, signed by another key.
    pub(super) head: String,
    /// The request, as they leave it.
    pub(super) request: String,
    /// The holding, as they leave it.
    pub(super) holding: String,
    /// What would make the target be called.
    pub(super) effect: String,
}

impl Forged {
    pub(super) async fn of(company: &Company) -> Self {
        let records = company.records().await;
        let mut state = State::default();
        let mut frontier = Frontier::new();
        for record in &records {
            state.apply(record);
            frontier.append(TreeHash::of_leaf(&canonical(record).unwrap()));
        }
        let mut events = String::new();
        for record in made_up(&records) {
            let bytes = canonical(&record).unwrap();
            let kept = frontier.append(TreeHash::of_leaf(&bytes));
            let nodes: Vec<u8> = kept.iter().flat_map(|node| *node.as_bytes()).collect();
            state.apply(&record);
            let (bytes, nodes) = (company.kept.blob(&bytes), company.kept.blob(&nodes));
            let (seq, at) = (record.seq, record.at.millis());
            write!(
                events,
                "INSERT INTO event (seq, bytes, nodes, request, at) VALUES ({seq}, {bytes}, {nodes}, 1, {at});"
            )
            .unwrap();
        }
        Self {
            events,
            head: head(company, &frontier),
            request: request(company, &state, frontier.size()),
            holding: holding(company, &state, frontier.size()),
            effect: effect(&state, frontier.size()),
        }
    }
}

/// Inês's approval, after Bo's, and the decision that it makes.
fn made_up(records: &[Record]) -> Vec<Record> {
    let of_bo = records
        .iter()
        .rfind(|record| record.event.name() == "approval_given");
    let of_bo = of_bo.expect("Bo has approved");
    let Event::ApprovalGiven { approval } = &of_bo.event else {
        panic!("an approval")
    };
    let of_ines = Approval {
        person: PersonId::new("ines").unwrap(),
        ..approval.clone()
    };
    let approved = Approved {
        lease: Length::from_mins(2),
        provision_by: of_bo.at.plus(Length::from_mins(1)),
        end_by: of_bo.at.plus(Length::from_mins(3)),
        filled: vec![(approval.person.clone(), 0), (of_ines.person.clone(), 1)],
        facts: breakglass_core::fact::Facts::default(),
    };
    let seq = records.last().expect("a record").seq;
    let record = |seq, event| Record {
        seq,
        event,
        ..of_bo.clone()
    };
    vec![
        record(seq + 1, Event::ApprovalGiven { approval: of_ines }),
        record(seq + 2, Event::Approved(Box::new(approved))),
    ]
}

fn head(company: &Company, frontier: &Frontier) -> String {
    let head = Head {
        origin: ORIGIN.to_owned(),
        size: frontier.size(),
        root: frontier.root(),
    };
    let note = head
        .sign(&SigningKey::from_seed(ORIGIN, [9; 32]).unwrap())
        .unwrap();
    let edge = company.kept.blob(&frontier.to_bytes());
    format!(
        "UPDATE head SET size = {}, note = '{note}', frontier = {edge};",
        head.size
    )
}

fn request(company: &Company, state: &State, as_of: u64) -> String {
    let request = &state.requests[&REQUEST];
    let body = serde_json::to_string(request).unwrap().replace('\'', "''");
    let seal = company.kept.blob(&[7; 32]);
    let (version, phase) = (request.version, request.phase_name());
    let mut sql = format!(
        "UPDATE request SET version = {version}, as_of = {as_of}, seal = {seal}, phase = '{phase}', body = '{body}'; \
         DELETE FROM deadline;"
    );
    for (kind, at) in deadlines(request) {
        let (kind, at) = (kind.name(), at.millis());
        write!(
            sql,
            "INSERT INTO deadline (request, kind, at) VALUES (1, '{kind}', {at});"
        )
        .unwrap();
    }
    sql
}

fn holding(company: &Company, state: &State, as_of: u64) -> String {
    let (id, holding) = state.holdings.iter().next().expect("a holding");
    let key = json!([id.provisioner, id.account, id.entitlement]);
    let body = serde_json::to_string(holding).unwrap();
    let seal = company.kept.blob(&[7; 32]);
    format!(
        "INSERT INTO holding (key, version, as_of, open, seal, body) \
         VALUES ('{key}', {}, {as_of}, true, {seal}, '{body}');",
        holding.version
    )
}

fn effect(state: &State, seq: u64) -> String {
    let id = state.holdings.keys().next().expect("a holding");
    let key = json!([id.provisioner, id.account, id.entitlement]);
    let body = json!({ "effect": { "effect": "converge", "holding": id }, "index": 0 });
    format!(
        "INSERT INTO outbox (key, platform, body, seq, wanted, due_at, attempts, claimed_until, fence) \
         VALUES ('converge:{key}', '', '{body}', {seq}, {seq}, 0, 0, 0, 0);"
    )
}
