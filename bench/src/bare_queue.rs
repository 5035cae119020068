//! The limit of the queue: the statements of a worker's turn in a plain loop, at the same batch size, with neither
//! runtime nor leases nor tasks around them.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use postgres::types::ToSql;
use rusqlite::config::DbConfig;
use rusqlite::types::ValueRef;

use crate::gauge::Measure;
use crate::queue_run::{Counted, Drained, Place, QUEUE};
use crate::statements::{Dialect, statement};

/// The statements of one turn, in their order: end what has ended, wake what is due if anything is, claim what comes next.
const TURN: [&str; 9] = [
    "task_complete",
    "task_drop_held",
    "task_release_next",
    "task_next_due_at",
    "task_promote_due",
    "task_claim_lock",
    "task_count_running",
    "task_list_candidates",
    "task_claim",
];
/// As `store` does: some candidates may be held back by a limit.
const LOOKAHEAD: i64 = 2;
const PROMOTED_MAX: i64 = 1_000;
/// Tasks of the benchmark live in the present of a clock that stands still.
const LEASE_UNTIL: i64 = i64::MAX / 2;

/// Claims and completes all tasks of the database, `batch` at a time.
pub(crate) fn drain(place: &Place, batch: usize, tasks: usize, now: i64) -> Result<Drained> {
    // PostgreSQL's sessions tell what they did when they end; SQLite forgets when the last one does.
    let (mut bare, counted) = match place {
        Place::Sqlite(dir) => (Bare::sqlite(&dir.join(store::SQLITE_FILE))?, Counted::start(place)?),
        Place::Postgres { url, .. } => {
            let counted = Counted::start(place)?;
            (Bare::postgres(url)?, counted)
        }
    };
    let measure = Measure::start()?;
    let mut held: Vec<(i64, i64)> = Vec::new();
    let mut done = 0;
    loop {
        bare.run("BEGIN")?;
        done += bare.end(&held, now)?;
        held = bare.claim(batch, now)?;
        bare.run("COMMIT")?;
        if held.is_empty() {
            break;
        }
    }
    let spent = measure.spent()?;
    if done != tasks {
        bail!("the bare loop completed {done} of {tasks} tasks: the product's statements have changed");
    }
    if place.is_server() {
        drop(bare);
        return counted.end(place, tasks, spent);
    }
    let drained = counted.end(place, tasks, spent);
    drop(bare);
    drained
}

enum Param<'p> {
    Int(i64),
    Text(&'p str),
}

enum Bare {
    Sqlite(rusqlite::Connection),
    Postgres(Box<postgres::Client>, HashMap<&'static str, postgres::Statement>),
}

impl Bare {
    fn sqlite(file: &Path) -> Result<Self> {
        let connection = rusqlite::Connection::open(file)?;
        connection.set_prepared_statement_cache_capacity(64);
        // What `store` sets, or the limit would be slower than it could be.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 10000;
             PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8000; PRAGMA journal_size_limit = 67108864;
             BEGIN IMMEDIATE; COMMIT;",
        )?;
        Ok(Self::Sqlite(connection))
    }

    fn postgres(url: &str) -> Result<Self> {
        let mut config: postgres::Config = url.parse()?;
        // As on the connections of `store`.
        config.options("-c enable_bitmapscan=off");
        let mut client = config.connect(postgres::NoTls)?;
        client.batch_execute("SET idle_in_transaction_session_timeout = '60s'")?;
        let mut prepared = HashMap::new();
        for name in TURN {
            prepared.insert(name, client.prepare(&statement(name, Dialect::Postgres)?)?);
        }
        Ok(Self::Postgres(Box::new(client), prepared))
    }

    fn run(&mut self, sql: &str) -> Result<()> {
        match self {
            Self::Sqlite(connection) => connection.execute_batch(sql)?,
            Self::Postgres(client, _) => client.batch_execute(sql)?,
        }
        Ok(())
    }

