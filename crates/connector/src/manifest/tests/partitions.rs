//! Lists and parents: what a stream is read once for.

use model::SyncMode;
use model::connector::Cursor;
use serde_json::{Value as Json, json};

use super::server::{Seen, Server};
use super::{manifest, page, parse, source, sync, try_sync};
use crate::Connector;

#[tokio::test]
async fn a_stream_is_read_once_for_every_value_of_its_lists() {
    let server = Server::json(
        |seen| json!({"data": [{"id": format!("{}{}", seen.query("kind").unwrap(), seen.query("at").unwrap())}]}),
    );
    let router = "      partition_router:
        - type: ListPartitionRouter
          cursor_field: kind
          values: [a, b]
          request_option: {type: RequestOption, inject_into: request_parameter, field_name: kind}
        - type: ListPartitionRouter
          cursor_field: place
          values: \"{{ config['places'] }}\"";
    let requester = "        request_parameters: {at: \"{{ stream_partition['place'] }}\"}";
    let source = source(&manifest(&server, requester, router, ""), json!({"places": ["1", "2"]}));
    let run = sync(&source).await;
    assert_eq!(run.ids(&source), ["a1", "a2", "b1", "b2"]);
    assert_eq!(run.slices.len(), 1);
    assert_eq!(run.nexts.iter().filter(|next| next.is_none()).count(), 1);
}

fn listed(server: &Server) -> String {
    let router = "      partition_router:
        type: ListPartitionRouter
        cursor_field: place
        values: \"{{ config['places'] }}\"";
    manifest(server, "", router, "")
}

#[tokio::test]
async fn a_list_that_is_left_out_is_empty() {
    for places in [json!(null), json!([]), json!("")] {
        let server = Server::json(|_| page([1]));
        let source = source(&listed(&server), json!({"places": places}));
        assert!(sync(&source).await.slices.is_empty());
    }
}

#[tokio::test]
async fn a_stream_that_can_not_be_planned_stops_no_other_and_says_so_itself() {
    let server = Server::json(|_| page([1]));
    let one = listed(&server);
    let (head, rest) = one.split_once("streams:\n").unwrap();
    let (stream, spec) = rest.split_once("spec:").unwrap();
    let other = manifest(&server, "", "", "").replace("name: things", "name: others");
    let other = other
        .split_once("streams:\n")
        .unwrap()
        .1
        .split_once("spec:")
        .unwrap()
        .0
        .to_owned();
    let text = format!("{head}streams:\n{stream}{other}spec:{spec}");
    let source = source(&text, json!({"places": 7}));
    let names = ["things".to_owned(), "others".to_owned()];
    let planned = source.plan(&names, SyncMode::Full, &[], super::NOW).unwrap();
    let mut outcomes = Vec::new();
    for slice in &planned {
        let (mut run, mut queue) = (super::Run::default(), std::collections::VecDeque::new());
        let read = super::read(&source, slice, None, &mut run, &mut queue).await;
        outcomes.push((slice.stream.as_str(), read.map_err(|error| error.to_string())));
    }
    let why = "stream `things`: the list of partitions is `7`, not a list".to_owned();
    assert_eq!(outcomes, [("things", Err(why)), ("others", Ok(()))]);
    // With a configuration that has been mended, the same slice leads to those that are to be read.
    let mended = super::source(&text, json!({"places": ["a"]}));
    let (mut run, mut queue) = (super::Run::default(), std::collections::VecDeque::new());
    super::read(&mended, &planned[0], None, &mut run, &mut queue)
        .await
        .unwrap();
    assert_eq!((queue.len(), run.pages.len()), (1, 0));
    super::read(&mended, &queue.pop_front().unwrap(), None, &mut run, &mut queue)
        .await
        .unwrap();
    assert_eq!(run.ids(&mended), [1]);
}

