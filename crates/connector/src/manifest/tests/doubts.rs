//! What a check says of a manifest that works and finds nothing.

use serde_json::{Value as Json, json};

use super::server::Server;
use super::{manifest, source};
use crate::Connector;

const CURSOR: &str = "    incremental_sync:
      type: DatetimeBasedCursor
      cursor_field: updated
      datetime_format: '%Y-%m-%d'
      start_datetime: '2024-01-05'
";

async fn doubts(answer: Json, stream: &str) -> Vec<String> {
    let server = Server::json(move |_| answer.clone());
    let source = source(&manifest(&server, "", "", stream), json!({}));
    source.check().await.unwrap()
}

#[tokio::test]
async fn a_field_path_that_is_not_in_the_answer_is_doubted() {
    let told = doubts(json!({"dat": [{"id": 1}], "total": 1}), "").await;
    assert_eq!(
        told,
        [
            "stream `things`: its records are to be at `data` (`field_path`), and the answer has no `data`; did you mean `dat`?"
        ]
    );
    let told = doubts(json!([{"items": []}]), "").await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].ends_with("known are `items`"), "{told:?}");
    for fine in [
        json!({"data": []}),
        json!({"data": null}),
        json!([]),
        json!([{"data": []}]),
        json!({"data": {"id": 1}}),
    ] {
        assert_eq!(doubts(fine.clone(), "").await, [""; 0], "{fine}");
    }
}

#[tokio::test]
async fn a_cursor_that_no_record_has_is_doubted() {
    let told = doubts(json!({"data": [{"id": 1, "updatd": "2024-02-01"}]}), CURSOR).await;
    assert_eq!(
        told,
        [
            "stream `things`: no record of the first page has a date that can be read in `updated` (`cursor_field`), so that each sync reads everything; did you mean `updatd`?"
        ]
    );
    let told = doubts(json!({"data": [{"id": 1, "updated": "yesterday"}]}), CURSOR).await;
    assert!(told[0].ends_with("see to `cursor_datetime_formats`"), "{told:?}");
    let one_of_two = json!({"data": [{"id": 1}, {"id": 2, "updated": "2024-02-01"}]});
    assert_eq!(doubts(one_of_two, CURSOR).await, [""; 0]);
    assert_eq!(doubts(json!({"data": []}), CURSOR).await, [""; 0]);
}
