//! Records, previews, why somebody may see them.

use model::{Acl, GroupId, Principal, Role, Visibility};
use serde_json::json;

use super::house::House;

#[tokio::test]
async fn a_preview_marks_the_words_in_utf_16_units() {
    let house = House::new();
    let (id, ada) = house.somebody("ada@example.org", Role::Member).await;
    let place = house.source("Drive", id, Visibility::Owner).await;
    let record = house
        .document(place, "notes.txt", "😀 the Invoice and invoices", Acl::source_only())
        .await;
    let preview = house
        .get(&ada, &format!("/api/v1/records/{record}/preview?q=invoice"))
        .await
        .expect(200)
        .json;
    assert_eq!(preview["text"], "😀 the Invoice and invoices");
    assert_eq!(preview["marks"], json!([[7, 14], [19, 26]]));
    assert_eq!(preview["source"], json!({"id": place.0, "name": "Drive"}));
    assert_eq!(preview["download"], true);
    let plain = house
        .get(&ada, &format!("/api/v1/records/{record}/preview"))
        .await
        .expect(200)
        .json;
    assert_eq!(plain["marks"], json!([]));
    let other = house
        .get(&ada, &format!("/api/v1/records/{record}/preview?q=zebra"))
        .await
        .expect(200)
        .json;
    assert_eq!((&other["marks"], &other["text"]), (&json!([]), &plain["text"]));
}

#[tokio::test]
async fn a_record_is_shown_as_it_landed() {
    let house = House::new();
    let (id, ada) = house.somebody("ada@example.org", Role::Member).await;
    let place = house.source("Drive", id, Visibility::Owner).await;
    let record = house
        .document(place, "notes.txt", "text", Acl::any_of([Principal::user(id)]))
        .await;
    let shown = house
        .get(&ada, &format!("/api/v1/records/{record}"))
        .await
        .expect(200)
        .json;
    assert_eq!(shown["data"]["path"], "notes.txt");
    assert_eq!(shown["acl"], json!([[format!("fossick/user/{id}")]]));
    assert_eq!(shown["revision"], 1);
    for path in [
        "/api/v1/records/999",
        "/api/v1/records/x",
        "/api/v1/records/999999999999999999999/preview",
    ] {
        house.get(&ada, path).await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn access_is_explained_in_sentences() {
    let house = House::new();
    let (owner_id, owner) = house.somebody("owner@example.org", Role::Member).await;
    let (bob_id, bob) = house.somebody("bob@example.org", Role::Member).await;
    let now = house.now();
    let group = house
        .store
        .write(move |tx| {
            let organization = tx.ensure_organization(now)?;
            let group = tx.insert_group(organization, "Finance", now)?;
            tx.add_member(group, store::Member::User(bob_id))?;
            Ok::<GroupId, store::Error>(group)
        })
        .await
        .unwrap();
    let place = house
        .source("Drive", owner_id, Visibility::Groups { groups: vec![group] })
        .await;
    let record = house.document(place, "notes.txt", "text", Acl::source_only()).await;
    let path = format!("/api/v1/records/{record}/access");
    let own = house.get(&bob, &path).await.expect(200).json;
    assert_eq!(own["may_see"], true);
    assert_eq!(
        own["because"][0],
        "the source “Drive” is shared with “Finance”, to which bob belongs"
    );
    let about_bob = house
        .get(&owner, &format!("{path}?user={bob_id}"))
        .await
        .expect(200)
        .json;
    // Not the groups, nor what others are called.
    assert_eq!(about_bob["may_see"], true);
    assert!(!about_bob.to_string().contains("Finance") && !about_bob.to_string().contains("bob"));
    let unknown = house.get(&owner, &format!("{path}?user=999")).await.expect(200).json;
    assert_eq!(unknown["may_see"], false);
    let (_, admin) = house.somebody("admin@example.org", Role::Administrator).await;
    let in_full = house
        .get(&admin, &format!("{path}?user={bob_id}"))
        .await
        .expect(200)
        .json;
    assert_eq!(in_full["because"][0], own["because"][0]);
    house
        .get(&bob, &format!("{path}?user={owner_id}"))
        .await
        .refused(403, "not_allowed");
}
