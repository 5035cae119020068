//! A whole API in a temporary folder, with a clock that is stepped by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use connector::registry::Environment;
use index::{Change, Index, Options, Payload};
use model::record::{Body as RecordBody, Content};
use model::{
    Acl, Clock, Document, RecordId, RecordKey, Role, SourceId, StreamId, Timestamp, UserId, UserState, Visibility,
};
use serde_json::{Value as Json, json};
use store::{Config, Database, NewSource, NewUser, Place, Store, ToLand, Token};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::parts::Api;
use crate::{Operator, Parts, Settings, router};

/// A clock that stands until it is stepped.
#[derive(Debug)]
pub(super) struct SteppedClock(AtomicI64);

impl Clock for SteppedClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

pub(super) const PASSWORD: &str = "a long enough one";

/// The API and what it is made of.
pub(super) struct House {
    pub(super) store: Store,
    pub(super) index: Index,
    pub(super) clock: Arc<SteppedClock>,
    pub(super) router: Router,
    pub(super) shutdown: CancellationToken,
    folder: tempfile::TempDir,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
    pub(super) json: Json,
}

impl Answer {
    /// The problem's code, or what stands in its place.
    pub(super) fn code(&self) -> &str {
        self.json["code"].as_str().unwrap_or("no code")
    }

    #[track_caller]
    pub(super) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    #[track_caller]
    pub(super) fn refused(self, status: u16, code: &str) -> Self {
        assert_eq!((self.status.as_u16(), self.code()), (status, code), "{}", self.text);
        assert_eq!(self.headers["content-type"], "application/problem+json");
        self
    }
}

/// Who calls: nobody, a browser with cookie and CSRF token, or a program with a key.
#[derive(Debug, Clone, Default)]
pub(super) struct As {
    pub(super) cookie: Option<String>,
    pub(super) csrf: Option<String>,
    pub(super) key: Option<String>,
    pub(super) is_operator: bool,
}