/// `things` are read for every record of `/parents`.
fn with_parents(server: &Server, things: &str, stream: &str) -> String {
    let router = format!(
        "      partition_router:
        type: SubstreamPartitionRouter
        parent_stream_configs:
          - type: ParentStreamConfig
            parent_key: id
            partition_field: parent_id
            extra_fields: [[owner, name]]
            stream:
              type: DeclarativeStream
              name: parents
              retriever:
                type: SimpleRetriever
                record_selector: {{type: RecordSelector, extractor: {{type: DpathExtractor, field_path: [data]}}}}
                requester: {{type: HttpRequester, url_base: {}, path: /parents}}
                paginator:
                  type: DefaultPaginator
                  page_token_option: {{type: RequestOption, inject_into: request_parameter, field_name: page}}
                  pagination_strategy: {{type: PageIncrement, page_size: 2}}",
        server.url
    );
    manifest(server, things, &router, stream).replace(
        "path: /things",
        "path: \"/parents/{{ stream_partition.parent_id }}/things\"",
    )
}

fn family(seen: &Seen) -> Json {
    match (seen.target.split('?').next().unwrap(), seen.query("page").as_deref()) {
        ("/parents", None) => json!({"data": [{"id": 1, "owner": {"name": "Ann"}}, {"id": 2}]}),
        ("/parents", _) => json!({"data": [{"id": 3, "owner": {"name": "Bob"}}, ]}),
        (path, _) => {
            let parent: i64 = path.split('/').nth(2).unwrap().parse().unwrap();
            page([parent * 10, parent * 10 + 1])
        }
    }
}

