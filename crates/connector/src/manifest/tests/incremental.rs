//! Reads by a date: windows, cursors, checkpoints.

use model::SyncMode;
use model::connector::Cursor;
use serde_json::{Value as Json, json};

use super::server::Server;
use super::{manifest, source, sync, try_sync};

const CURSOR: &str = "    incremental_sync:
      type: DatetimeBasedCursor
      cursor_field: updated
      datetime_format: '%Y-%m-%d'
      cursor_datetime_formats: ['%Y-%m-%dT%H:%M:%SZ', '%s']
      start_datetime: {type: MinMaxDatetime, datetime: \"{{ config['start'] }}\", datetime_format: '%Y-%m-%d'}
      start_time_option: {type: RequestOption, inject_into: request_parameter, field_name: from}
      end_time_option: {type: RequestOption, inject_into: request_parameter, field_name: to}
";

const STEPS: &str = "      step: P1M
      cursor_granularity: P1D
      lookback_window: P2D
";

fn cursor(value: &Json) -> Vec<Cursor> {
    vec![Cursor {
        key: "things".to_owned(),
        value: value.clone(),
    }]
}

fn windows(server: &Server) -> Vec<(String, String)> {
    server
        .seen()
        .iter()
        .map(|seen| (seen.query("from").unwrap(), seen.query("to").unwrap()))
        .collect()
}

#[tokio::test]
async fn an_end_in_the_future_is_read_to_and_the_checkpoint_stays_behind_now() {
    let server = Server::json(|_| json!({"data": [{"id": 1, "updated": "2024-04-01T10:00:00Z"}]}));
    let future = CURSOR.to_owned() + "      end_datetime: '2024-06-30'\n";
    let source = source(&manifest(&server, "", "", &future), json!({"start": "2024-01-05"}));
    let run = sync(&source).await;
    assert_eq!(windows(&server), [("2024-01-05".to_owned(), "2024-06-30".to_owned())]);
    assert_eq!(
        run.checkpoints,
        [("things".to_owned(), json!({"updated": "2024-03-10"}))]
    );
}

#[tokio::test]
async fn without_a_step_one_window_reaches_from_the_start_to_now() {
    let server = Server::json(|_| {
        json!({"data": [
        {"id": 1, "updated": "2024-02-01T10:00:00Z"}, {"id": 2, "updated": 1_709_300_000}, {"id": 3, "updated": "?"}]})
    });
    let source = source(&manifest(&server, "", "", CURSOR), json!({"start": "2024-01-05"}));
    let run = sync(&source).await;
    assert_eq!(windows(&server), [("2024-01-05".to_owned(), "2024-03-10".to_owned())]);
    // The highest cursor that was seen, in the manifest's own format.
    assert_eq!(
        run.checkpoints,
        [("things".to_owned(), json!({"updated": "2024-03-01"}))]
    );
    assert_eq!(run.ids(&source), [1, 2, 3]);
}

#[tokio::test]
async fn with_a_step_windows_follow_each_other_and_each_ends_in_a_checkpoint() {
    let server = Server::json(|_| json!({"data": []}));
    let source = source(
        &manifest(&server, "", "", &(CURSOR.to_owned() + STEPS)),
        json!({"start": "2024-01-05"}),
    );
    let run = sync(&source).await;
    let expected = [
        ("2024-01-05", "2024-02-04"),
        ("2024-02-05", "2024-03-04"),
        ("2024-03-05", "2024-03-10"),
    ];
    assert_eq!(
        windows(&server),
        expected.map(|(from, to)| (from.to_owned(), to.to_owned()))
    );
    let values: Vec<&Json> = run.checkpoints.iter().map(|(_, value)| &value["updated"]).collect();
    assert_eq!(values, ["2024-02-05", "2024-03-05", "2024-03-05"]);
}

#[tokio::test]
async fn an_incremental_sync_starts_at_the_cursor_and_looks_back() {
    let server = Server::json(|_| json!({"data": []}));
    let text = manifest(&server, "", "", &(CURSOR.to_owned() + STEPS));
    let source = source(&text, json!({"start": "2024-01-05"}));
    let (run, result) = try_sync(
        &source,
        SyncMode::Incremental,
        &cursor(&json!({"updated": "2024-03-08"})),
    )
    .await;
    result.unwrap();
    assert_eq!(windows(&server), [("2024-03-06".to_owned(), "2024-03-10".to_owned())]);
    // Nothing new was seen: looking back does not move the cursor back.
    assert_eq!(run.checkpoints[0].1, json!({"updated": "2024-03-08"}));
}

#[tokio::test]
async fn a_cursor_before_the_start_begins_at_the_start_and_a_future_start_reads_nothing() {
    let server = Server::json(|_| json!({"data": []}));
    let text = manifest(&server, "", "", CURSOR);
    let early = source(&text, json!({"start": "2024-03-09"}));
    try_sync(
        &early,
        SyncMode::Incremental,
        &cursor(&json!({"updated": "2023-01-01"})),
    )
    .await
    .1
    .unwrap();
    assert_eq!(windows(&server)[0].0, "2024-03-09");
    let late = source(&text, json!({"start": "2025-01-01"}));
    assert!(sync(&late).await.slices.is_empty());
}

#[tokio::test]
async fn a_start_that_is_no_date_is_an_error_with_its_format() {
    let server = Server::json(|_| json!({"data": []}));
    let source = source(&manifest(&server, "", "", CURSOR), json!({"start": "soon"}));
    let error = super::failure(&source).await.to_string();
    assert_eq!(
        error,
        "stream `things`: the start date is `soon`, which does not fit the format `%Y-%m-%d`"
    );
}

#[tokio::test]
async fn templates_see_the_window() {
    let server = Server::json(|_| json!({"data": [{"id": 1}]}));
    let requester = "        request_parameters:
          q: \"updated>{{ stream_interval.start_time }} and <{{ stream_interval['end_time'] }}\"";
    let transform = CURSOR.to_owned()
        + "    transformations:
      - {type: AddFields, fields: [{path: [window], value: \"{{ stream_slice.start_time }}\"}]}
";
    let source = source(
        &manifest(&server, requester, "", &transform),
        json!({"start": "2024-01-05"}),
    );
    let run = sync(&source).await;
    assert_eq!(
        server.queries("q")[0].as_deref(),
        Some("updated>2024-01-05 and <2024-03-10")
    );
    assert_eq!(run.records(&source)[0]["window"], "2024-01-05");
}

#[tokio::test]
async fn a_feed_stops_at_the_first_old_record() {
    let server = Server::json(|seen| match seen.number {
        0 => json!({"data": [{"id": 2, "updated": "2024-03-09T00:00:00Z"}]}),
        1 => json!({"data": [{"id": 1, "updated": "2024-03-01T00:00:00Z"}]}),
        _ => json!({"data": [{"id": 0, "updated": "2024-01-01T00:00:00Z"}]}),
    });
    let paging = "      paginator:
        type: DefaultPaginator
        page_token_option: {type: RequestOption, inject_into: request_parameter, field_name: page}
        pagination_strategy: {type: PageIncrement, page_size: 1}";
    let text = manifest(&server, "", paging, &(CURSOR.to_owned() + "      is_data_feed: true\n"));
    let source = source(&text, json!({"start": "2024-01-05"}));
    let (run, result) = try_sync(
        &source,
        SyncMode::Incremental,
        &cursor(&json!({"updated": "2024-03-05"})),
    )
    .await;
    result.unwrap();
    assert_eq!(run.pages.len(), 2);
    assert_eq!(run.checkpoints[0].1, json!({"updated": "2024-03-09"}));
}
