//! Every way to the next page, and chains that never end.

use serde_json::{Value as Json, json};

use super::server::{Seen, Server};
use super::{Run, failure, manifest, page, read, source, sync};
use crate::{Connector, Error};
use model::SyncMode;
use std::collections::VecDeque;

fn paginator(strategy: &str, token: &str) -> String {
    format!(
        "      paginator:
        type: DefaultPaginator
        page_size_option: {{type: RequestOption, inject_into: request_parameter, field_name: limit}}
        page_token_option: {token}
        pagination_strategy: {strategy}"
    )
}

fn parameter(name: &str) -> String {
    format!("{{type: RequestOption, inject_into: request_parameter, field_name: {name}}}")
}

fn some(values: &[&str]) -> Vec<Option<String>> {
    values.iter().map(|value| Some((*value).to_owned())).collect()
}

#[tokio::test]
async fn page_numbers_rise_until_a_page_is_short() {
    let server = Server::json(|seen| match seen.query("page").as_deref() {
        None => page([1, 2]),
        Some("2") => page([3, 4]),
        _ => page([5]),
    });
    let paging = paginator(
        "{type: PageIncrement, page_size: 2, start_from_page: 1}",
        &parameter("page"),
    );
    let source = source(&manifest(&server, "", &paging, ""), json!({}));
    let run = sync(&source).await;
    assert_eq!(run.ids(&source), [1, 2, 3, 4, 5]);
    assert_eq!(
        server.queries("page"),
        [None, Some("2".to_owned()), Some("3".to_owned())]
    );
    assert_eq!(server.queries("limit"), some(&["2", "2", "2"]));
    assert!(run.nexts[0].is_some() && run.nexts[2].is_none());
}

#[tokio::test]
async fn the_first_page_number_is_sent_where_the_manifest_says_so() {
    let server = Server::json(|_| page([]));
    let strategy = "{type: PageIncrement, page_size: 2, start_from_page: 0, inject_on_first_request: true}";
    let source = source(
        &manifest(&server, "", &paginator(strategy, &parameter("page")), ""),
        json!({}),
    );
    sync(&source).await;
    assert_eq!(server.queries("page"), some(&["0"]));
}

#[tokio::test]
async fn offsets_rise_by_the_records_before_filtering() {
    let server = Server::json(|seen| match seen.query("offset").as_deref() {
        None => page([1, 2, 3]),
        Some("3") => page([4, 5, 6]),
        _ => page([]),
    });
    let paging = paginator(
        "{type: OffsetIncrement, page_size: \"{{ config['size'] }}\"}",
        &parameter("offset"),
    );
    let text = manifest(&server, "", &paging, "").replace(
        "extractor: {type: DpathExtractor",
        "record_filter: {type: RecordFilter, condition: '{{ record.id is odd }}'}, extractor: {type: DpathExtractor",
    );
    let source = source(&text, json!({"size": 3}));
    let run = sync(&source).await;
    assert_eq!(run.ids(&source), [1, 3, 5]);
    assert_eq!(
        server.queries("offset"),
        [None, Some("3".to_owned()), Some("6".to_owned())]
    );
}

#[tokio::test]
async fn a_cursor_in_the_body_is_followed_until_the_stop_condition() {
    let server = Server::json(|seen| match seen.query("after").as_deref() {
        None => json!({"data": [{"id": 1}], "meta": {"next": "b"}, "more": true}),
        _ => json!({"data": [{"id": 2}], "meta": {"next": "c"}, "more": false}),
    });
    let strategy = "{type: CursorPagination, page_size: 9, cursor_value: '{{ response.meta.next }}',
          stop_condition: '{{ not response.more }}'}";
    let source = source(
        &manifest(&server, "", &paginator(strategy, &parameter("after")), ""),
        json!({}),
    );
    assert_eq!(sync(&source).await.ids(&source), [1, 2]);
    assert_eq!(server.queries("after"), [None, Some("b".to_owned())]);
}

