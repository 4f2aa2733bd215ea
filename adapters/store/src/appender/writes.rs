//! What a commit writes, sent in as few statements as it takes. Each is a way to the server and back, or a hop to the thread
//! of an SQLite connection, which takes longer than most of what is written.

use sea_orm::sea_query::{CommonTableExpression, SubQueryStatement, WithClause};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, QueryTrait, Statement,
    StatementBuilder, Values,
};

/// Rows in one statement: the widest table has 14 columns, and SQLite takes 32,766 values.
pub(super) const ROWS_MAX: usize = 400;

/// Statements of that many rows in one: `PostgreSQL` takes 65,535 values.
const TOGETHER_MAX: usize = 11;

/// Statements that give nothing back.
#[derive(Debug, Default)]
pub(super) struct Writes {
    /// Those of one step touch no row twice, so that it doesn't matter which of them comes first.
    steps: Vec<Vec<SubQueryStatement>>,
}

impl Writes {
    /// One more, of at most [`ROWS_MAX`] rows.
    pub(super) fn push<Q: QueryTrait<QueryStatement: Into<SubQueryStatement>>>(
        &mut self,
        query: Q,
    ) {
        self.push_any(query.into_query());
    }

    /// The same for a statement on no table of ours.
    pub(super) fn push_any(&mut self, statement: impl Into<SubQueryStatement>) {
        if self.steps.is_empty() {
            self.begin_step();
        }
        if let Some(step) = self.steps.last_mut() {
            step.push(statement.into());
        }
    }

    /// What comes now comes after all before it.
    pub(super) fn begin_step(&mut self) {
        self.steps.push(Vec::new());
    }

    /// Carries them all out.
    pub(super) async fn run(self, transaction: &DatabaseTransaction) -> Result<(), DbErr> {
        let backend = transaction.get_database_backend();
        let statements = if backend == DbBackend::Sqlite {
            in_a_row(self.steps.iter().flatten()).into_iter().collect()
        } else {
            self.steps.into_iter().flat_map(at_once).collect::<Vec<_>>()
        };
        for statement in statements {
            transaction.execute_raw(statement).await?;
        }
        Ok(())
    }
}

/// One statement after the other, and so are their values: SQLite's driver takes them by turns.
fn in_a_row<'a>(all: impl Iterator<Item = &'a SubQueryStatement>) -> Option<Statement> {
    let built = all.map(|statement| build(statement, DbBackend::Sqlite));
    built.reduce(|mut all, next| {
        all.sql.push_str("; ");
        all.sql.push_str(&next.sql);
        let values = all.values.get_or_insert_with(|| Values(Vec::new()));
        values.0.extend(next.values.into_iter().flatten());
        all
    })
}

/// As few as take them all.
fn at_once(mut step: Vec<SubQueryStatement>) -> Vec<Statement> {
    let mut all = Vec::new();
    while !step.is_empty() {
        let rest = step.split_off(step.len().min(TOGETHER_MAX));
        all.extend(as_one(step));
        step = rest;
    }
    all
}

/// The last one, with the others beside it. `PostgreSQL` carries all of them out, if they write.
/// <https://www.postgresql.org/docs/current/queries-with.html#QUERIES-WITH-MODIFYING>
fn as_one(mut some: Vec<SubQueryStatement>) -> Option<Statement> {
    let last = some.pop()?;
    if some.is_empty() {
        return Some(build(&last, DbBackend::Postgres));
    }
    let mut with = WithClause::new();
    for (number, other) in some.into_iter().enumerate() {
        let mut beside = CommonTableExpression::new();
        beside.table_name(format!("write_{number}")).query(other);
        with.cte(beside);
    }
    Some(StatementBuilder::build(
        &with.query(last),
        &DbBackend::Postgres,
    ))
}

fn build(statement: &SubQueryStatement, backend: DbBackend) -> Statement {
    match statement {
        SubQueryStatement::SelectStatement(select) => StatementBuilder::build(select, &backend),
        SubQueryStatement::InsertStatement(insert) => StatementBuilder::build(insert, &backend),
        SubQueryStatement::UpdateStatement(update) => StatementBuilder::build(update, &backend),
        SubQueryStatement::DeleteStatement(delete) => StatementBuilder::build(delete, &backend),
        SubQueryStatement::WithStatement(with) => StatementBuilder::build(with, &backend),
    }
}
