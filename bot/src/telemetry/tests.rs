use std::io::Write;
use std::sync::{Arc, Mutex};

use super::*;

/// A place for lines that a test can read.
#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What is logged while `act` runs.
pub(crate) fn lines(form: LogForm, filter: &str, act: impl FnOnce()) -> String {
    let page = Page::default();
    let writer = page.clone();
    let subscriber = subscriber(form, &filter.parse().unwrap(), move || writer.clone()).unwrap();
    tracing::subscriber::with_default(subscriber, act);
    let bytes = page.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

fn work_on_a_request() {
    let request = tracing::info_span!("request", request = %"BG-4821");
    let _in_request = request.enter();
    let call = tracing::info_span!("call", target_id = "orders-db");
    let _in_call = call.enter();
    tracing::info!(tries = 3, "asked the \"target\"\nagain");
}

#[test]
fn a_json_line_has_the_request_as_a_field() {
    let text = lines(LogForm::Json, "info", work_on_a_request);
    assert_eq!(text.lines().count(), 1);
    let line: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(line["request"], "BG-4821");
    assert_eq!(line["target_id"], "orders-db");
    assert_eq!(line["tries"], 3);
    assert_eq!(line["level"], "info");
    assert_eq!(line["message"], "asked the \"target\"\nagain");
    assert!(line["at"].as_str().unwrap().ends_with('Z'));
}

#[test]
fn a_human_line_has_the_request_too() {
    let text = lines(LogForm::Human, "info", work_on_a_request);
    assert!(text.contains("request=BG-4821"), "{text}");
}

#[test]
fn a_field_recorded_later_is_there() {
    let text = lines(LogForm::Json, "info", || {
        let span = tracing::info_span!("request", request = tracing::field::Empty);
        span.record("request", "BG-1");
        span.in_scope(|| tracing::warn!("late"));
    });
    assert!(text.contains("\"request\":\"BG-1\""), "{text}");
}

#[test]
fn libraries_cant_be_made_to_tell_payloads() {
    let loudest = "trace,slack_morphism::socket_mode=trace,hyper=trace";
    let text = lines(LogForm::Human, loudest, || {
        tracing::warn!(target: "slack_morphism::socket_mode", "xoxb-canary");
        tracing::info!(target: "serenity::gateway", "interaction-canary");
        tracing::debug!(target: "sqlx::query", "password-canary");
        tracing::info!(target: "hyper::proto", "header-canary");
        tracing::info!(target: "breakglassy", "stranger-canary");
        tracing::error!(target: "slack_morphism", "wss://host/?ticket=canary");
        tracing::error!(target: "sqlx::pool", "an error is told");
        tracing::warn!(target: "hyper", "a warning is told");
        tracing::trace!(target: "breakglass_store::append", "ours is told");
    });
    assert!(!text.contains("canary"), "{text}");
    assert_eq!(text.lines().count(), 3, "{text}");
}

#[test]
fn the_filter_is_strict_about_its_grammar() {
    assert!("info,breakglass=debug".parse::<LogFilter>().is_ok());
    assert!("info,breakglass=loud".parse::<LogFilter>().is_err());
}
