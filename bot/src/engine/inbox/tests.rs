use breakglass_core::id::Platform;
use breakglass_core::intent::{Act, Button, Reply, Sender};

use super::*;
use crate::telemetry::LogForm;
use crate::telemetry::tests::lines;

fn intent(act: Act) -> Intent {
    Intent {
        replay_key: "1".to_owned(),
        sender: Sender {
            platform: Platform::Slack,
            account: "U01MAYA".to_owned(),
            workspace: "T1".to_owned(),
        },
        channel: None,
        reply: Reply::default(),
        act,
    }
}

#[test]
fn no_two_holds_end_in_the_same_millisecond() {
    let arrivals = Arrivals::default();
    let now = Timestamp::from_millis(1_000);
    let ends = [now, now, Timestamp::from_millis(1_001)].map(|now| arrivals.hold(now));
    assert_eq!(
        ends.map(|end| end.millis_since(now)),
        [60_000, 60_001, 60_002]
    );
}

#[test]
fn each_line_of_an_act_has_the_request_that_it_names() {
    let press = Act::Press {
        button: Button::Approve,
        request: RequestId::new(7),
        digest: String::new(),
    };
    for (act, found) in [
        (press, None),
        (Act::Withdraw(Some(RequestId::new(7))), None),
        (Act::Withdraw(None), Some(7)),
        (
            Act::Lockdown {
                reason: None,
                revoke_all: false,
            },
            None,
        ),
    ] {
        let expected = act.request().map_or(found, |_| Some(7));
        let intent = intent(act);
        for form in [LogForm::Human, LogForm::Json] {
            let text = lines(form, "info", || {
                span(&intent).in_scope(|| {
                    if let Some(id) = found {
                        meant(&intent, RequestId::new(id));
                    }
                    tracing::info!("worked on it");
                });
            });
            assert_eq!(
                text.matches("BG-7").count(),
                usize::from(expected.is_some()),
                "{text}"
            );
        }
    }
}
