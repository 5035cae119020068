//! What the processes of one database have in common.

use model::Timestamp;

use super::{Bench, both};
use crate::shared::judge_clock;
use crate::{Config, Error, Sealer, Store};

#[test]
fn processes_of_one_database_share_one_data_folder() {
    let Some(bench) = Bench::postgres() else { return };
    drop(Store::open(&bench.config).unwrap());
    let other = tempfile::tempdir().unwrap();
    let config = Config {
        data_dir: other.path().to_owned(),
        ..bench.config.clone()
    };
    let text = match Store::open(&config) {
        Err(Error::Setup(text)) => text,
        other => panic!("{other:?}"),
    };
    assert!(text.contains(other.path().to_str().unwrap()), "{text}");
    assert!(text.contains("`data_dir`"), "{text}");
    std::fs::copy(Sealer::path(&bench.config.data_dir), Sealer::path(other.path())).unwrap();
    Store::open(&config).unwrap();
}

fn judged(before: i64, server: i64, after: i64) -> Option<String> {
    match judge_clock(Timestamp(before), Timestamp(server), Timestamp(after)) {
        Err(Error::Setup(text)) => Some(text),
        other => {
            other.unwrap();
            None
        }
    }
}

#[test]
fn clocks_may_be_half_a_lease_apart() {
    assert_eq!(judged(100_000, 100_010, 100_020), None);
    assert_eq!(judged(100_000, 85_000, 100_020), None);
    assert_eq!(judged(100_000, 115_020, 100_020), None);
    assert_eq!(judged(100_000, 150_000, 160_000), None, "a slow answer says nothing");
    assert!(judged(100_000, 58_000, 100_020).unwrap().contains("42 s ahead of"));
    assert!(judged(100_000, 190_020, 100_020).unwrap().contains("90 s behind"));
}

#[test]
fn a_database_tells_the_time() {
    both(|bench| {
        let told = bench.read(|tx| tx.database_time());
        // Both databases of the test run on this machine.
        assert_eq!(judged(told.0, bench.read(|tx| tx.database_time()).0, told.0), None);
        assert!(told > Timestamp(1_700_000_000_000), "milliseconds: {told}");
    });
}
