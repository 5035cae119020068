//! A data folder as a year of use would leave it: people, groups, sources and many records, put there through the
//! product's own store. The index is built by the server when it starts.

use std::path::Path;

use anyhow::{Context, Result, bail};
use model::connector::StreamInfo;
use model::record::{Body, Content};
use model::{
    Clock, Document, Number, OrganizationId, RecordKey, Role, Scope, SourceId, StreamId, SystemClock, Timestamp,
    UserId, UserState, Visibility,
};
use serde_json::json;
use store::{Member, NewApiKey, NewSource, NewUser, Place, Store, ToLand, Token, Tx};

use crate::documents::{GROUPS, SOURCES, groups_of_asker};

/// How the fields of a record become those of a document.
const MAPPING: &str = "\
version: 1
streams:
  files:
    kind: \"{kind}\"
    title: /title
    body: \"@text\"
    url: /url
    path: /path
    people: /people
    created_at: /created_at
    changed_at: /changed_at
    facets:
      tag: /tag
";

const LANDED_AT_ONCE: usize = 500;

/// Makes the folder; answers the API key of somebody who holds 200 principals.
pub(crate) fn make(dir: &Path, documents: &[Document]) -> Result<String> {
    let store = Store::open(&store::Config {
        data_dir: dir.to_owned(),
        database: store::Database::Sqlite,
    })?;
    let now = SystemClock.now();
    let files = dir.join("nothing");
    std::fs::create_dir_all(&files)?;
    let path = files.to_string_lossy().into_owned();
    let (user, sources) = store.write_blocking(move |tx| people_and_sources(tx, &path, now))?;
    if user != UserId(1) || sources.iter().map(|(source, _)| source.0).ne(1..) && sources.len() != SOURCES {
        bail!("a new store does not number its people and sources from 1 any more");
    }
    land(&store, &sources, documents, now)?;
    let token = Token::fresh("fsk_");
    let key = NewApiKey {
        user,
        name: "bench".to_owned(),
        scopes: vec![Scope::Search, Scope::Read],
        token_hash: token.hash(),
        expires_at: None,
        parent: None,
    };
    store.write_blocking(move |tx| tx.insert_api_key(&key, now))?;
    store.close();
    Ok(token.expose().to_owned())
}

type Sources = Vec<(SourceId, StreamId)>;

/// One user in 198 of 2,000 groups, and sources that everyone holds.
fn people_and_sources(tx: &mut Tx<'_>, path: &str, now: Timestamp) -> Result<(UserId, Sources), store::Error> {
    let organization = tx.ensure_organization(now)?;
    let new = NewUser {
        organization,
        email: "somebody@example.org".to_owned(),
        name: "Somebody".to_owned(),
        role: Role::Member,
        state: UserState::Active,
    };
    let user = tx.insert_user(&new, now)?;
    let groups = (0..GROUPS)
        .map(|at| tx.insert_group(organization, &format!("group {at:04}"), now))
        .collect::<Result<Vec<_>, _>>()?;
    for at in groups_of_asker(0) {
        tx.add_member(groups[at], Member::User(user))?;
    }
    let mut sources = Vec::new();
    for at in 0..SOURCES {
        sources.push(source(tx, organization, path, at, now)?);
    }
    Ok((user, sources))
}

fn source(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    path: &str,
    at: usize,
    now: Timestamp,
) -> Result<(SourceId, StreamId), store::Error> {
    let new = NewSource {
        organization,
        owner: None,
        connector: "folder".to_owned(),
        name: format!("source {at:02}"),
        config: json!({ "path": path }),
        manifest: None,
        search: Some(MAPPING.to_owned()),
        visibility: Visibility::Everyone,
    };
    let id = tx.insert_source(&new, now)?;
    // Nothing is to be read from it.
    tx.pause_source(id, true)?;
    let stream = StreamInfo {
        name: "files".to_owned(),
        incremental: false,
        exact_listing: true,
        primary_key: vec!["id".to_owned()],
        schema: json!({}),
    };
    let streams = tx.put_streams(id, &[stream])?;
    let first = streams
        .first()
        .ok_or_else(|| store::Error::Bug("no stream was kept".to_owned()))?;
    Ok((id, first.id))
}

fn land(store: &Store, sources: &Sources, documents: &[Document], now: Timestamp) -> Result<()> {
    for (at, (source, stream)) in sources.iter().enumerate() {
        let number = Number(i64::try_from(at)? + 1);
        let place = Place {
            source: *source,
            stream: *stream,
            number,
        };
        let own: Vec<&Document> = documents.iter().filter(|document| document.source == *source).collect();
        for part in own.chunks(LANDED_AT_ONCE) {
            let records = part
                .iter()
                .map(|document| to_land(document))
                .collect::<Result<Vec<_>>>()?;
            store.write_blocking(move |tx| tx.land(place, &records, &[], now))?;
        }
    }
    Ok(())
}

fn to_land(document: &Document) -> Result<ToLand> {
    let data = json!({
        "kind": document.kind,
        "title": document.title,
        "url": document.url,
        "path": document.path,
        "people": document.people,
        "created_at": document.created_at.context("every document has one")?.to_string(),
        "changed_at": document.changed_at.context("every document has one")?.to_string(),
        "tag": document.facets.get("tag").cloned().unwrap_or_default(),
    });
    let body = Body {
        data,
        text: document.body.clone(),
        acl: document.acl.clone(),
        changed_at: document.changed_at,
    };
    let key = RecordKey(document.record.to_string());
    Ok(ToLand::new(&key, &Content::Present(Box::new(body)), 1))
}
