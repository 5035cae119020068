//! What several workers share about a provider: its limits and its tokens. Two workers that have nothing in common but
//! the database stand for two processes.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use model::{SourceId, SyncMode, SyncState, TaskState};
use serde_json::json;
use store::{Database, TaskFilter, TaskRow};
use testkit::TestDatabase;

use crate::provider::{Provider, boards_and_cards};
use crate::server::{Reply, Server};
use crate::support::{Another, TestRoad};

/// Runs a test on both databases.
macro_rules! on_both {
    ($name:ident, $on_postgresql:ident, $test:ident) => {
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            $test(Database::Sqlite).await;
        }

        #[tokio::test(flavor = "multi_thread")]
        async fn $on_postgresql() {
            let database = tokio::task::spawn_blocking(TestDatabase::create).await.unwrap();
            let Some(database) = database else { return };
            let url = database.url();
            $test(Database::Postgres { url }).await;
        }
    };
}

on_both!(
    together_workers_keep_to_what_a_provider_allows,
    on_postgresql_workers_keep_to_what_a_provider_allows,
    together_within_the_limit
);
on_both!(
    what_one_worker_was_refused_no_other_asks_for,
    on_postgresql_what_one_worker_was_refused_no_other_asks_for,
    one_is_refused
);
on_both!(
    a_refresh_token_for_a_single_use_is_used_once_by_all_workers,
    on_postgresql_a_refresh_token_for_a_single_use_is_used_once_by_all_workers,
    one_token_for_all
);

/// Fetching and landing.
const READING: [&str; 3] = ["housekeeping", "fetch", "parse"];

async fn roads(database: &Database) -> (TestRoad, [Another; 2]) {
    let road = TestRoad::with(tempfile::tempdir().unwrap(), database.clone()).await;
    let roads = [road.one(), road.another(database.clone()).await];
    (road, roads)
}

async fn start(road: &TestRoad, source: SourceId) {
    let started = road
        .store
        .write(move |tx| tx.start_sync(source, SyncMode::Full, model::Timestamp(1)));
    started.await.unwrap();
}

async fn fetches(road: &TestRoad) -> Vec<TaskRow> {
    let filter = TaskFilter {
        kind: Some("fetch_slice".to_owned()),
        ..TaskFilter::default()
    };
    let mut tasks = road.store.read(move |tx| tx.list_tasks(&filter, 200)).await.unwrap();
    tasks.sort_by_key(|task| task.id);
    tasks
}

/// A provider's allowance: so many requests in so long.
struct Allowance {
    ends_at: Instant,
    used: u64,
    refused: u64,
    periods: u64,
}

async fn together_within_the_limit(database: Database) {
    const ALLOWED: u64 = 25;
    const PERIOD: Duration = Duration::from_millis(1_500);
    let allowance = Arc::new(Mutex::new(Allowance {
        ends_at: now(),
        used: 0,
        refused: 0,
        periods: 0,
    }));
    let theirs = Arc::clone(&allowance);
    let server = Server::start(move |asked| {
        let mut allowance = theirs.lock().unwrap();
        if allowance.ends_at <= now() {
            allowance.ends_at = now() + PERIOD;
            allowance.used = 0;
            allowance.periods += 1;
        }
        let left = allowance.ends_at.saturating_duration_since(now()).as_secs_f64();
        allowance.used += 1;
        if allowance.used > ALLOWED {
            allowance.refused += 1;
            return Reply::status(429).header("retry-after-ms", &(left * 1_000.0).ceil());
        }
        boards_and_cards(asked, 12, 25)
            .header("x-ratelimit-remaining", &(ALLOWED - allowance.used))
            .header("x-ratelimit-reset-after", &left)
    });
    let (road, roads) = roads(&database).await;
    let config = json!({ "base_url": server.url });
    let source = road.add_source("http", config, Some(Provider::manifest())).await;
    start(&road, source).await;
    road.run_together(&roads, &READING).await;
    let sync = road
        .store
        .read(move |tx| tx.list_syncs(source, None, 1))
        .await
        .unwrap()
        .remove(0);
    assert_eq!((sync.records_seen, sync.failures), (12 + 12 * 25, 0), "{sync:?}");
    {
        let allowance = allowance.lock().unwrap();
        assert!(allowance.periods > 1, "one allowance was not enough");
        assert_eq!(allowance.refused, 0, "in {} periods", allowance.periods);
    }
    for task in fetches(&road).await {
        assert_eq!(
            (task.state, &task.errors),
            (TaskState::Completed, &json!([])),
            "{task:?}"
        );
    }
}