#[tokio::test]
async fn the_last_record_can_be_the_cursor() {
    let server = Server::json(|seen| match seen.query("after").as_deref() {
        None => page([1, 2]),
        Some("2") => page([3]),
        _ => page([]),
    });
    let strategy = "{type: CursorPagination, page_size: 2, cursor_value: \"{{ last_record['id'] }}\",
          stop_condition: '{{ last_page_size < 2 }}'}";
    let source = source(
        &manifest(&server, "", &paginator(strategy, &parameter("after")), ""),
        json!({}),
    );
    assert_eq!(sync(&source).await.ids(&source), [1, 2, 3]);
    assert_eq!(server.queries("after"), [None, Some("2".to_owned())]);
}

#[tokio::test]
async fn link_headers_are_followed_as_paths() {
    let server = Server::new(|seen: &Seen| {
        let host = seen.header("host").unwrap().to_owned();
        let link = format!(
            "<http://{host}/things?page=1>; rel=\"first\", <http://{host}/things?page=2&limit=1>; rel=\"next\""
        );
        let headers = if seen.query("page").is_none() {
            vec![("Link", link)]
        } else {
            vec![]
        };
        (200, headers, page([i64::try_from(seen.number).unwrap()]).to_string())
    });
    let strategy = "{type: CursorPagination, page_size: 1, cursor_value: \"{{ headers['link']['next']['url'] }}\",
          stop_condition: \"{{ 'next' not in headers['link'] }}\"}";
    let source = source(
        &manifest(&server, "", &paginator(strategy, "{type: RequestPath}"), ""),
        json!({}),
    );
    assert_eq!(sync(&source).await.ids(&source), [0, 1]);
    // What the link carries is not added a second time.
    assert_eq!(server.targets(), ["/things?limit=1", "/things?page=2&limit=1"]);
}

#[tokio::test]
async fn a_token_can_go_into_a_header_or_into_a_json_body() {
    for (option, is_header) in [
        ("{type: RequestOption, inject_into: header, field_name: X-Page}", true),
        (
            "{type: RequestOption, inject_into: body_json, field_path: [paging, at]}",
            false,
        ),
    ] {
        let server = Server::json(move |seen| {
            let body: Json = serde_json::from_str(&seen.body).unwrap_or_default();
            let token = if is_header {
                seen.header("x-page").map(Json::from)
            } else {
                body.pointer("/paging/at").cloned()
            };
            match token {
                None => json!({"data": [{"id": 1}], "next": "b"}),
                Some(token) => json!({"data": [{"id": token}]}),
            }
        });
        let strategy = "{type: CursorPagination, cursor_value: '{{ response.next }}'}";
        let paging = format!(
            "      paginator: {{type: DefaultPaginator, page_token_option: {option}, pagination_strategy: {strategy}}}"
        );
        let requester = "        http_method: POST\n        request_body_json: {filter: {active: true}}";
        let source = source(&manifest(&server, requester, &paging, ""), json!({}));
        assert_eq!(sync(&source).await.ids(&source), [json!(1), json!("b")]);
        let body: Json = serde_json::from_str(&server.seen()[1].body).unwrap();
        assert_eq!(body["filter"], json!({"active": true}));
    }
}

#[tokio::test]
async fn a_stored_position_goes_on_in_the_middle_of_a_chain() {
    let server = Server::json(|seen| match seen.query("page").as_deref() {
        None => page([1, 2]),
        Some("1") => page([3, 4]),
        _ => page([5]),
    });
    let paging = paginator("{type: PageIncrement, page_size: 2}", &parameter("page"));
    let source = source(&manifest(&server, "", &paging, ""), json!({}));
    let whole = sync(&source).await;
    let mut rest = Run::default();
    let position = whole.nexts[0].clone();
    read(&source, &whole.slices[0], position, &mut rest, &mut VecDeque::new())
        .await
        .unwrap();
    assert_eq!(rest.ids(&source), [3, 4, 5]);
}

