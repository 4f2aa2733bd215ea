//! Checking the whole database against the signed log, without the key that signs it and without a running server.

mod projection;

use breakglass_core::event::Record;
use breakglass_core::id::RequestId;
use breakglass_core::log::{Audit, Head, Report, Tampering, VerifyingKey};
use breakglass_core::state::State;
use breakglass_core::text::{Text, TextHash};
use sea_orm::{
    AccessMode, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IsolationLevel,
    QueryFilter, QueryOrder, QuerySelect, TransactionOptions, TransactionTrait,
};
use tokio::time::{Instant, sleep};

use crate::database::Database;
use crate::entity::{event, free_text, head, policy};
use crate::error::StoreError;
use crate::nodes;
use crate::number::{from_db, to_db};
use crate::policies::text_of;

/// Records or texts that are read at once: as many as keep others waiting for a few milliseconds.
const ROWS_AT_ONCE: u64 = 200;

/// How much of the database is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// The log, and all that follows from it: every request there ever was is held in memory meanwhile.
    Whole,
    /// The log alone.
    Log,
}

/// What a check of the database found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audited {
    /// The log itself.
    pub log: Result<Report, Tampering>,
    /// What else isn't as the log left it, in words: requests, holdings, the house, policies, texts. Looked for
    /// only where the log is whole.
    pub differs: Vec<String>,
}

impl Audited {
    /// Is everything as it was signed?
    pub const fn is_whole(&self) -> bool {
        self.log.is_ok() && self.differs.is_empty()
    }
}

impl Database {
    /// Checks every record against the signed head and `older` checkpoints, and all that follows from the
    /// records against them. Reads one moment of the database, also while a server writes.
    pub async fn audit(&self, key: &VerifyingKey, older: &[Head]) -> Result<Audited, StoreError> {
        self.audit_to((Depth::Whole, 0), key, older).await
    }

    /// Rests so many times as long as it works.
    pub(crate) async fn audit_to(
        &self,
        (depth, rests): (Depth, u32),
        key: &VerifyingKey,
        older: &[Head],
    ) -> Result<Audited, StoreError> {
        if depth == Depth::Log {
            // Records never change: a long log needs no snapshot, which would keep the database from tidying up for minutes.
            let audited = audit(&self.reader, (depth, rests), key, older).await?;
            return if audited.is_whole() {
                self.audit_end(audited, key).await
            } else {
                Ok(audited)
            };
        }
        let snapshot = self.snapshot().await?;
        let audited = audit(&snapshot, (depth, rests), key, older).await;
        snapshot.rollback().await?;
        audited
    }

    /// Is there a record after the head?
    async fn audit_end(&self, audited: Audited, key: &VerifyingKey) -> Result<Audited, StoreError> {
        let snapshot = self.snapshot().await?;
        let head = open_head(&snapshot, key).await?;
        let size = head.as_ref().map_or(0, |head| head.size);
        let added = some_records(&snapshot, size, 1).await?;
        snapshot.rollback().await?;
        let tampering = match (head, added.first()) {
            (Err(tampering), _) => tampering,
            (Ok(_), Some(row)) => Tampering::Added {
                seq: from_db(row.seq),
                size,
            },
            (Ok(_), None) => return Ok(audited),
        };
        Ok(found(tampering))
    }

    /// The newest signed head, as it is in the database; absent before the first start.
    pub async fn checkpoint(&self) -> Result<Option<String>, StoreError> {
        let row = head::Entity::find_by_id(1_i16).one(&self.reader).await?;
        Ok(row.map(|row| row.note))
    }

    /// The records of a request, in order. Not checked: that is what [`Self::audit`] does.
    pub async fn records_of(&self, id: RequestId) -> Result<Vec<Record>, StoreError> {
        let rows = event::Entity::find()
            .filter(event::Column::Request.eq(to_db(id.number())))
            .order_by_asc(event::Column::Seq)
            .all(&self.reader)
            .await?;
        rows.iter().map(decoded).collect()
    }

    /// At most `most` records after `seq`, in order.
    pub async fn records_after(&self, seq: u64, most: u64) -> Result<Vec<Record>, StoreError> {
        some_records(&self.reader, seq, most)
            .await?
            .iter()
            .map(decoded)
            .collect()
    }

    pub(crate) async fn snapshot(&self) -> Result<DatabaseTransaction, StoreError> {
        // A deferred transaction of SQLite is a snapshot from its first read on; there the options are not known.
        let options = if self.is_postgres() {
            TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                ..TransactionOptions::default()
            }
        } else {
            TransactionOptions::default()
        };
        Ok(self.reader.begin_with_options(options).await?)
    }
}

