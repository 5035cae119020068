//! One suite for both databases: on SQLite always, on PostgreSQL where `TEST_POSTGRES_URL` names a server on which
//! databases may be made. Every test has a database of its own, so all may run at once.

mod changes;
mod checkpoints;
mod claims;
mod encryption;
mod endings;
mod failing;
mod files;
mod landing;
mod landing_order;
mod lines;
mod moves;
mod plans;
mod postgres;
mod retention;
mod schemas;
mod sealing;
mod shared;
mod sources;
mod statements;
mod storms;
mod sweeping;
mod syncs;
mod tasks;
mod writing;

use std::sync::atomic::{AtomicU32, Ordering};

use ::postgres::{Client, NoTls};
use model::connector::{RawPage, SliceSpec, StreamInfo};
use model::record::{Body, Content};
use model::{
    Acl, Number, PageId, RecordId, RecordKey, SliceId, SourceId, StreamId, SyncId, SyncMode, Timestamp, Visibility,
};
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use testkit::postgres_url;

use crate::{
    Config, Database, Error, LandedCounts, NewPage, NewSource, Place, SliceRow, Store, TaskFilter, ToLand, Tx,
};

/// A moment; nothing here looks at a clock.
const NOW: Timestamp = Timestamp(1_700_000_000_000);

/// That many milliseconds after [`NOW`].
fn at(ms: i64) -> Timestamp {
    NOW.plus_ms(ms)
}

/// A store in a folder and database of its own.
pub(crate) struct Bench {
    store: Store,
    config: Config,
    admin_url: Option<String>,
    folder: TempDir,
}

/// Runs a test on both databases.
pub(crate) fn both(test: impl Fn(&Bench)) {
    test(&Bench::sqlite());
    if let Some(bench) = Bench::postgres() {
        test(&bench);
    }
}

