//! Somebody rewrites the log, in every way we could think of.

use serde_json::json;

use super::head;
use crate::log::{Audit, Frontier, Head, Report, Tampering, TreeHash, canonical};

#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    seq: u64,
    bytes: Vec<u8>,
    kept: Vec<TreeHash>,
}

#[derive(Debug, Clone)]
struct Log {
    rows: Vec<Row>,
    heads: Vec<Head>,
}

impl Log {
    fn newest(&self) -> &Head {
        self.heads.last().unwrap()
    }

    /// What somebody without the key does after changing a record: makes every hash fit again.
    fn hash_again(&mut self) {
        let mut frontier = Frontier::new();
        for row in &mut self.rows {
            row.kept = frontier.append(TreeHash::of_leaf(&row.bytes));
        }
    }

    fn audit(&self, older: &[Head]) -> Result<Report, Tampering> {
        let mut audit = Audit::new(self.newest(), older)?;
        for row in &self.rows {
            audit.record(row.seq, &row.bytes, &row.kept)?;
        }
        audit.finish()
    }
}

fn record(seq: u64, what: &str) -> Vec<u8> {
    canonical(&json!({"v": 1, "seq": seq, "type": "thing_done", "what": what})).unwrap()
}

/// A log of this many records; `heads[n]` is the head at size `n`.
fn log(size: u64) -> Log {
    let mut frontier = Frontier::new();
    let mut log = Log {
        rows: Vec::new(),
        heads: vec![head(&frontier)],
    };
    for seq in 1..=size {
        let bytes = record(seq, "right");
        let kept = frontier.append(TreeHash::of_leaf(&bytes));
        log.rows.push(Row { seq, bytes, kept });
        log.heads.push(head(&frontier));
    }
    log
}

#[test]
fn a_whole_log_is_found_whole_with_all_its_older_checkpoints() {
    for size in 0..20 {
        let log = log(size);
        let report = log.audit(&log.heads).unwrap();
        assert_eq!(report.records, size);
        assert_eq!(report.root, log.newest().root);
        assert_eq!(report.extends, (0..size).collect::<Vec<_>>());
    }
}

#[test]
fn every_flipped_bit_is_found_at_its_record() {
    let log = log(9);
    for at in 0..log.rows.len() {
        for byte in 0..log.rows[at].bytes.len() {
            for bit in 0..8 {
                let mut changed = log.clone();
                changed.rows[at].bytes[byte] ^= 1 << bit;
                let seq = changed.rows[at].seq;
                assert_eq!(changed.audit(&[]), Err(Tampering::Changed { seq }));
            }
        }
    }
}

#[test]
fn every_flipped_bit_of_a_kept_hash_is_found_at_its_record() {
    let log = log(9);
    for at in 0..log.rows.len() {
        for node in 0..log.rows[at].kept.len() {
            for byte in 0..32 {
                let mut changed = log.clone();
                let mut bytes = *changed.rows[at].kept[node].as_bytes();
                bytes[byte] ^= 1;
                changed.rows[at].kept[node] = bytes.into();
                let seq = changed.rows[at].seq;
                assert_eq!(changed.audit(&[]), Err(Tampering::Changed { seq }));
            }
        }
    }
}

#[test]
fn a_record_rewritten_with_all_hashes_made_to_fit_is_found_between_checkpoints() {
    let mut log = log(9);
    log.rows[5].bytes = record(6, "wrong");
    log.hash_again();
    assert_eq!(
        log.audit(&[]),
        Err(Tampering::Rewritten { first: 1, last: 9 })
    );
    let older = [log.heads[4].clone(), log.heads[7].clone()];
    assert_eq!(
        log.audit(&older),
        Err(Tampering::Rewritten { first: 5, last: 7 })
    );
}

#[test]
fn a_dropped_record_is_found() {
    for at in 0..9 {
        let mut log = log(9);
        log.rows.remove(at);
        assert_eq!(
            log.audit(&[]),
            Err(Tampering::Missing { seq: at as u64 + 1 })
        );
    }
}

#[test]
fn swapped_records_are_found() {
    let mut log = log(9);
    log.rows.swap(3, 4);
    assert_eq!(log.audit(&[]), Err(Tampering::Missing { seq: 4 }));
    // And with their numbers and hashes made to fit:
    log.rows[3].seq = 4;
    log.rows[4].seq = 5;
    log.hash_again();
    assert!(matches!(
        log.audit(&[]),
        Err(Tampering::Malformed { seq: 4, .. })
    ));
}

#[test]
fn an_inserted_record_is_found() {
    let mut log = log(9);
    let mut extra = log.rows[4].clone();
    extra.bytes = record(5, "approved");
    log.rows.insert(4, extra);
    log.hash_again();
    assert_eq!(log.audit(&[]), Err(Tampering::Missing { seq: 6 }));
}

#[test]
fn a_record_appended_without_the_key_is_found() {
    let mut log = log(9);
    log.rows.push(Row {
        seq: 10,
        bytes: record(10, "approved"),
        kept: Vec::new(),
    });
    log.hash_again();
    assert_eq!(log.audit(&[]), Err(Tampering::Added { seq: 10, size: 9 }));
}

#[test]
fn a_cut_log_is_found_with_an_older_checkpoint() {
    let mut log = log(9);
    let newest = log.newest().clone();
    log.rows.truncate(6);
    assert_eq!(log.audit(&[]), Err(Tampering::Missing { seq: 7 }));
    // With the signed head of that time put back, only a newer checkpoint shows it.
    log.heads.truncate(7);
    log.audit(&[]).unwrap();
    assert_eq!(
        log.audit(&[newest]),
        Err(Tampering::Cut { size: 6, older: 9 })
    );
}

#[test]
fn a_fork_is_found() {
    let log = log(9);
    let mut other = log.heads[9].clone();
    other.root = TreeHash::of_leaf(b"another history");
    assert_eq!(log.audit(&[other]), Err(Tampering::Forked { size: 9 }));
    let mut other = log.heads[0].clone();
    other.root = TreeHash::of_leaf(b"another beginning");
    assert_eq!(log.audit(&[other]), Err(Tampering::Forked { size: 0 }));
}

#[test]
fn a_record_that_we_would_not_write_is_found_even_when_it_is_signed() {
    for bytes in [
        br#"{"v":1, "seq":1}"#.to_vec(),
        b"{\"seq\":2,\"v\":1}".to_vec(),
        b"{\"v\":1}".to_vec(),
        b"not json".to_vec(),
        b"{\"seq\":1,\"seq\":1}".to_vec(),
    ] {
        let mut frontier = Frontier::new();
        let kept = frontier.append(TreeHash::of_leaf(&bytes));
        let log = Log {
            rows: vec![Row {
                seq: 1,
                bytes,
                kept,
            }],
            heads: vec![head(&frontier)],
        };
        assert!(
            matches!(log.audit(&[]), Err(Tampering::Malformed { seq: 1, .. })),
            "{log:?}"
        );
    }
}