    /// Runs a statement and answers the first two columns where they are numbers (0 otherwise), and how many rows
    /// there were or were touched.
    fn query(&mut self, name: &'static str, params: &[Param<'_>]) -> Result<(Vec<(i64, i64)>, usize)> {
        match self {
            Self::Sqlite(connection) => {
                let sql = cached_sql(name)?;
                let mut prepared = connection.prepare_cached(sql).with_context(|| name.to_owned())?;
                let values = params.iter().map(|param| match param {
                    Param::Int(number) => rusqlite::types::Value::Integer(*number),
                    Param::Text(text) => rusqlite::types::Value::Text((*text).to_owned()),
                });
                let columns = prepared.column_count();
                if columns == 0 {
                    return Ok((Vec::new(), prepared.execute(rusqlite::params_from_iter(values))?));
                }
                let mut rows = prepared.query(rusqlite::params_from_iter(values))?;
                let mut found = Vec::new();
                while let Some(row) = rows.next()? {
                    let number = |at: usize| match row.get_ref(at) {
                        Ok(ValueRef::Integer(number)) if at < columns => number,
                        _ => 0,
                    };
                    found.push((number(0), number(1)));
                }
                let count = found.len();
                Ok((found, count))
            }
            Self::Postgres(client, prepared) => {
                let ready = prepared.get(name).context("prepared above")?;
                let values: Vec<&(dyn ToSql + Sync)> = params
                    .iter()
                    .map(|param| match param {
                        Param::Int(number) => number as &(dyn ToSql + Sync),
                        Param::Text(text) => text as &(dyn ToSql + Sync),
                    })
                    .collect();
                if ready.columns().is_empty() {
                    let touched = client.execute(ready, &values).with_context(|| name.to_owned())?;
                    return Ok((Vec::new(), usize::try_from(touched)?));
                }
                let rows = client.query(ready, &values).with_context(|| name.to_owned())?;
                let number = |row: &postgres::Row, at: usize| row.try_get::<_, i64>(at).unwrap_or_default();
                let found: Vec<(i64, i64)> = rows.iter().map(|row| (number(row, 0), number(row, 1))).collect();
                let count = found.len();
                Ok((found, count))
            }
        }
    }

    fn end(&mut self, held: &[(i64, i64)], now: i64) -> Result<usize> {
        if held.is_empty() {
            return Ok(0);
        }
        let pairs: Vec<[i64; 2]> = held.iter().map(|(task, fence)| [*task, *fence]).collect();
        let pairs = serde_json::json!(pairs).to_string();
        let (_, done) = self.query("task_complete", &[Param::Text(&pairs), Param::Int(now)])?;
        self.query("task_drop_held", &[Param::Text(&pairs)])?;
        self.query("task_release_next", &[Param::Text(&pairs), Param::Int(now)])?;
        Ok(done)
    }

    fn claim(&mut self, batch: usize, now: i64) -> Result<Vec<(i64, i64)>> {
        let wanted = i64::try_from(batch)?.saturating_mul(LOOKAHEAD);
        if self.next_due_at()?.is_some_and(|due| due <= now) {
            self.query("task_promote_due", &[Param::Int(now), Param::Int(PROMOTED_MAX)])?;
            self.next_due_at()?;
        }
        self.query("task_claim_lock", &[Param::Text(QUEUE)])?;
        self.query("task_count_running", &[Param::Text(QUEUE)])?;
        let none = Param::Text("[]");
        let params = [
            Param::Text(QUEUE),
            none,
            Param::Text("[]"),
            Param::Text("[]"),
            Param::Int(wanted),
        ];
        let (mut chosen, _) = self.query("task_list_candidates", &params)?;
        chosen.truncate(batch);
        let mut held = Vec::new();
        if !chosen.is_empty() {
            let ids: Vec<i64> = chosen.iter().map(|(id, _)| *id).collect();
            let ids = serde_json::json!(ids).to_string();
            let params = [
                Param::Text(&ids),
                Param::Text("bare"),
                Param::Int(LEASE_UNTIL),
                Param::Int(now),
            ];
            (held, _) = self.query("task_claim", &params)?;
            held.sort_unstable();
        }
        Ok(held)
    }

    /// When the next waiting task is due.
    fn next_due_at(&mut self) -> Result<Option<i64>> {
        let (found, _) = self.query("task_next_due_at", &[])?;
        // None comes as 0, which is no instant of the benchmark's.
        Ok(found.first().map(|(at, _)| *at).filter(|at| *at > 0))
    }
}

/// A statement's text, read from its file once.
fn cached_sql(name: &'static str) -> Result<&'static str> {
    static TEXTS: std::sync::OnceLock<HashMap<&'static str, String>> = std::sync::OnceLock::new();
    if TEXTS.get().is_none() {
        let read = |name: &'static str| Ok((name, statement(name, Dialect::Sqlite)?));
        let texts = TURN.into_iter().map(read).collect::<Result<HashMap<_, _>>>()?;
        TEXTS.get_or_init(|| texts);
    }
    let text = TEXTS.get().and_then(|texts| texts.get(name));
    text.map(String::as_str)
        .with_context(|| format!("`{name}` is not part of a turn"))
}
