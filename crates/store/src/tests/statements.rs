//! Every statement can be prepared on both databases, and every file in `sql/` is one.

use std::collections::BTreeSet;

use ::postgres::types::Type;

use super::{Bench, both};
use crate::statement::Statement;
use crate::tx::Connection;

/// Statements with a parameter that is compared with 0 or 1, and is nothing else.
const TRUTHS: [&str; 5] = [
    "page_count_for_replay",
    "page_list_for_replay",
    "record_count_live",
    "task_list_waiting_of_source",
    "task_request_cancel_of_source",
];

pub(super) fn all() -> Vec<&'static Statement> {
    let nouns: &[&[&'static Statement]] = &[
        crate::access::STATEMENTS,
        crate::access_token::STATEMENTS,
        crate::change::STATEMENTS,
        crate::failure::STATEMENTS,
        crate::governor::STATEMENTS,
        crate::log_line::STATEMENTS,
        crate::numbers::STATEMENTS,
        crate::page::STATEMENTS,
        crate::queue::STATEMENTS,
        crate::record::STATEMENTS,
        crate::record::moves::STATEMENTS,
        crate::record::sweep::STATEMENTS,
        crate::retention::STATEMENTS,
        crate::schedule::STATEMENTS,
        crate::setting::STATEMENTS,
        crate::shared::STATEMENTS,
        crate::slice::STATEMENTS,
        crate::source::STATEMENTS,
        crate::sync::STATEMENTS,
    ];
    [nouns, crate::task::ALL_STATEMENTS, crate::people::ALL_STATEMENTS]
        .concat()
        .concat()
}

#[test]
fn every_statement_can_be_prepared() {
    both(|bench| {
        if bench.is_postgres() {
            let mut client = bench.client();
            let mut refused = Vec::new();
            for statement in all() {
                match client.prepare(statement.postgres) {
                    Ok(ready) => {
                        // `$1 - 60000` is a small integer to PostgreSQL, and no instant fits: it takes a CAST.
                        let types = [Type::INT8, Type::TEXT, Type::VARCHAR, Type::BYTEA];
                        let takes_truth = TRUTHS.contains(&statement.name);
                        for odd in ready.params().iter().filter(|one| !types.contains(one) && !takes_truth) {
                            refused.push(format!("`{}` takes a parameter of type `{odd}`", statement.name));
                        }
                    }
                    Err(error) => refused.push(format!("`{}`: {}", statement.name, crate::error::text_of(&error))),
                }
            }
            assert_eq!(refused, [""; 0]);
        } else {
            bench.read(|tx| {
                let Connection::Sqlite(connection) = &tx.connection else {
                    panic!("not SQLite");
                };
                let mut refused = Vec::new();
                for statement in all() {
                    if let Err(error) = connection.prepare(&statement.sqlite) {
                        refused.push(format!("`{}`: {error}", statement.name));
                    }
                }
                assert_eq!(refused, [""; 0]);
                Ok(())
            });
        }
    });
}

#[test]
fn every_file_is_a_statement_that_is_used() {
    let mut declared = BTreeSet::new();
    for statement in all() {
        assert!(
            declared.insert(format!("{}.sql", statement.name)),
            "`{}` is declared twice",
            statement.name
        );
        let portable = std::fs::read_to_string(path(&format!("{}.sql", statement.name))).unwrap();
        if statement.postgres != portable {
            declared.insert(format!("{}.postgres.sql", statement.name));
        }
    }
    let files: BTreeSet<String> = std::fs::read_dir(path(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(files, declared);
}

#[test]
fn lists_have_limits() {
    for statement in all() {
        for text in [statement.sqlite.as_str(), statement.postgres] {
            assert!(
                !text.contains("ORDER BY")
                    || text.contains("LIMIT")
                    || text.contains("At most")
                    || text.contains("OVER (")
                    || text.contains("INSERT")
                    || text.contains("UPDATE task"),
                "`{}` lists without a limit",
                statement.name
            );
        }
    }
}

#[test]
fn the_hot_statements_find_their_rows_by_index() {
    let bench = Bench::sqlite();
    let hot = [
        "change_list_after",
        "page_find",
        "record_list_sweepable",
        "record_lock_by_keys",
        "record_list_of_number",
        "record_touch",
        "task_claim",
        "task_complete",
        "task_drop_held",
        "task_list_candidates",
        "task_list_expired",
        "task_next_due_at",
        "task_promote_due",
        "task_release_next",
        "task_touch",
    ];
    bench.read(move |tx| {
        let Connection::Sqlite(connection) = &tx.connection else {
            panic!("not SQLite");
        };
        for statement in all().into_iter().filter(|one| hot.contains(&one.name)) {
            let mut explain = connection
                .prepare(&format!("EXPLAIN QUERY PLAN {}", *statement.sqlite))
                .unwrap();
            let count = explain.parameter_count();
            let rows = explain
                .query_map(rusqlite::params_from_iter(vec![rusqlite::types::Null; count]), |row| {
                    row.get::<_, String>(3)
                })
                .unwrap();
            for step in rows.map(Result::unwrap) {
                let is_scan = ["SCAN task", "SCAN record", "SCAN change", "SCAN page"]
                    .iter()
                    .any(|scan| step == *scan || step.starts_with(&format!("{scan} ")) && !step.contains("USING"));
                assert!(!is_scan, "`{}`: {step}", statement.name);
            }
        }
        Ok(())
    });
}

fn path(name: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("sql").join(name)
}
