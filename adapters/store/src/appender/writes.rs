//! Statements that are only carried out, and give nothing back.

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, QueryTrait, Statement, Values,
};

/// Statements to be carried out in this order. SQLite is handed them as one: each that it is handed is a hop to its
/// thread and back, which takes longer than most of them.
#[derive(Debug)]
pub(super) struct Writes {
    backend: DbBackend,
    statements: Vec<Statement>,
}

impl Writes {
    pub(super) const fn new(backend: DbBackend) -> Self {
        Self {
            backend,
            statements: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, query: &impl QueryTrait) {
        self.statements.push(query.build(self.backend));
    }

    /// Carries them all out.
    pub(super) async fn run(self, transaction: &DatabaseTransaction) -> Result<(), DbErr> {
        let statements = if self.backend == DbBackend::Sqlite {
            together(self.statements).into_iter().collect()
        } else {
            self.statements
        };
        for statement in statements {
            transaction.execute_raw(statement).await?;
        }
        Ok(())
    }
}

/// One statement after the other, and so are their values: the driver takes them by turns.
fn together(statements: Vec<Statement>) -> Option<Statement> {
    statements.into_iter().reduce(|mut all, next| {
        all.sql.push_str("; ");
        all.sql.push_str(&next.sql);
        let values = all.values.get_or_insert_with(|| Values(Vec::new()));
        values.0.extend(next.values.into_iter().flatten());
        all
    })
}
