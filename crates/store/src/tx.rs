//! A transaction: one statement interface over both databases.

use std::collections::HashMap;

use crate::Error;
use crate::numbers::Numbers;
use crate::signals::Effect;
use crate::statement::Statement;
use crate::value::{Row, Value};

/// A running transaction. Nouns add their methods to it, each in a file of its own.
pub struct Tx<'a> {
    pub(crate) connection: Connection<'a>,
    pub(crate) numbers: &'a Numbers,
    /// What happens once this is committed, and never otherwise.
    pub(crate) effects: Vec<Effect>,
    /// The first database error that a statement met: the closure may have wrapped it in an error of its own, or have
    /// passed over it. Nothing of such a closure is kept, and no further statement runs.
    pub(crate) failed: Option<Error>,
    /// Whether this is a read, where no row can be locked.
    pub(crate) is_read: bool,
}

/// Which database, and its open transaction.
pub(crate) enum Connection<'a> {
    Sqlite(&'a rusqlite::Connection),
    Postgres {
        transaction: postgres::Transaction<'a>,
        prepared: &'a mut HashMap<&'static str, postgres::Statement>,
    },
}

impl std::fmt::Debug for Tx<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tx").finish_non_exhaustive()
    }
}

impl<'a> Tx<'a> {
    /// A transaction of which nothing has happened yet.
    pub(crate) fn new(connection: Connection<'a>, numbers: &'a Numbers, is_read: bool) -> Self {
        Self {
            connection,
            numbers,
            effects: Vec::new(),
            failed: None,
            is_read,
        }
    }
}

impl Tx<'_> {
    /// Whether this is PostgreSQL, for the few methods that must know.
    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self.connection, Connection::Postgres { .. })
    }

    /// All rows that the statement answers.
    pub(crate) fn query(&mut self, statement: &'static Statement, params: &[Value]) -> Result<Vec<Row>, Error> {
        self.check_alive()?;
        let answer = self.run_query(statement, params);
        self.remember(answer)
    }

    fn run_query(&mut self, statement: &'static Statement, params: &[Value]) -> Result<Vec<Row>, Error> {
        match &mut self.connection {
            Connection::Sqlite(connection) => {
                let mut prepared = connection
                    .prepare_cached(&statement.sqlite)
                    .map_err(|e| named(statement, e))?;
                let columns = prepared.column_count();
                let mut rows = prepared
                    .query(rusqlite::params_from_iter(params))
                    .map_err(|e| named(statement, e))?;
                let mut out = Vec::new();
                while let Some(row) = rows.next().map_err(|e| named(statement, e))? {
                    out.push(sqlite_row(row, columns).map_err(|e| named(statement, e))?);
                }
                Ok(out)
            }
            Connection::Postgres { transaction, prepared } => {
                let ready = prepare(transaction, prepared, statement)?;
                let params: Vec<&(dyn postgres::types::ToSql + Sync)> = params.iter().map(|one| one as _).collect();
                let rows = transaction.query(&ready, &params).map_err(|e| named(statement, e))?;
                rows.iter().map(postgres_row).collect()
            }
        }
    }

    /// The only row; `None` when there is none.
    pub(crate) fn query_opt(&mut self, statement: &'static Statement, params: &[Value]) -> Result<Option<Row>, Error> {
        let mut rows = self.query(statement, params)?;
        if rows.len() > 1 {
            return Err(Error::Bug(format!(
                "statement `{}` answered {} rows instead of one",
                statement.name,
                rows.len()
            )));
        }
        Ok(rows.pop())
    }

    /// The only row, which must be there.
    pub(crate) fn query_one(&mut self, statement: &'static Statement, params: &[Value]) -> Result<Row, Error> {
        self.query_opt(statement, params)?
            .ok_or_else(|| Error::Bug(format!("statement `{}` answered no row", statement.name)))
    }

    /// Runs a statement without an answer and returns how many rows it touched.
    pub(crate) fn execute(&mut self, statement: &'static Statement, params: &[Value]) -> Result<u64, Error> {
        self.check_alive()?;
        let answer = self.run_execute(statement, params);
        self.remember(answer)
    }

    /// After a failed statement PostgreSQL takes no further one, and SQLite may have rolled back the whole group: what
    /// came then would be kept by itself. So both stop here.
    fn check_alive(&self) -> Result<(), Error> {
        self.failed.clone().map_or(Ok(()), Err)
    }

    /// Has this transaction rolled back and run again from the start: it met a concurrent one.
    pub(crate) fn again(&mut self) -> Error {
        self.failed = Some(Error::Again);
        Error::Again
    }

    fn remember<T>(&mut self, answer: Result<T, Error>) -> Result<T, Error> {
        if let Err(error) = &answer {
            self.failed = Some(error.clone());
        }
        answer
    }

    fn run_execute(&mut self, statement: &'static Statement, params: &[Value]) -> Result<u64, Error> {
        match &mut self.connection {
            Connection::Sqlite(connection) => {
                let mut prepared = connection
                    .prepare_cached(&statement.sqlite)
                    .map_err(|e| named(statement, e))?;
                let touched = prepared
                    .execute(rusqlite::params_from_iter(params))
                    .map_err(|e| named(statement, e))?;
                Ok(touched as u64)
            }
            Connection::Postgres { transaction, prepared } => {
                let ready = prepare(transaction, prepared, statement)?;
                let params: Vec<&(dyn postgres::types::ToSql + Sync)> = params.iter().map(|one| one as _).collect();
                transaction.execute(&ready, &params).map_err(|e| named(statement, e))
            }
        }
    }

    /// Runs a statement that must touch exactly one row.
    pub(crate) fn execute_one(
        &mut self,
        statement: &'static Statement,
        params: &[Value],
        missing: impl FnOnce() -> Error,
    ) -> Result<(), Error> {
        if self.execute(statement, params)? == 1 {
            Ok(())
        } else {
            Err(missing())
        }
    }
}

