//! The description of the API covers every route.

use std::collections::HashSet;

use serde_json::{Value as Json, json};

use super::house::{As, House};

/// The operations that anybody may call.
const OPEN: [&str; 7] = [
    "show_session",
    "start_session",
    "end_session",
    "show_link",
    "use_link",
    "healthz",
    "readyz",
];

#[tokio::test]
async fn the_description_is_openapi_3_1_and_names_every_problem_code() {
    let house = House::new();
    let document = house.get(&As::default(), "/api/v1/openapi.json").await.expect(200).json;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let text = document["info"]["description"].as_str().unwrap();
    for code in crate::Code::ALL {
        assert!(text.contains(&format!("`{}`", code.row().1)));
    }
}

/// Everything that an object holds at `$ref`, at any depth.
fn references<'a>(value: &'a Json, found: &mut Vec<&'a str>) {
    match value {
        Json::Object(object) => {
            found.extend(object.get("$ref").and_then(Json::as_str));
            object.values().for_each(|value| references(value, found));
        }
        Json::Array(items) => items.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn the_description_has_what_openapi_demands() {
    let document: Json = serde_json::from_str(&crate::reference()).unwrap();
    let mut ids = HashSet::new();
    let schemes = &document["components"]["securitySchemes"];
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap_or_default();
            assert!(!id.is_empty() && ids.insert(id), "{method} {path}: `{id}`");
            let responses = operation["responses"].as_object().unwrap();
            assert!(!responses.is_empty(), "{id}");
            for (status, response) in responses {
                let text = response["description"].as_str().unwrap_or_default();
                assert!(!text.is_empty(), "{id}: the answer {status} has no description");
            }
            let parameters = operation["parameters"].as_array().map(Vec::as_slice);
            let parameters = parameters.unwrap_or_default();
            for name in path
                .split('/')
                .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            {
                let is_this = |one: &Json| one["in"] == "path" && one["name"] == name && one["required"] == true;
                assert!(parameters.iter().any(is_this), "{id}: {name} is not described");
            }
            let security = operation.get("security").unwrap_or(&document["security"]);
            let ways = security.as_array().unwrap();
            assert!(!ways.is_empty(), "{id}");
            for way in ways.iter().map(|way| way.as_object().unwrap()) {
                assert!(way.keys().all(|name| schemes.get(name).is_some()), "{id}: {way:?}");
                let is_search = way.keys().any(|name| name.starts_with("search_"));
                assert_eq!(is_search, path.starts_with("/1/"), "{id}: {way:?}");
            }
            let is_open = ways.iter().any(|way| way == &json!({}));
            assert_eq!(is_open, OPEN.contains(&id), "{id}");
        }
    }
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(!found.is_empty());
    for reference in found {
        let target = reference
            .strip_prefix('#')
            .and_then(|pointer| document.pointer(pointer));
        assert!(target.is_some(), "`{reference}` leads nowhere");
    }
}

#[tokio::test]
async fn the_reference_file_is_what_is_served() {
    let house = House::new();
    let served = house.get(&As::default(), "/api/v1/openapi.json").await.expect(200);
    assert_eq!(crate::reference(), served.text + "\n");
}

#[tokio::test]
async fn whoever_is_not_signed_in_is_refused_by_all_but_a_few() {
    let house = House::new();
    let document = house.get(&As::default(), "/api/v1/openapi.json").await.expect(200).json;
    let strangers = [
        As::default(),
        As {
            cookie: Some("fossick_session=made-up".to_owned()),
            csrf: Some("made-up".to_owned()),
            ..As::default()
        },
        As {
            key: Some("fsk_made_up".to_owned()),
            ..As::default()
        },
    ];
    let mut refused = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            if OPEN.contains(&id) {
                continue;
            }
            let status = if path.starts_with("/1/") { 403 } else { 401 };
            // A body that names every field, so that nothing is refused for its form first.
            let body = json!({ "requests": [] });
            let mut path = path.replace("{kind}", "user");
            for number in ["{id}", "{member}", "{stream}"] {
                path = path.replace(number, "1");
            }
            let path = path.replace(['{', '}'], "");
            for stranger in &strangers {
                let method = method.to_uppercase().parse().unwrap();
                let answer = house.call(stranger, method, &path, Some(body.clone())).await;
                assert_eq!(answer.status.as_u16(), status, "{id} {path}: {}", answer.text);
                refused += 1;
            }
        }
    }
    assert!(refused > 150, "{refused}");
}

#[tokio::test]
async fn every_described_operation_is_routed() {
    let house = House::new();
    let document = house.get(&As::default(), "/api/v1/openapi.json").await.expect(200).json;
    for (path, operations) in document["paths"].as_object().unwrap() {
        let concrete = path.replace(['{', '}'], "");
        for method in ["get", "post", "put", "patch", "delete"] {
            let is_described = operations.get(method).is_some();
            let method = method.to_uppercase().parse().unwrap();
            let answer = house.call(&As::default(), method, &concrete, None).await;
            let is_routed = !matches!(answer.status.as_u16(), 405) && !answer.text.contains("there is no endpoint");
            assert!(!is_described || is_routed, "{path}: {}", answer.text);
        }
        for operation in operations.as_object().unwrap().values() {
            for name in ["operationId", "tags", "responses"] {
                assert!(!operation[name].is_null(), "{path} lacks {name}");
            }
        }
    }
}