fn found(tampering: Tampering) -> Audited {
    Audited {
        log: Err(tampering),
        differs: Vec::new(),
    }
}

async fn audit<C: ConnectionTrait>(
    snapshot: &C,
    (depth, rests): (Depth, u32),
    key: &VerifyingKey,
    older: &[Head],
) -> Result<Audited, StoreError> {
    let head = match open_head(snapshot, key).await? {
        Ok(head) => head,
        Err(tampering) => return Ok(found(tampering)),
    };
    let mut audit = match Audit::new(&head, older) {
        Ok(audit) => audit,
        Err(tampering) => return Ok(found(tampering)),
    };
    let mut state = State::default();
    let mut after = 0;
    loop {
        let since = Instant::now();
        let mut rows = some_records(snapshot, after, ROWS_AT_ONCE).await?;
        if depth == Depth::Log {
            // What was written since it began is for the next time.
            rows.retain(|row| from_db(row.seq) <= head.size);
        }
        let Some(last) = rows.last() else { break };
        after = from_db(last.seq);
        for row in &rows {
            let seq = from_db(row.seq);
            let kept = nodes::from_bytes(&row.nodes).unwrap_or_default();
            if let Err(tampering) = audit.record(seq, &row.bytes, &kept) {
                return Ok(found(tampering));
            }
            match decoded(row) {
                Ok(record) if columns_fit(row, &record) => {
                    if depth == Depth::Whole {
                        state.apply(&record);
                    }
                }
                Ok(_) => return Ok(found(Tampering::Changed { seq })),
                Err(_) => {
                    let why = "it is no record of ours".to_owned();
                    return Ok(found(Tampering::Malformed { seq, why }));
                }
            }
        }
        sleep(since.elapsed() * rests).await;
    }
    let report = match audit.finish() {
        Ok(report) => report,
        Err(tampering) => return Ok(found(tampering)),
    };
    let mut differs = Vec::new();
    if depth == Depth::Whole {
        let since = Instant::now();
        differs.extend(projection::differences(snapshot, &state).await?);
        differs.extend(changed_texts(snapshot).await?);
        sleep(since.elapsed() * rests).await;
    }
    Ok(Audited {
        log: Ok(report),
        differs,
    })
}

async fn open_head<C: ConnectionTrait>(
    snapshot: &C,
    key: &VerifyingKey,
) -> Result<Result<Head, Tampering>, StoreError> {
    let missing = || Tampering::Head {
        why: "there is none".to_owned(),
    };
    Ok(match head::Entity::find_by_id(1_i16).one(snapshot).await? {
        Some(row) => Head::open(&row.note, key).map_err(|error| Tampering::Head {
            why: error.to_string(),
        }),
        None => Err(missing()),
    })
}

async fn some_records<C: ConnectionTrait>(
    connection: &C,
    after: u64,
    most: u64,
) -> Result<Vec<event::Model>, StoreError> {
    let rows = event::Entity::find()
        .filter(event::Column::Seq.gt(to_db(after)))
        .order_by_asc(event::Column::Seq)
        .limit(most)
        .all(connection)
        .await?;
    Ok(rows)
}

fn decoded(row: &event::Model) -> Result<Record, StoreError> {
    serde_json::from_slice(&row.bytes).map_err(|_| StoreError::Malformed("a record"))
}

/// The columns beside the bytes are for finding records; they must say the same.
fn columns_fit(row: &event::Model, record: &Record) -> bool {
    row.request == record.request.map(|id| to_db(id.number())) && row.at == record.at.millis()
}

/// Texts may be erased, and policies are only ever added; what is there must be what its hash is of.
async fn changed_texts<C: ConnectionTrait>(snapshot: &C) -> Result<Vec<String>, StoreError> {
    let mut changed = Vec::new();
    for row in policy::Entity::find().all(snapshot).await? {
        let hash = row.hash.clone();
        if text_of(row).is_err() {
            changed.push(format!("the text of policy {hash}"));
        }
    }
    let mut after = String::new();
    loop {
        let rows = free_text::Entity::find()
            .filter(free_text::Column::Hash.gt(&after))
            .order_by_asc(free_text::Column::Hash)
            .limit(ROWS_AT_ONCE)
            .all(snapshot)
            .await?;
        let Some(last) = rows.last() else {
            return Ok(changed);
        };
        after.clone_from(&last.hash);
        for row in rows {
            let right = match (row.salt, row.body) {
                (Some(salt), Some(body)) => {
                    Text::stored(salt, body).hash() == TextHash::from_hex(&row.hash)
                }
                (None, None) => true,
                (Some(_), None) | (None, Some(_)) => false,
            };
            if !right {
                changed.push(format!("the text {}", row.hash));
            }
        }
    }
}
