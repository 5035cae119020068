//! What a worker calls itself, and what it inherits of an earlier one of that name.

use std::io::{BufRead, BufReader};

use model::{TaskState, Timestamp};
use store::{ClaimLimits, Config, Database, NewTask, Store};
use testkit::TestDatabase;

use crate::place::Place;

/// Starts a worker, has it stop once it works, and answers what it has logged.
fn start_and_stop(place: &Place, name: &str) -> String {
    let mut worker = place
        .command(&["worker", "-Q", "fetch", "--set", &format!("worker_name={name}")])
        .spawn()
        .unwrap();
    let mut said = BufReader::new(worker.stderr.take().unwrap());
    let mut log = String::new();
    while !log.contains("working on fetch") {
        assert_ne!(said.read_line(&mut log).unwrap(), 0, "the worker ended: {log}");
    }
    worker.kill().unwrap();
    worker.wait().unwrap();
    log
}

#[test]
fn on_postgresql_a_worker_takes_up_what_a_dead_one_of_its_name_left_and_nothing_of_one_that_lives() {
    let Some(database) = TestDatabase::create() else { return };
    let mut place = Place::new();
    let config = Config {
        data_dir: place.data.clone(),
        database: Database::Postgres { url: database.url() },
    };
    place.database = Some(database);
    let open = || Store::open(&config).unwrap();
    let (living, other) = (open(), open());
    assert!(living.take_worker_name("here").unwrap());
    // Held in a queue that the workers of this test don't look at, and for longer than the test takes.
    let limits = ClaimLimits {
        queue: "parse".to_owned(),
        tasks_max: 1,
        per_source_max: 1,
        worker: "here".to_owned(),
        lease_until: Timestamp(i64::MAX),
    };
    let claimed = living.write_blocking(move |tx| {
        let now = Timestamp(1);
        tx.enqueue(&NewTask::new("test", &1, "parse", now), now)?;
        tx.claim(&limits, now)
    });
    let id = claimed.map_err(|error: store::Error| error).unwrap()[0].id;
    let state = || other.read_blocking(|tx| tx.task(id)).unwrap().state;

    let log = start_and_stop(&place, "here");
    assert!(log.contains("another process that lives is called `here`"), "{log}");
    let log = start_and_stop(&place, "");
    assert!(!log.contains("took up"), "{log}");
    assert_eq!(state(), TaskState::Running);

    living.close();
    let log = start_and_stop(&place, "here");
    assert!(log.contains("took up 1 tasks"), "{log}");
    assert_eq!(state(), TaskState::Available);
    other.close();
}
