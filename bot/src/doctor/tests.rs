use super::*;

#[tokio::test(start_paused = true)]
async fn a_part_that_never_answers_is_a_failure_and_delays_no_other() {
    let examined = examine(vec![
        Examination::new("slack", std::future::pending()),
        Examination::new("store", async { vec![Finding::ok("migrated")] }),
    ])
    .await;
    let lines: Vec<_> = examined.iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            "[failure] slack: no answer within 20 s\n    -> See whether it is up and can be reached from this machine.",
            "[ok] store: migrated",
        ]
    );
    assert_eq!(worst(&examined), FindingLevel::Failure);
}

#[test]
fn nothing_examined_is_well() {
    assert_eq!(worst(&[]), FindingLevel::Ok);
}
