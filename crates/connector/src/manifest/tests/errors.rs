//! Providers on a bad day.

use model::SyncMode;
use serde_json::json;

use super::server::{Reply, Server};
use super::{NOW, failure, manifest, page, source, sync, try_sync};
use crate::Error;

fn fine() -> Reply {
    (200, vec![], page([1]).to_string())
}

#[tokio::test]
async fn a_429_waits_as_long_as_it_says_and_tries_again() {
    let server = Server::new(|seen| match seen.number {
        0 => (429, vec![("Retry-After", "0".to_owned())], String::new()),
        _ => fine(),
    });
    let source = source(&manifest(&server, "", "", ""), json!({}));
    assert_eq!(sync(&source).await.ids(&source), [1]);
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn a_long_wait_steps_aside_until_the_instant_that_was_named() {
    let server = Server::new(|_| (429, vec![("Retry-After", "3600".to_owned())], String::new()));
    let source = source(&manifest(&server, "", "", ""), json!({}));
    let error = failure(&source).await;
    let host = server.url.trim_start_matches("http://");
    let why = format!(
        "the limit of `{host}` (stream `things`: `{}/things` answered 429)",
        server.url
    );
    let at = NOW.plus_ms(3_600_000);
    assert_eq!(error, Error::WaitUntil { at, why });
    // The governor remembers: nothing is sent before.
    let why = format!("the limit of `{host}`");
    assert_eq!(failure(&source).await, Error::WaitUntil { at, why });
    assert_eq!(server.seen().len(), 1);
}

const QUICK: &str = "        error_handler:
          type: DefaultErrorHandler
          max_retries: 2
          backoff_strategies: [{type: ConstantBackoffStrategy, backoff_time_in_seconds: 0.01}]";

#[tokio::test]
async fn a_500_is_tried_again_and_then_given_up() {
    let server = Server::new(|seen| match seen.number {
        0 | 1 => (500, vec![], "oops".to_owned()),
        _ => fine(),
    });
    let well = source(&manifest(&server, QUICK, "", ""), json!({}));
    assert_eq!(sync(&well).await.ids(&well), [1]);

    let server = Server::new(|_| {
        (
            503,
            vec![],
            json!({"errors": [{"detail": "down for repair"}]}).to_string(),
        )
    });
    let error = failure(&source(&manifest(&server, QUICK, "", ""), json!({}))).await;
    let expected = format!("stream `things`: `{}/things` answered 503: down for repair", server.url);
    assert_eq!(error, Error::Retry(expected));
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn a_long_wait_after_a_failure_counts_as_one_unless_the_provider_named_it() {
    let slow = QUICK.replace("0.01", "3600");
    for (headers, is_failure) in [(vec![], true), (vec![("Retry-After", "3600".to_owned())], false)] {
        let server = Server::new(move |_| (503, headers.clone(), String::new()));
        let error = failure(&source(&manifest(&server, &slow, "", ""), json!({}))).await;
        assert_eq!(matches!(error, Error::Retry(_)), is_failure, "{error:?}");
        assert_eq!(matches!(error, Error::WaitUntil { .. }), !is_failure, "{error:?}");
    }
}

#[tokio::test]
async fn garbage_is_tried_again_and_then_named_with_its_first_words() {
    let server = Server::new(|_| (200, vec![], "<html>\n  <b>Not now".to_owned()));
    let error = failure(&source(&manifest(&server, QUICK, "", ""), json!({}))).await;
    let expected = format!(
        "stream `things`: `{}/things` answered something that can't be read as JSON (expected value at line 1 column 1): `<html> <b>Not now`",
        server.url
    );
    assert_eq!(error, Error::Retry(expected));
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn an_empty_answer_holds_no_records() {
    let server = Server::new(|_| (204, vec![], String::new()));
    let source = source(&manifest(&server, "", "", ""), json!({}));
    assert!(sync(&source).await.ids(&source).is_empty());
}

#[tokio::test]
async fn refusals_are_told_apart_and_hide_secrets() {
    for (status, expected) in [
        (401, "credentials"),
        (403, "credentials"),
        (404, "answered 404: no such `***`"),
    ] {
        let body = json!({"message": "no such `s3cr3t`"}).to_string();
        let server = Server::new(move |_| (status, vec![], body.clone()));
        let error = failure(&source(&manifest(&server, "", "", ""), json!({"api_key": "s3cr3t"}))).await;
        assert_eq!(matches!(error, Error::Reauthenticate(_)), status != 404, "{error:?}");
        let text = error.to_string();
        assert!(text.contains(expected) && !text.contains("s3cr3t"), "{text}");
    }
}

fn filter(filter: &str) -> String {
    format!("        error_handler: {{type: DefaultErrorHandler, response_filters: [{filter}]}}")
}

#[tokio::test]
async fn filters_ignore_fail_and_retry_by_status_text_and_predicate() {
    let ignored = filter("{type: HttpResponseFilter, action: IGNORE, http_codes: [404]}");
    let server = Server::new(|_| (404, vec![], "not even JSON".to_owned()));
    let tolerant = source(&manifest(&server, &ignored, "", ""), json!({}));
    assert!(sync(&tolerant).await.ids(&tolerant).is_empty());

    let failing = filter(
        "{type: HttpResponseFilter, action: FAIL, predicate: \"{{ response.ok == false }}\",
          error_message: \"The account is {{ response['state'] }}.\"}",
    );
    let server = Server::json(|_| json!({"ok": false, "state": "closed", "data": []}));
    let error = failure(&source(&manifest(&server, &failing, "", ""), json!({}))).await;
    assert!(
        matches!(&error, Error::FixConfiguration(why) if why.contains("The account is closed.: ")),
        "{error:?}"
    );

    let retried = filter("{type: HttpResponseFilter, action: RATE_LIMITED, error_message_contains: 'too fast'}")
        .replace(
            "response_filters",
            "backoff_strategies: [{type: WaitTimeFromHeader, header: X-Wait, regex: '[0-9.]+'}], response_filters",
        );
    let server = Server::new(|seen| match seen.number {
        0 => (
            400,
            vec![("X-Wait", "0.01s".to_owned())],
            json!({"error": {"message": "far too fast"}}).to_string(),
        ),
        _ => fine(),
    });
    let limited = source(&manifest(&server, &retried, "", ""), json!({}));
    assert_eq!(sync(&limited).await.ids(&limited), [1]);
}

#[tokio::test]
async fn a_predicate_that_can_not_be_worked_out_is_told_and_one_about_nothing_does_not_hold() {
    let broken = filter("{type: HttpResponseFilter, action: FAIL, predicate: '{{ 1 / response.zero }}'}");
    let server = Server::json(|_| json!({"data": [{"id": 1}], "zero": 0}));
    let error = failure(&source(&manifest(&server, &broken, "", ""), json!({}))).await;
    assert!(
        matches!(&error, Error::FixConfiguration(why) if why.starts_with("stream `things`: the error handler: ")),
        "{error:?}"
    );
    let absent = filter("{type: HttpResponseFilter, action: FAIL, predicate: '{{ response.none.at.all }}'}");
    let source = source(&manifest(&server, &absent, "", ""), json!({}));
    assert_eq!(sync(&source).await.ids(&source), [1]);
}

#[tokio::test]
async fn a_failure_that_the_manifest_calls_passing_is_tried_again_later() {
    let passing = filter("{type: HttpResponseFilter, action: FAIL, failure_type: transient_error, http_codes: [409]}");
    let server = Server::new(|_| (409, vec![], String::new()));
    let error = failure(&source(&manifest(&server, &passing, "", ""), json!({}))).await;
    assert!(matches!(error, Error::Retry(_)), "{error:?}");
    let lost = Server::new(|_| (302, vec![("Location", "http://".to_owned())], String::new()));
    let error = failure(&source(&manifest(&lost, QUICK, "", ""), json!({}))).await;
    assert!(matches!(error, Error::Retry(_)), "{error:?}");
}

#[tokio::test]
async fn what_an_error_says_is_no_record_and_an_ignored_answer_without_one_is_read() {
    for action in ["IGNORE", "SUCCESS"] {
        let passed = filter(&format!(
            "{{type: HttpResponseFilter, action: {action}, http_codes: [403, 404]}}"
        ));
        let paging = "      paginator:
        type: DefaultPaginator
        page_token_option: {type: RequestPath}
        pagination_strategy: {type: CursorPagination, cursor_value: '{{ response.next }}'}";
        let server = Server::new(|_| {
            let body = json!({"data": [{"id": "what went wrong"}], "next": "/things?page=2"});
            (404, vec![], body.to_string())
        });
        let source = source(&manifest(&server, &passed, paging, ""), json!({}));
        assert!(sync(&source).await.ids(&source).is_empty());
        assert_eq!(server.seen().len(), 1, "{action}");
    }
    let ignored = filter("{type: HttpResponseFilter, action: IGNORE, predicate: '{{ response.partial }}'}");
    let paging = "      paginator:
        type: DefaultPaginator
        page_token_option: {type: RequestOption, inject_into: request_parameter, field_name: page}
        pagination_strategy: {type: PageIncrement, page_size: 1}";
    let server = Server::json(|seen| match seen.number {
        0 => json!({"data": [{"id": 1}], "partial": true}),
        _ => page([]),
    });
    let source = source(&manifest(&server, &ignored, paging, ""), json!({}));
    assert_eq!(sync(&source).await.ids(&source), [1]);
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn a_broken_character_costs_no_page() {
    let server = Server::new(|_| {
        (
            200,
            vec![],
            r#"{"data": [{"id": 1, "name": "\ud83d", "share": NaN}]}"#.to_owned(),
        )
    });
    let source = source(&manifest(&server, "", "", ""), json!({}));
    let records = sync(&source).await.records(&source);
    assert_eq!(records, [json!({"id": 1, "name": "\u{fffd}", "share": null})]);
}

#[tokio::test]
async fn a_wait_that_a_manifest_reads_from_a_header_is_a_week_at_most() {
    let waits = QUICK.replace(
        "{type: ConstantBackoffStrategy, backoff_time_in_seconds: 0.01}",
        "{type: WaitTimeFromHeader, header: X-Wait}",
    );
    for (wait, ms) in [("1e300", 7 * 24 * 3_600_000), ("inf", 3_600_000), ("NaN", 3_600_000)] {
        let headers = vec![("X-Wait", wait.to_owned()), ("Retry-After", "3600".to_owned())];
        let server = Server::new(move |_| (429, headers.clone(), String::new()));
        let error = failure(&source(&manifest(&server, &waits, "", ""), json!({}))).await;
        assert!(
            matches!(&error, Error::WaitUntil { at, .. } if at.since_ms(NOW) == ms),
            "{wait}: {error:?}"
        );
    }
}

#[tokio::test]
async fn of_several_handlers_the_first_that_knows_decides() {
    let handler = "        error_handler:
          type: CompositeErrorHandler
          error_handlers:
            - {type: DefaultErrorHandler, response_filters: [{http_codes: [418], action: FAIL}]}
            - {type: DefaultErrorHandler, response_filters: [{http_codes: [404], action: IGNORE}]}";
    let server = Server::new(|_| (404, vec![], String::new()));
    let source = source(&manifest(&server, handler, "", ""), json!({}));
    assert!(sync(&source).await.ids(&source).is_empty());
}

#[tokio::test]
async fn a_server_that_is_gone_is_tried_again_later() {
    let server = Server::json(|_| page([]));
    let text = manifest(&server, QUICK, "", "").replace(&server.url, "http://127.0.0.1:1");
    let (run, result) = try_sync(&source(&text, json!({})), SyncMode::Full, &[]).await;
    assert!(
        matches!(&result, Err(Error::Retry(why)) if why.contains("can't be reached")),
        "{result:?}"
    );
    assert!(run.pages.is_empty());
}

#[tokio::test]
async fn a_redirect_to_another_host_is_the_providers_and_says_what_if_it_has_moved() {
    let server = Server::new(|_| {
        let elsewhere = "http://sorry.example/maintenance?token=s3cret".to_owned();
        (302, vec![("location", elsewhere)], String::new())
    });
    let error = failure(&source(&manifest(&server, QUICK, "", ""), json!({}))).await;
    let Error::Retry(why) = &error else {
        panic!("{error:?}");
    };
    for words in ["another host, `sorry.example`,", "has moved", "name it in the manifest"] {
        assert!(why.contains(words), "{why}");
    }
    assert!(!why.contains("s3cret"), "{why}");
}

#[tokio::test]
async fn a_private_address_needs_the_operator() {
    let server = Server::json(|_| page([]));
    let text = manifest(&server, "", "", "").replace(&server.url, "http://10.0.0.1");
    let error = failure(&source(&text, json!({}))).await;
    assert!(
        matches!(&error, Error::FixConfiguration(why) if why.contains("private address")),
        "{error:?}"
    );
}