impl Bench {
    fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = Config {
            data_dir: folder.path().to_owned(),
            database: Database::Sqlite,
        };
        Self {
            store: Store::open(&config).unwrap(),
            config,
            admin_url: None,
            folder,
        }
    }

    fn postgres() -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let admin_url = postgres_url()?;
        let name = format!("store_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let mut admin = Client::connect(&admin_url, NoTls).unwrap();
        // One may be left of a run that was killed, whose process id comes again.
        admin
            .batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            .unwrap();
        admin
            .batch_execute(&format!("CREATE DATABASE {name} TEMPLATE template0"))
            .unwrap();
        // Nothing here crashes the server, so nothing has to wait for its disk.
        admin
            .batch_execute(&format!("ALTER DATABASE {name} SET synchronous_commit = off"))
            .unwrap();
        let (server, _) = admin_url.rsplit_once('/').unwrap();
        let folder = tempfile::tempdir().unwrap();
        let config = Config {
            data_dir: folder.path().to_owned(),
            database: Database::Postgres {
                url: format!("{server}/{name}"),
            },
        };
        Some(Self {
            store: Store::open(&config).unwrap(),
            config,
            admin_url: Some(admin_url),
            folder,
        })
    }

    fn is_postgres(&self) -> bool {
        self.admin_url.is_some()
    }

    /// A further connection beside the store's own.
    fn client(&self) -> Client {
        let Database::Postgres { url } = &self.config.database else {
            panic!("only PostgreSQL has clients");
        };
        Client::connect(url, NoTls).unwrap()
    }

    pub(crate) fn write<T: Send + 'static>(
        &self,
        body: impl Fn(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> T {
        self.store.write_blocking(body).unwrap()
    }

    fn try_write<T: Send + 'static>(
        &self,
        body: impl Fn(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.store.write_blocking(body)
    }

    fn read<T>(&self, body: impl Fn(&mut Tx<'_>) -> Result<T, Error>) -> T {
        self.store.read_blocking(body).unwrap()
    }

    /// Closes the store and opens it again, as a restart does.
    fn reopen(&mut self) {
        self.store.close();
        self.store = Store::open(&self.config).unwrap();
    }

    /// A source with one stream.
    fn source(&self) -> (SourceId, StreamId) {
        self.write(|tx| {
            let source = insert_source(tx, "a source")?;
            Ok((source, tx.put_streams(source, &[stream("items")])?[0].id))
        })
    }

    /// A running sync with one slice, its planning done.
    fn sync(&self, mode: SyncMode) -> Reading {
        let (source, stream) = self.source();
        self.write(move |tx| {
            let sync = tx.insert_sync(source, mode, NOW)?;
            tx.insert_slices(sync, source, &[(stream, slice("items"))], NOW)?;
            tx.close_sync_slice(sync, false, NOW)?;
            Ok(Reading {
                source,
                stream,
                sync,
                slice: newest_slice(tx)?,
            })
        })
    }

    /// Stages a page of a slice and answers it.
    fn stage(&self, slice: SliceId, next: Option<Json>) -> PageId {
        self.write(move |tx| {
            let row = tx.slice(slice)?;
            let number = tx.next_number()?;
            tx.stage_page(&page(row, number, next.clone()), NOW)
        })
    }

    /// Lands a page without records.
    fn land_page(&self, page: PageId) {
        self.write(move |tx| {
            let row = tx.page(page)?;
            tx.finish_page(&row, LandedCounts::default(), &[], NOW)
        });
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.store.close();
        if let (Some(admin_url), Database::Postgres { url }) = (&self.admin_url, &self.config.database) {
            let (_, name) = url.rsplit_once('/').unwrap();
            // Refused while the server's own vacuum is in there, for moments.
            let drop_database = format!("DROP DATABASE {name} WITH (FORCE)");
            let dropped = (0..100).any(|_| {
                Client::connect(admin_url, NoTls)
                    .unwrap()
                    .batch_execute(&drop_database)
                    .is_ok()
            });
            assert!(dropped || std::thread::panicking(), "can't drop `{name}`");
        }
    }
}

fn newest_slice(tx: &mut Tx<'_>) -> Result<SliceId, Error> {
    let filter = TaskFilter {
        kind: Some("fetch_slice".to_owned()),
        ..TaskFilter::default()
    };
    let tasks = tx.list_tasks(&filter, 1)?;
    Ok(SliceId(tasks[0].args["slice"].as_i64().unwrap()))
}

/// What most tests of syncs start from.
#[derive(Debug, Clone, Copy)]
struct Reading {
    source: SourceId,
    stream: StreamId,
    sync: SyncId,
    slice: SliceId,
}

fn insert_source(tx: &mut Tx<'_>, name: &str) -> Result<SourceId, Error> {
    let organization = tx.ensure_organization(NOW)?;
    let new = NewSource {
        organization,
        owner: None,
        connector: "folder".to_owned(),
        name: name.to_owned(),
        config: json!({}),
        manifest: None,
        search: None,
        visibility: Visibility::Everyone,
    };
    tx.insert_source(&new, NOW)
}

fn stream(name: &str) -> StreamInfo {
    StreamInfo {
        name: name.to_owned(),
        incremental: false,
        exact_listing: true,
        primary_key: Vec::new(),
        schema: Json::Null,
    }
}

fn slice(stream: &str) -> SliceSpec {
    SliceSpec {
        stream: stream.to_owned(),
        mode: SyncMode::Full,
        args: Json::Null,
        checkpoint_key: Some(stream.to_owned()),
    }
}

fn page(slice: SliceRow, number: Number, next: Option<Json>) -> NewPage {
    let meta = RawPage {
        stream: "items".to_owned(),
        slice: slice.spec.clone(),
        number,
        answered_at: NOW,
        url: String::new(),
        status: 200,
        headers: Vec::new(),
        extra: Json::Null,
        body: Vec::new(),
    };
    NewPage {
        slice,
        meta,
        blob: format!("1/{:012}", number.0),
        bytes: 3,
        next,
    }
}

fn body(text: &str) -> Body {
    Body {
        data: json!({ "text": text }),
        text: text.to_owned(),
        acl: Acl::source_only(),
        changed_at: Some(NOW),
    }
}

fn key(text: &str) -> RecordKey {
    RecordKey(text.to_owned())
}

fn present(name: &str, text: &str) -> ToLand {
    ToLand::new(&key(name), &Content::Present(Box::new(body(text))), 1)
}

fn gone(name: &str) -> ToLand {
    ToLand::new(&key(name), &Content::Gone, 1)
}

/// What the store knows of a record: its number, revision and, while it lives, its text.
fn seen(tx: &mut Tx<'_>, place: Place, name: &str) -> Result<Option<(i64, i64, String)>, Error> {
    let Some(id) = tx.find_record_by_key(place.stream, name)? else {
        return Ok(None);
    };
    let record = tx.find_record(id)?.unwrap();
    Ok(Some((record.number.0, record.revision.0, record.body.text)))
}

/// The records that the change log names, in order.
fn logged(tx: &mut Tx<'_>) -> Result<Vec<RecordId>, Error> {
    let rows = tx.list_changes(model::Position(0), 10_000)?;
    Ok(rows.into_iter().map(|row| row.record).collect())
}
