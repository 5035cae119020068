//! The description of the API covers every route.

use serde_json::json;

use super::house::{As, House};

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

#[tokio::test]
async fn the_reference_file_is_what_is_served() {
    let house = House::new();
    let served = house.get(&As::default(), "/api/v1/openapi.json").await.expect(200);
    assert_eq!(crate::reference(), served.text + "\n");
}

#[tokio::test]
async fn whoever_is_not_signed_in_is_refused_by_all_but_a_few() {
    const OPEN: [&str; 7] = [
        "show_session",
        "start_session",
        "end_session",
        "show_link",
        "use_link",
        "healthz",
        "readyz",
    ];
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