async fn one_is_refused(database: Database) {
    let server = Server::start(|asked| match asked.path()[..] {
        ["boards"] => Reply::status(429).header("retry-after", &3_600),
        _ => Reply::status(404),
    });
    let (road, [first, second]) = roads(&database).await;
    let config = json!({ "base_url": server.url, "api_key": "the same for both" });
    let mut asked = None;
    for worker in [first, second] {
        // Two sources that the provider counts as one.
        let source = road
            .add_source("http", config.clone(), Some(Provider::manifest()))
            .await;
        start(&road, source).await;
        road.run_together(&[worker], &["housekeeping", "fetch"]).await;
        let by_the_first = *asked.get_or_insert(server.asked().len());
        assert!((1..=2).contains(&by_the_first), "each slice at most once");
        assert_eq!(server.asked().len(), by_the_first, "the second asks nothing");
        let sync = road
            .store
            .read(move |tx| tx.find_open_sync(source))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(sync.state, SyncState::Running);
        let what = sync.waiting_for.unwrap();
        assert!(what.starts_with(&format!("the limit of `{}`", server.host())), "{what}");
        assert!(sync.waiting_until.is_some());
    }
    for task in fetches(&road).await {
        // A wait, not a failed attempt.
        let seen = (task.state, task.attempt, task.class.as_deref(), &task.errors);
        assert_eq!(
            seen,
            (TaskState::Scheduled, 0, Some("wait_until"), &json!([])),
            "{task:?}"
        );
        let message = task.message.as_deref().unwrap_or_default();
        assert!(
            message.contains(&format!("the limit of `{}`", server.host())),
            "{message}"
        );
    }
}

/// What a strict server of tokens remembers.
#[derive(Default)]
struct Tokens {
    granted: usize,
    used: usize,
    refused: HashSet<String>,
}

/// A provider that takes each refresh token once, and each access token thirty times.
fn strict(tokens: Arc<Mutex<Tokens>>) -> Server {
    Server::start(move |asked| {
        let mut tokens = tokens.lock().unwrap();
        if asked.path()[..] == ["token"] {
            if !asked
                .body
                .contains(&format!("refresh_token=refresh-{}-granite", tokens.granted))
            {
                tokens.refused.insert(asked.body.clone());
                return Reply::status(400);
            }
            tokens.granted += 1;
            tokens.used = 0;
            let granted = tokens.granted;
            return Reply::text(
                json!({
                    "access_token": format!("access-{granted}-granite"),
                    "refresh_token": format!("refresh-{granted}-granite"),
                    "expires_in": 3_600,
                })
                .to_string(),
            );
        }
        let is_good = asked.authorization == format!("Bearer access-{}-granite", tokens.granted);
        if !is_good || tokens.used >= 30 {
            return Reply::status(401);
        }
        tokens.used += 1;
        boards_and_cards(asked, 20, 25)
    })
}

async fn one_token_for_all(database: Database) {
    let tokens = Arc::new(Mutex::new(Tokens::default()));
    let server = strict(Arc::clone(&tokens));
    let manifest = Provider::manifest().replace(
        "    http_method: GET\n",
        "    http_method: GET
    authenticator:
      type: OAuthAuthenticator
      token_refresh_endpoint: \"{{ config['base_url'] }}/token\"
      client_id: fossick
      refresh_token: \"{{ config['refresh_token'] }}\"
      refresh_token_updater: {refresh_token_config_path: [refresh_token]}\n",
    );
    let (road, roads) = roads(&database).await;
    let config = json!({ "base_url": server.url, "refresh_token": "refresh-0-granite" });
    let source = road.add_source("http", config, Some(&manifest)).await;
    start(&road, source).await;
    road.run_together(&roads, &READING).await;
    let sync = road
        .store
        .read(move |tx| tx.list_syncs(source, None, 1))
        .await
        .unwrap()
        .remove(0);
    assert_eq!((sync.records_seen, sync.failures), (20 + 20 * 25, 0), "{sync:?}");
    {
        let tokens = tokens.lock().unwrap();
        assert_eq!(tokens.refused, HashSet::new(), "no refresh token was used twice");
        assert!((2..=5).contains(&tokens.granted), "{} tokens", tokens.granted);
    }
    // Whoever comes next goes on with what is kept; nothing of it can be read in the data folder.
    let granted = tokens.lock().unwrap().granted;
    let next = road.another(database).await;
    start(&road, source).await;
    road.run_together(&[next], &READING).await;
    assert!(tokens.lock().unwrap().refused.is_empty());
    assert!(tokens.lock().unwrap().granted > granted);
    for file in crate::place::files_below(&road.dir.path().join("data")) {
        let bytes = std::fs::read(&file).unwrap();
        for secret in ["access-", "refresh-1"] {
            let is_there = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!is_there, "`{secret}` in {}", file.display());
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the server of a test has a clock of its own")]
fn now() -> Instant {
    Instant::now()
}
