//! Downloads: only what the source may still read, never to be run.

use std::fs;

use model::{Acl, RecordId, Role, SourceId, StreamId, Visibility};
use serde_json::json;

use super::house::{As, House};

struct Files {
    house: House,
    owner: As,
    place: (SourceId, StreamId),
}

/// An administrator's source over a folder with a page in it.
async fn files() -> Files {
    let house = House::new();
    let folder = house.path().join("files");
    fs::create_dir_all(folder.join("below")).unwrap();
    fs::write(folder.join("below/näme \"q\".html"), "<script>alert(1)</script>").unwrap();
    fs::write(house.path().join("outside.txt"), "outside").unwrap();
    let (id, owner) = house.somebody("admin@example.org", Role::Administrator).await;
    let place = house.source("Files", id, Visibility::Owner).await;
    house
        .store
        .write(move |tx| {
            let mut row = tx.source(place.0)?;
            row.config = json!({"path": folder});
            tx.update_source(&row)
        })
        .await
        .unwrap();
    Files { house, owner, place }
}

impl Files {
    async fn record(&self, key: &str) -> RecordId {
        self.house.document(self.place, key, "text", Acl::source_only()).await
    }
}

#[tokio::test]
async fn a_file_comes_as_an_attachment_that_can_not_run() {
    let files = files().await;
    let record = files.record("below/näme \"q\".html").await;
    let answer = files
        .house
        .get(&files.owner, &format!("/api/v1/records/{record}/file"))
        .await
        .expect(200);
    assert_eq!(answer.text, "<script>alert(1)</script>");
    assert_eq!(answer.headers["content-type"], "application/octet-stream");
    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    assert!(
        answer.headers["content-security-policy"]
            .to_str()
            .unwrap()
            .starts_with("sandbox")
    );
    assert_eq!(
        answer.headers["content-disposition"],
        "attachment; filename=\"n_me _q_.html\"; filename*=UTF-8''n%C3%A4me%20%22q%22.html"
    );
}

#[tokio::test]
async fn nothing_outside_of_the_folder_is_ever_given() {
    let files = files().await;
    std::os::unix::fs::symlink(
        files.house.path().join("outside.txt"),
        files.house.path().join("files/link.txt"),
    )
    .unwrap();
    fs::write(files.house.path().join("files/.env"), "SECRET=1").unwrap();
    for key in [
        "../outside.txt",
        "link.txt",
        ".env",
        "missing.txt",
        "below",
        "",
        "/..%2Foutside.txt",
    ] {
        let record = files.record(key).await;
        let path = format!("/api/v1/records/{record}/file");
        files.house.get(&files.owner, &path).await.refused(404, "not_found");
    }
}