const WITH_PARENT: &str = "    transformations:
      - type: AddFields
        fields:
          - {path: [parent], value: '{{ stream_slice.parent_id }}'}
          - {path: [owner], value: \"{{ stream_slice.extra_fields['owner.name'] }}\"}
";

#[tokio::test]
async fn the_records_of_a_parent_become_child_slices() {
    let server = Server::json(family);
    let source = source(&with_parents(&server, "", WITH_PARENT), json!({}));
    let run = sync(&source).await;
    assert_eq!(run.ids(&source), [10, 11, 20, 21, 30, 31]);
    let first = &run.records(&source)[0];
    assert_eq!((&first["parent"], &first["owner"]), (&json!(1), &json!("Ann")));
    // A crash behind the parents' last page finds no child twice.
    let mut rest = super::Run::default();
    let mut queue = std::collections::VecDeque::new();
    super::read(&source, &run.slices[0], run.nexts[1].clone(), &mut rest, &mut queue)
        .await
        .unwrap();
    assert!(rest.pages.is_empty() && queue.is_empty());
    // One slice for the parents, one for the children of each of their pages.
    assert_eq!(run.slices.len(), 3);
    let targets = server.targets();
    assert_eq!(targets[..2], ["/parents", "/parents?page=1"]);
    assert_eq!(targets[2..].len(), 3);
    // The parents' own records do not land in the child's stream.
    assert_eq!(parse(&source, &run.pages[0]).landings, []);
    assert!(run.pages.iter().all(|page| page.stream == "things"));
}

#[tokio::test]
async fn fifty_parents_make_one_slice() {
    let server = Server::json(|seen| match seen.target.as_str() {
        "/parents" => page(0..120),
        _ => page([]),
    });
    let text = with_parents(&server, "", "").replace("page_size: 2", "page_size: 1000");
    let source = source(&text, json!({}));
    assert_eq!(sync(&source).await.slices.len(), 4);
    assert_eq!(server.seen().len(), 121);
}

#[tokio::test]
async fn parents_can_have_parents() {
    let server = Server::json(|seen| match seen.target.as_str() {
        "/teams" => page([1, 2]),
        "/teams/1/parents" => page([5]),
        "/teams/2/parents" => page([6]),
        other => json!({"data": [{"id": other}]}),
    });
    let grandparents = format!(
        "                partition_router:
                  type: SubstreamPartitionRouter
                  parent_stream_configs:
                    - type: ParentStreamConfig
                      parent_key: id
                      partition_field: team_id
                      stream:
                        type: DeclarativeStream
                        name: teams
                        retriever:
                          type: SimpleRetriever
                          record_selector: {{type: RecordSelector, extractor: {{type: DpathExtractor, field_path: [data]}}}}
                          requester: {{type: HttpRequester, url_base: {}, path: /teams}}
                paginator:",
        server.url
    );
    let text = with_parents(&server, "", "")
        .replacen("                paginator:", &grandparents, 1)
        .replace(
            "path: /parents}",
            "path: '/teams/{{ stream_partition.team_id }}/parents'}",
        )
        .replace(
            "/parents/{{ stream_partition.parent_id }}/things",
            "/teams/{{ stream_partition.parent_slice.team_id }}/parents/{{ stream_partition.parent_id }}",
        );
    let source = source(&text, json!({}));
    assert_eq!(
        sync(&source).await.ids(&source),
        ["/teams/1/parents/5", "/teams/2/parents/6"]
    );
}

const CURSOR: &str = "    incremental_sync:
      type: DatetimeBasedCursor
      cursor_field: updated
      datetime_format: '%Y-%m-%d'
      start_datetime: '2024-01-01'
      start_time_option: {type: RequestOption, inject_into: request_parameter, field_name: from}
";

#[tokio::test]
async fn every_partition_keeps_its_own_cursor_and_a_new_one_is_read_whole() {
    let server = Server::json(|seen| match seen.target.split('?').next().unwrap() {
        "/parents" if seen.number < 2 => page([1]),
        "/parents" => page([1, 2]),
        _ => json!({"data": [{"id": seen.number, "updated": "2024-02-02"}]}),
    });
    let text = with_parents(&server, "", CURSOR).replace("page_size: 2", "page_size: 1000");
    let source = source(&text, json!({}));
    let first = sync(&source).await;
    let cursors: Vec<Cursor> = first
        .checkpoints
        .into_iter()
        .map(|(key, value)| Cursor { key, value })
        .collect();
    assert_eq!(cursors.len(), 1);
    assert!(cursors[0].key.starts_with("things/"), "{cursors:?}");
    let (second, result) = try_sync(&source, SyncMode::Incremental, &cursors).await;
    result.unwrap();
    assert_eq!(second.checkpoints.len(), 2);
    let from = server.queries("from");
    assert_eq!(from[1].as_deref(), Some("2024-01-01"));
    assert_eq!(
        (from[3].as_deref(), from[4].as_deref()),
        (Some("2024-02-02"), Some("2024-01-01"))
    );
}

#[tokio::test]
async fn two_routers_over_parents_make_every_combination() {
    let server = Server::json(|seen| match seen.target.as_str() {
        "/parents" => page([1, 2]),
        "/colours" => json!({"data": [{"id": "red"}, {"id": "blue"}]}),
        other => json!({"data": [{"id": other}]}),
    });
    let parents = |name: &str, field: &str| {
        format!(
            "        - type: SubstreamPartitionRouter
          parent_stream_configs:
            - type: ParentStreamConfig
              parent_key: id
              partition_field: {field}
              stream:
                type: DeclarativeStream
                name: {name}
                retriever:
                  type: SimpleRetriever
                  record_selector: {{type: RecordSelector, extractor: {{type: DpathExtractor, field_path: [data]}}}}
                  requester: {{type: HttpRequester, url_base: {}, path: /{name}}}",
            server.url
        )
    };
    let router = format!(
        "      partition_router:
{}
        - {{type: ListPartitionRouter, cursor_field: size, values: [s, m]}}
{}",
        parents("parents", "parent"),
        parents("colours", "colour")
    );
    let text = manifest(&server, "", &router, "").replace(
        "path: /things",
        "path: '/{{ stream_slice.parent }}-{{ stream_slice.colour }}-{{ stream_slice.size }}'",
    );
    let source = source(&text, json!({}));
    let mut ids = sync(&source).await.ids(&source);
    ids.sort_by_key(ToString::to_string);
    let expected = [
        "/1-blue-m",
        "/1-blue-s",
        "/1-red-m",
        "/1-red-s",
        "/2-blue-m",
        "/2-blue-s",
        "/2-red-m",
        "/2-red-s",
    ];
    assert_eq!(ids, expected);
}

/// A source of these places, of which those that the second list names answer with the status beside them.
fn with_trouble(places: &Json, troubles: &'static [(&'static str, u16)]) -> (super::Source, Server) {
    let server = Server::new(move |seen| {
        let place = seen.query("place").unwrap();
        match troubles.iter().find(|(name, _)| *name == place) {
            Some((_, status)) => (*status, Vec::new(), "{}".to_owned()),
            None => (200, Vec::new(), json!({"data": [{"id": place}]}).to_string()),
        }
    });
    let router = "      partition_router:
        type: ListPartitionRouter
        cursor_field: place
        values: \"{{ config['places'] }}\"
        request_option: {type: RequestOption, inject_into: request_parameter, field_name: place}";
    let source = source(&manifest(&server, "", router, ""), json!({ "places": places }));
    (source, server)
}