impl House {
    pub(super) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(super) fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::on(Database::Sqlite, change)
    }

    /// On this database. Blocks.
    pub(super) fn on(database: Database, change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data_dir = folder.path().join("data");
        let config = Config {
            data_dir: data_dir.clone(),
            database,
        };
        let store = Store::open(&config).unwrap();
        let options = Options {
            writer_memory_bytes: 15_000_000,
            ..Options::default()
        };
        let index = Index::open(&data_dir.join("index"), &options).unwrap();
        let clock = Arc::new(SteppedClock(AtomicI64::new(1_700_000_000_000)));
        let mut settings = Settings::default();
        change(&mut settings);
        let shared: Arc<dyn Clock> = Arc::clone(&clock) as Arc<dyn Clock>;
        let parts = Parts {
            store: store.clone(),
            index: index.clone(),
            environment: Environment {
                data_dir,
                allowed_roots: settings.allowed_roots.clone(),
                is_administrator: false,
                client: outbound::Client::new(outbound::Policy::default()),
                clock: Arc::clone(&shared),
                pages_max: None,
            },
            clock: shared,
            settings,
            queue_limits: vec![("fetch".to_owned(), 4)],
            shutdown: CancellationToken::new(),
            metrics: None,
        };
        Self {
            shutdown: parts.shutdown.clone(),
            router: router(parts),
            store,
            index,
            clock,
            folder,
        }
    }

    /// What endpoints are given of it.
    pub(super) fn api(&self) -> Api {
        Api {
            store: self.store.clone(),
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            settings: Arc::new(Settings::default()),
        }
    }

    pub(super) fn path(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) fn advance(&self, ms: i64) {
        self.clock.0.fetch_add(ms, Ordering::SeqCst);
    }

    /// Sends a request as it is.
    pub(super) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 64 << 20).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer {
            status: parts.status,
            headers: parts.headers,
            json: serde_json::from_str(&text).unwrap_or(Json::Null),
            text,
        }
    }

    /// Calls an endpoint.
    pub(super) async fn call(&self, caller: &As, method: Method, path: &str, body: Option<Json>) -> Answer {
        self.send(request(caller, method, path, body)).await
    }

    pub(super) async fn get(&self, caller: &As, path: &str) -> Answer {
        self.call(caller, Method::GET, path, None).await
    }

    pub(super) async fn post(&self, caller: &As, path: &str, body: Json) -> Answer {
        self.call(caller, Method::POST, path, Some(body)).await
    }

    /// Makes an account with a password, without a link.
    pub(super) async fn person(&self, email: &str, role: Role) -> UserId {
        let hash = crate::password::hash(store::Secret::new(PASSWORD)).await.unwrap();
        let (email, now) = (email.to_owned(), self.now());
        self.store
            .write(move |tx| {
                let organization = tx.ensure_organization(now)?;
                let new = NewUser {
                    organization,
                    email: email.clone(),
                    name: email.split('@').next().unwrap_or_default().to_owned(),
                    role,
                    state: UserState::Active,
                };
                let id = tx.insert_user(&new, now)?;
                tx.set_password(id, &hash)?;
                Ok::<_, store::Error>(id)
            })
            .await
            .unwrap()
    }

    /// Signs in and answers who calls from then on.
    pub(super) async fn sign_in(&self, email: &str) -> As {
        let answer = self
            .post(
                &As::default(),
                "/api/v1/session",
                json!({"email": email, "password": PASSWORD}),
            )
            .await
            .expect(200);
        browser(&answer)
    }

    /// An account that is signed in.
    pub(super) async fn somebody(&self, email: &str, role: Role) -> (UserId, As) {
        let id = self.person(email, role).await;
        (id, self.sign_in(email).await)
    }

    /// A source with one stream.
    pub(super) async fn source(&self, name: &str, owner: UserId, visibility: Visibility) -> (SourceId, StreamId) {
        let (name, now) = (name.to_owned(), self.now());
        self.store
            .write(move |tx| {
                let organization = tx.ensure_organization(now)?;
                let new = NewSource {
                    organization,
                    owner: Some(owner),
                    connector: "folder".to_owned(),
                    name: name.clone(),
                    config: json!({"path": "/nowhere"}),
                    manifest: None,
                    search: None,
                    visibility: visibility.clone(),
                };
                let source = tx.insert_source(&new, now)?;
                let stream = model::connector::StreamInfo {
                    name: "files".to_owned(),
                    incremental: false,
                    exact_listing: true,
                    primary_key: vec!["path".to_owned()],
                    schema: json!({}),
                };
                let streams = tx.put_streams(source, &[stream])?;
                Ok::<_, store::Error>((source, streams[0].id))
            })
            .await
            .unwrap()
    }

    /// Lands a record and indexes its document.
    pub(super) async fn document(
        &self,
        (source, stream): (SourceId, StreamId),
        key: &str,
        text: &str,
        acl: Acl,
    ) -> RecordId {
        let body = RecordBody {
            data: json!({"path": key, "name": key}),
            text: text.to_owned(),
            acl: acl.clone(),
            changed_at: Some(self.now()),
        };
        let landing = ToLand::new(&RecordKey(key.to_owned()), &Content::Present(Box::new(body)), 1);
        let (now, key_text) = (self.now(), key.to_owned());
        let record = self
            .store
            .write(move |tx| {
                let number = tx.next_number()?;
                let place = Place { source, stream, number };
                tx.land(place, std::slice::from_ref(&landing), &[], now)?;
                Ok::<_, store::Error>(tx.find_record_by_key(stream, &key_text)?.unwrap())
            })
            .await
            .unwrap();
        let document = Document {
            record,
            revision: model::Revision(1),
            source,
            stream: "files".to_owned(),
            kind: "text".to_owned(),
            title: key.to_owned(),
            body: text.to_owned(),
            url: None,
            path: Some(format!("folder/{key}")),
            people: vec!["Ada Fisher".to_owned()],
            created_at: None,
            changed_at: Some(self.now()),
            facets: std::collections::BTreeMap::new(),
            acl,
        };
        self.index.apply(vec![Change::Upsert(Box::new(document))]).unwrap();
        let payload = Payload {
            position: record.0,
            change_token: 1,
            schema_version: index::SCHEMA_VERSION,
            mapping_version: "1".to_owned(),
            rebuild: 0,
            built_through: None,
        };
        self.index.commit(&payload).unwrap();
        record
    }

    /// A fresh API key of somebody.
    pub(super) async fn key(&self, user: UserId, scopes: &[model::Scope]) -> As {
        let token = Token::fresh("fsk_");
        let new = store::NewApiKey {
            user,
            name: "test".to_owned(),
            scopes: scopes.to_vec(),
            token_hash: token.hash(),
            expires_at: Some(self.now().plus_ms(1_000_000)),
            parent: None,
        };
        let now = self.now();
        self.store.write(move |tx| tx.insert_api_key(&new, now)).await.unwrap();
        As {
            key: Some(token.expose().to_owned()),
            ..As::default()
        }
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.store.close();
    }
}

pub(super) fn operator() -> As {
    As {
        is_operator: true,
        ..As::default()
    }
}

/// The browser that an answer with a session made.
pub(super) fn browser(answer: &Answer) -> As {
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    As {
        cookie: cookie.split(';').next().map(str::to_owned),
        csrf: answer.json["csrf"].as_str().map(str::to_owned),
        ..As::default()
    }
}

pub(super) fn request(caller: &As, method: Method, path: &str, body: Option<Json>) -> Request<Body> {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "fossick.test:3677");
    if let Some(cookie) = &caller.cookie {
        request = request.header("cookie", format!("theme=dark; {cookie}"));
    }
    if let Some(csrf) = &caller.csrf {
        request = request.header("x-fossick-csrf", csrf);
    }
    if let Some(key) = &caller.key {
        request = request.header("authorization", format!("Bearer {key}"));
    }
    if caller.is_operator {
        request = request.extension(Operator);
    } else {
        let peer: std::net::SocketAddr = "192.0.2.10:5000".parse().unwrap();
        request = request.extension(ConnectInfo(peer));
    }
    match body {
        Some(body) => request
            .header("content-type", "application/json")
            .body(Body::from(body.to_string())),
        None => request.body(Body::empty()),
    }
    .unwrap()
}
