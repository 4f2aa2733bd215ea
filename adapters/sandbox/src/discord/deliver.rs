//! Takes an interaction to the app, over the gateway or HTTP, and brings its first answer back.

pub(super) mod http;

use std::sync::Arc;

use serde_json::Value;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

use super::Hall;
use super::act::{Answer, Answered};
use super::gateway::Event;
use super::interaction::Interaction;
use super::options::Delivery;
use super::state::State;
use crate::ack::Undelivered;
use crate::act::ActError;

/// An interaction on its way to the app.
#[derive(Debug)]
pub(super) struct Parcel {
    id: String,
    token: String,
    payload: Value,
    answer: oneshot::Receiver<Answer>,
}

impl State {
    /// Wraps up an interaction, with what is particular to its kind in `data`.
    pub(super) fn wrap(
        &mut self,
        interaction: Interaction,
        data: &Value,
        answer: oneshot::Receiver<Answer>,
    ) -> Parcel {
        let mut payload = self.interaction_json(&interaction, data);
        if let Some(changes) = self.mischief.doctored.take() {
            merge(&mut payload, changes);
        }
        let parcel = Parcel {
            id: interaction.id.clone(),
            token: interaction.token.clone(),
            payload,
            answer,
        };
        self.interactions
            .insert(interaction.id.clone(), interaction);
        parcel
    }
}

/// Puts what is in `changes` over what is in `value`.
fn merge(value: &mut Value, changes: Value) {
    match (value, changes) {
        (Value::Object(fields), Value::Object(changes)) => {
            for (key, change) in changes {
                merge(fields.entry(key).or_insert(Value::Null), change);
            }
        }
        (value, change) => *value = change,
    }
}

/// Delivers `parcel` and waits for the first answer, no longer than an app is given.
pub(super) async fn deliver(hall: &Arc<Hall>, parcel: Parcel) -> Result<Answered, ActError> {
    let started = Instant::now();
    let (is_lost, is_doubled, delay) = hall.change(|state| {
        let mischief = &mut state.mischief;
        (
            mischief.take_lost(),
            mischief.take_doubled(),
            mischief.answer_delay,
        )
    });
    let exchange = async {
        if is_lost {
            std::future::pending::<()>().await;
        }
        let copies = 1 + usize::from(is_doubled);
        let answer = match &hall.options.delivery {
            Delivery::Gateway => over_the_gateway(hall, parcel, copies).await,
            Delivery::Http { url } => http::exchange(hall, url, parcel, copies).await,
        }?;
        tokio::time::sleep(delay).await;
        Ok::<_, ActError>(answer)
    };
    let answer = timeout(hall.options.answer_within, exchange).await;
    let answer = answer.map_err(|_| ActError::from(Undelivered::TimedOut))??;
    let took = started.elapsed();
    Ok(Answered { answer, took })
}

async fn over_the_gateway(hall: &Hall, parcel: Parcel, copies: usize) -> Result<Answer, ActError> {
    hall.change(|state| {
        if state.sessions.is_empty() {
            return Err(Undelivered::NotConnected);
        }
        for _ in 0..copies {
            state.tell(Event::InteractionCreate, &parcel.payload);
        }
        Ok(())
    })?;
    parcel
        .answer
        .await
        .map_err(|_| Undelivered::ConnectionLost.into())
}
