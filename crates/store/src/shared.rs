//! What the processes of one database have to have in common: the data folder, and the time.

use std::path::Path;

use model::{Clock, SystemClock, Timestamp};

use crate::statement::statements;
use crate::{Error, Sealer, Tx, postgres};

statements! {
    CLOCK = "setting_clock", postgres;
}

/// The setting that names the key without telling it.
const KEY_NAME: &str = "key_name";

/// How far apart two machines' clocks may be: half of a task's lease, so that no worker takes another's for run out.
const APART_MAX_MS: i64 = 15_000;

impl Tx<'_> {
    /// The time by the clock of the database's machine.
    pub fn database_time(&mut self) -> Result<Timestamp, Error> {
        self.query_one(&CLOCK, &[])?.get(0)
    }
}

/// Refuses a data folder with another key file than the one of the process that opened the database first: the staged
/// pages and the key file are in it, and a process with others would lose the one and fail to open what is sealed with
/// the other.
pub(crate) fn check_folder(database: &postgres::Database, sealer: &Sealer, data_dir: &Path) -> Result<(), Error> {
    let ours = sealer.name("data folder");
    let known = database.read::<_, Error>(&|tx| tx.find_setting(KEY_NAME))?;
    match known {
        None => database.write(&|tx| tx.put_setting(KEY_NAME, &ours)),
        Some(known) if known == ours => Ok(()),
        Some(_) => Err(Error::Setup(format!(
            "the data folder `{}` is not the one of this database: the key file in it is another. All processes of one \
             database share one data folder (`data_dir`), with its key file and its staged pages; give this one the same, \
             or put it back with `fossick restore`",
            data_dir.display()
        ))),
    }
}

/// Refuses a machine whose clock is far from the database server's: leases would run out too early, or not at all.
pub(crate) fn check_clock(database: &postgres::Database) -> Result<(), Error> {
    let before = SystemClock.now();
    let server = database.read::<_, Error>(&|tx| tx.database_time())?;
    judge_clock(before, server, SystemClock.now())
}

/// Judges what the server's clock said at some moment between `before` and `after`.
pub(crate) fn judge_clock(before: Timestamp, server: Timestamp, after: Timestamp) -> Result<(), Error> {
    let (ahead, what) = if server < before {
        (before.since_ms(server), "ahead of")
    } else {
        (server.since_ms(after), "behind")
    };
    if ahead <= APART_MAX_MS {
        return Ok(());
    }
    Err(Error::Setup(format!(
        "this machine's clock is {} s {what} the database server's. Tasks are leased by the clock, so they may be {} s \
         apart at most: set both by a time server",
        ahead / 1_000,
        APART_MAX_MS / 1_000
    )))
}
