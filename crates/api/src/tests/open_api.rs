//! The description of the API covers every route.

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
