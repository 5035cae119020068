//! On PostgreSQL, the statements that run all the time find their rows by index in full tables, whatever the
//! parameters: under generic plans, which prepared statements get after a few runs. For SQLite, see `statements.rs`.

use ::postgres::Client;

use super::Bench;
use super::statements::all;

const FILL: &str = "
    INSERT INTO organization (name, created_at) VALUES ('o', 0);
    INSERT INTO source (organization_id, connector, name, config, visibility, created_at)
        SELECT 1, 'folder', 's', '{}', 'everyone', 0 FROM generate_series(1, 20);
    INSERT INTO stream (source_id, name, exact_listing) SELECT id, 'items', 1 FROM source;
    INSERT INTO task (kind, args, queue, priority, state, unique_key, source_id, run_at, attempts_max, created_at,
            lease_until, worker, fence)
        SELECT 'fetch_slice', '{}', (ARRAY['fetch', 'parse', 'upload'])[n % 3 + 1], 2,
            CASE WHEN n % 1000 = 0 THEN 'running' WHEN n % 2 = 0 THEN 'scheduled' ELSE 'available' END,
            'k/' || n, n % 20 + 1, n, 12, n, n, 'w', 1
        FROM generate_series(1, 60000) AS s (n);
    INSERT INTO record (source_id, stream_id, key, number, revision, state, digest, landed_at)
        SELECT n % 20 + 1, n % 20 + 1, 'key ' || n, n, 1, CASE WHEN n % 10 = 0 THEN 2 ELSE 0 END, n, 0
        FROM generate_series(1, 60000) AS s (n);
    INSERT INTO record_body (record_id, data, text, acl) SELECT id, '', '', '[]' FROM record WHERE state = 0;
    INSERT INTO change (position, record_id, token, made_at)
        SELECT CASE WHEN n < 59990 THEN n END, n, n, 0 FROM generate_series(1, 60000) AS s (n);
    ANALYZE;
    SET plan_cache_mode = force_generic_plan;
";

/// The plan of a statement under these arguments, one step a line.
fn plan(client: &mut Client, name: &str, arguments: &str) -> String {
    let statement = all().into_iter().find(|one| one.name == name).unwrap();
    client
        .batch_execute(&format!("PREPARE {name} AS {}", statement.postgres))
        .unwrap();
    let call = if arguments.is_empty() {
        name.to_owned()
    } else {
        format!("{name} ({arguments})")
    };
    let rows = client.query(&format!("EXPLAIN EXECUTE {call}"), &[]).unwrap();
    rows.iter().map(|row| row.get::<_, String>(0) + "\n").collect()
}

#[test]
fn the_hot_statements_find_their_rows_by_index_in_full_tables() {
    let Some(bench) = Bench::postgres() else { return };
    let mut client = bench.client();
    client.batch_execute(FILL).unwrap();
    let hot = [
        ("change_list_after", "100, 500"),
        ("change_list_sources_after", "100, 500"),
        ("change_records_now", "'[1,2,3]'"),
        ("change_scan_records", "100, 500"),
        ("change_stamp", "500"),
        ("record_bury", "1, '[1,2,3]', 0"),
        ("record_list_digests", "3, '[23,43]'"),
        ("record_list_keys_of_digest", "3, 23, 100"),
        ("record_list_live_keys", r#"3, '["key 3","key 23"]'"#),
        ("record_list_of_number", "3, 17"),
        ("record_list_sweepable", "3, 5000, 0, 0, 500"),
        ("record_lock_by_keys", r#"3, '["key 3","key 23"]'"#),
        ("record_touch", "1, '[1,2,3]'"),
        ("task_claim", "'[1,3,5]', 'w', 9, 9"),
        ("task_complete", "'[[1000,1],[2000,1]]', 9"),
        ("task_drop_held", "'[[1000,1],[2000,1]]'"),
        ("task_find_double", "1000"),
        ("task_list_candidates", "'fetch', '[1]', '[]', '[]', 32"),
        ("task_list_expired", "9, 100, NULL"),
        ("task_next_due_at", ""),
        ("task_promote_due", "9, 100"),
        ("task_release_next", "'[[1000,1]]', 9"),
        ("task_renew", "'[[1000,1],[2000,1]]', 9"),
        ("task_touch", "1000, 1"),
    ];
    let mut scans = String::new();
    for (name, arguments) in hot {
        let plan = plan(&mut client, name, arguments);
        for table in ["task", "record", "record_body", "change"] {
            let scan = format!("Seq Scan on {table} ");
            if plan.lines().any(|line| format!("{line} ").contains(&scan)) {
                scans = format!("{scans}`{name}` reads all of `{table}`:\n{plan}\n");
            }
        }
    }
    assert_eq!(scans, "");
}
