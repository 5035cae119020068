//! What tests of several rooms need: a clock that is stepped by hand, and a PostgreSQL database of one's own.
//!
//! Only dev-dependencies lead here.

use std::fs::OpenOptions;
use std::io::Write;
use std::sync::Once;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use model::{Clock, Timestamp};
use postgres::{Client, NoTls};

/// A clock that stands still until it is stepped.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows `at`.
    pub fn at(at: Timestamp) -> Self {
        Self(AtomicI64::new(at.0))
    }

    /// Steps the clock forward.
    pub fn advance_ms(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// Says that a test, or a part of it, is skipped here: past the test harness, which would keep it to itself, and in the
/// file that `TEST_SKIPS` names, from which `make test` lists them at its end.
///
/// # Panics
/// When that file can't be written: a skip must not go unheard.
pub fn skip(why: &str) {
    let thread = std::thread::current();
    let line = format!("skipped in `{}`: {why}\n", thread.name().unwrap_or("a test"));
    drop(std::io::stderr().write_all(line.as_bytes()));
    #[expect(
        clippy::disallowed_methods,
        reason = "where the run that this test is part of keeps its notes"
    )]
    let Ok(file) = std::env::var("TEST_SKIPS") else { return };
    let written = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&file)
        .and_then(|mut open| open.write_all(line.as_bytes()));
    #[expect(clippy::panic, reason = "a skip must not go unheard")]
    if let Err(error) = written {
        panic!("can't write `{file}`, which TEST_SKIPS names: {error}");
    }
}

/// The server on which tests may make databases; `None`, said once, where there is none.
pub fn postgres_url() -> Option<String> {
    static SAID: Once = Once::new();
    #[expect(clippy::disallowed_methods, reason = "a test's only setting: where the server is")]
    let url = std::env::var("TEST_POSTGRES_URL").ok();
    if url.is_none() {
        SAID.call_once(|| {
            skip("and in all others on PostgreSQL: `TEST_POSTGRES_URL` is not set (`cargo xtask services start` starts one)");
        });
    }
    url
}

/// A PostgreSQL database that exists as long as this does.
#[derive(Debug)]
pub struct TestDatabase {
    admin_url: String,
    name: String,
}

impl TestDatabase {
    /// A new database on the server that `TEST_POSTGRES_URL` names; `None`, said once, where there is none.
    ///
    /// Blocks, so not for a runtime's thread.
    ///
    /// # Panics
    /// When the server does not let databases be made: a test can't go on without.
    pub fn create() -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let admin_url = postgres_url()?;
        let name = format!("test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let database = Self { admin_url, name };
        database.admin(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", database.name));
        database.admin(&format!("CREATE DATABASE {} TEMPLATE template0", database.name));
        Some(database)
    }

    /// Its URL.
    pub fn url(&self) -> String {
        let server = self
            .admin_url
            .rsplit_once('/')
            .map_or(self.admin_url.as_str(), |(server, _)| server);
        format!("{server}/{}", self.name)
    }

    #[expect(clippy::panic, reason = "a test can't go on without its database")]
    fn admin(&self, statement: &str) {
        let done = Client::connect(&self.admin_url, NoTls).and_then(|mut client| client.batch_execute(statement));
        if let Err(error) = done {
            panic!("`{statement}` on the server that TEST_POSTGRES_URL names: {error}");
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (admin_url, statement) = (
            self.admin_url.clone(),
            format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name),
        );
        // A thread of its own: a test may end on a runtime's.
        let dropped = std::thread::spawn(move || {
            Client::connect(&admin_url, NoTls).and_then(|mut client| client.batch_execute(&statement))
        });
        drop(dropped.join());
    }
}