#[tokio::test]
async fn a_partition_that_can_not_be_read_stops_none_of_the_others() {
    let (source, _server) = with_trouble(&json!(["a", "gone", "b", "closed"]), &[("gone", 404), ("closed", 403)]);
    let run = sync(&source).await;
    assert_eq!(run.ids(&source), ["a", "b"]);
    let said: Vec<(bool, &Json)> = run
        .unreadable
        .iter()
        .map(|(why, next)| {
            (
                why.starts_with("stream `things`, `place` = `gone`: "),
                &next["partition"],
            )
        })
        .collect();
    assert_eq!(said, [(true, &json!(2)), (false, &json!(4))]);
}

#[tokio::test]
async fn where_no_partition_can_be_read_the_slice_fails_as_its_first_does() {
    let (source, _server) = with_trouble(&json!(["gone", "closed"]), &[("gone", 404), ("closed", 403)]);
    let (run, result) = try_sync(&source, SyncMode::Full, &[]).await;
    assert!(run.unreadable.is_empty(), "{:?}", run.unreadable);
    let why = result.unwrap_err().to_string();
    assert!(why.starts_with("stream `things`, `place` = `gone`: "), "{why}");
}

#[tokio::test]
async fn a_partition_that_keeps_failing_is_passed_over_on_the_last_attempt_only() {
    let (source, _server) = with_trouble(&json!(["a", "broken", "b"]), &[("broken", 500)]);
    let slice = source
        .plan(&["things".to_owned()], SyncMode::Full, &[], super::NOW)
        .unwrap()
        .remove(0);
    for (is_last, ids) in [(false, vec!["a"]), (true, vec!["a", "b"])] {
        let (mut run, mut queue) = (super::Run::default(), std::collections::VecDeque::new());
        run.is_last_attempt = is_last;
        let read = super::read(&source, &slice, None, &mut run, &mut queue).await;
        assert_eq!(
            (read.is_ok(), run.ids(&source)),
            (is_last, ids.into_iter().map(Json::from).collect())
        );
        assert_eq!(run.unreadable.len(), usize::from(is_last));
    }
}

#[tokio::test]
async fn an_ignored_error_is_said_unless_it_means_that_nothing_is_there() {
    let handler = "        error_handler:
          response_filters:
          - {type: HttpResponseFilter, action: IGNORE, http_codes: [403, 404]}";
    for (status, is_said) in [(403, true), (404, false)] {
        let server = Server::new(move |_| (status, Vec::new(), "{}".to_owned()));
        let run = sync(&source(&manifest(&server, handler, "", ""), json!({}))).await;
        assert_eq!(!run.incomplete.is_empty(), is_said, "{:?}", run.incomplete);
    }
}
