use crate::cli::{CommandLine, Parser as _};

fn accepts(line: &str) -> bool {
    CommandLine::try_parse_from(["breakglass", "policy"].into_iter().chain(line.split(' '))).is_ok()
}

#[test]
fn a_question_is_read_as_it_is_asked() {
    for right in [
        "explain --as maya --role orders-db/admin",
        "explain --as tess --for maya --role orders-db/admin --duration 1h30m --severity 1 \
         --incident INC-1 --fact on_call=true --fact open_grants=2 --unknown first_time \
         --unknown group:sre --member sre=bo --at 2026-03-02T02:14:00Z --policy p.toml --json",
        "test a.toml b.toml --policy p.toml",
    ] {
        assert!(accepts(right), "{right}");
    }
    for wrong in [
        "explain --as maya",
        "explain --as Maya --role orders-db/admin",
        "explain --as maya --role orders-db",
        "explain --as maya --role orders-db/admin --severity 6",
        "explain --as maya --role orders-db/admin --duration 30",
        "explain --as maya --role orders-db/admin --fact on_call=perhaps",
        "explain --as maya --role orders-db/admin --fact on_cal=true",
        "explain --as maya --role orders-db/admin --unknown severity",
        "explain --as maya --role orders-db/admin --member sre",
        "explain --as maya --role orders-db/admin --at tomorrow",
        "test",
    ] {
        assert!(!accepts(wrong), "{wrong}");
    }
}