#[tokio::test]
async fn a_stored_position_that_the_provider_refuses_is_told_apart() {
    let server = Server::new(|seen| match (seen.number, seen.query("after").as_deref()) {
        (0, _) => (200, vec![], json!({"data": [{"id": 1}], "next": "old"}).to_string()),
        (1, _) => (200, vec![], page([2]).to_string()),
        _ => (410, vec![], json!({"error": "cursor expired"}).to_string()),
    });
    let strategy = "{type: CursorPagination, page_size: 1, cursor_value: '{{ response.next }}'}";
    let source = source(
        &manifest(&server, "", &paginator(strategy, &parameter("after")), ""),
        json!({}),
    );
    let whole = sync(&source).await;
    let position = whole.nexts[0].clone();
    let slice = &whole.slices[0];
    let error = read(&source, slice, position, &mut Run::default(), &mut VecDeque::new())
        .await
        .unwrap_err();
    assert!(
        matches!(&error, Error::PositionRefused(why) if why.contains("cursor expired")),
        "{error:?}"
    );
    let error = read(
        &source,
        slice,
        Some(json!("nonsense")),
        &mut Run::default(),
        &mut VecDeque::new(),
    )
    .await;
    assert!(matches!(error, Err(Error::PositionRefused(_))), "{error:?}");
}

#[tokio::test]
async fn chains_without_end_are_refused() {
    let same_token = Server::json(|_| json!({"data": [], "next": "again"}));
    let same_page = Server::json(|_| page([1, 2]));
    let ever_new = Server::json(|seen| json!({"data": [{"id": seen.number}], "next": format!("t{}", seen.number)}));
    let cursor = "{type: CursorPagination, page_size: 2, cursor_value: '{{ response.next }}'}";
    for (server, strategy, part) in [
        (same_token, cursor, "the same page token comes back"),
        (
            same_page,
            "{type: PageIncrement, page_size: 2}",
            "the same page comes back under another token",
        ),
        (ever_new, cursor, "has sent 200 pages and names a next one"),
    ] {
        let source = source(
            &manifest(&server, "", &paginator(strategy, &parameter("after")), ""),
            json!({}),
        );
        let error = failure(&source).await;
        assert!(
            matches!(&error, Error::FixConfiguration(why) if why.contains(part)),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn one_token_may_scroll_through_everything() {
    let server = Server::json(|seen| match seen.number {
        0..=4 => json!({"data": [{"id": seen.number}], "next": "scroll"}),
        _ => json!({"data": []}),
    });
    let cursor = "{type: CursorPagination, cursor_value: '{{ response.next }}'}";
    let source = source(
        &manifest(&server, "", &paginator(cursor, &parameter("after")), ""),
        json!({}),
    );
    assert_eq!(sync(&source).await.ids(&source), [0, 1, 2, 3, 4]);
}

#[tokio::test]
async fn behind_a_token_the_slice_is_not_named_where_the_manifest_says_so() {
    let server = Server::json(|seen| match seen.number {
        0 => json!({"data": [{"id": 0}], "next": "n"}),
        _ => page([1]),
    });
    let cursor = "{type: CursorPagination, cursor_value: '{{ response.next }}'}";
    let retriever = paginator(cursor, &parameter("after"))
        + "
      ignore_stream_slicer_parameters_on_paginated_requests: true
      partition_router:
        type: ListPartitionRouter
        cursor_field: board
        values: [b]
        request_option: {type: RequestOption, inject_into: request_parameter, field_name: board}";
    let source = source(&manifest(&server, "", &retriever, ""), json!({}));
    assert_eq!(sync(&source).await.ids(&source), [0, 1]);
    assert_eq!(server.targets(), ["/things?board=b", "/things?after=n"]);
}

#[tokio::test]
async fn a_page_link_to_another_host_is_refused() {
    let server = Server::json(|_| json!({"data": [{"id": 1}], "next": "https://evil.example/things?page=2"}));
    let strategy = "{type: CursorPagination, page_size: 2, cursor_value: '{{ response.next }}'}";
    let source = source(
        &manifest(&server, "", &paginator(strategy, "{type: RequestPath}"), ""),
        json!({}),
    );
    assert_eq!(
        failure(&source).await,
        Error::FixConfiguration(
            "stream `things`: a page link leads to `evil.example`, the manifest names `127.0.0.1`, so it was not followed; \
             if that host is meant, name it in the manifest"
                .to_owned()
        )
    );
    assert_eq!(server.seen().len(), 1);
    assert_eq!(
        source
            .plan(&["none".to_owned()], SyncMode::Full, &[], super::NOW)
            .unwrap_err()
            .to_string(),
        "the manifest has no stream `none`"
    );
}