fn prepare(
    transaction: &mut postgres::Transaction<'_>,
    prepared: &mut HashMap<&'static str, postgres::Statement>,
    statement: &'static Statement,
) -> Result<postgres::Statement, Error> {
    if let Some(ready) = prepared.get(statement.name) {
        return Ok(ready.clone());
    }
    let ready = transaction
        .prepare(statement.postgres)
        .map_err(|e| named(statement, e))?;
    prepared.insert(statement.name, ready.clone());
    Ok(ready)
}

/// The error, and for faults of ours the statement's name beside it.
fn named(statement: &Statement, error: impl Into<Error>) -> Error {
    match error.into() {
        Error::Bug(text) => Error::Bug(format!("statement `{}`: {text}", statement.name)),
        Error::Conflict(text) => Error::Conflict(format!("statement `{}`: {text}", statement.name)),
        other => other,
    }
}

fn sqlite_row(row: &rusqlite::Row<'_>, columns: usize) -> rusqlite::Result<Row> {
    use rusqlite::types::ValueRef;
    let mut values = Vec::with_capacity(columns);
    for at in 0..columns {
        values.push(match row.get_ref(at)? {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(number) => Value::Int(number),
            #[expect(
                clippy::cast_possible_truncation,
                reason = "only aggregates answer reals, and those are counts"
            )]
            ValueRef::Real(number) => Value::Int(number as i64),
            ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
            ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
        });
    }
    Ok(Row(values))
}

fn postgres_row(row: &postgres::Row) -> Result<Row, Error> {
    use postgres::types::Type;
    let mut values = Vec::with_capacity(row.len());
    for (at, column) in row.columns().iter().enumerate() {
        let value = match *column.type_() {
            Type::INT8 => row.try_get::<_, Option<i64>>(at)?.map(Value::Int),
            Type::INT4 => row
                .try_get::<_, Option<i32>>(at)?
                .map(|number| Value::Int(number.into())),
            Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(at)?.map(Value::Bytes),
            Type::TEXT | Type::VARCHAR => row.try_get::<_, Option<String>>(at)?.map(Value::Text),
            ref other => {
                return Err(Error::Bug(format!(
                    "column `{}` has the unforeseen type `{other}`",
                    column.name()
                )));
            }
        };
        values.push(value.unwrap_or(Value::Null));
    }
    Ok(Row(values))
}
