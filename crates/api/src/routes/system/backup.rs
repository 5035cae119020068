//! `POST /api/v1/backup` writes a copy of what is kept, keys included. For the operator alone: the key file opens
//! every secret.

use std::path::{Path, PathBuf};

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use store::{SQLITE_FILE, Sealer, Store};
use utoipa::ToSchema;

use super::System;
use crate::caller::{Caller, SignedIn};
use crate::extract::Body;
use crate::problem::{Code, Problem, Refusal};

/// Where to write the copy.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BackupAsked {
    /// A folder of the server's machine that does not exist yet; an absolute path.
    to: String,
}

/// A copy that was written.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Backup {
    /// The folder.
    to: String,
    /// Its size in bytes.
    bytes: u64,
}

/// Writes a consistent copy of the database, the staged pages and the key file. The search index is not in it: it is
/// built from the rest.
#[utoipa::path(post, path = "/api/v1/backup", tag = "system", operation_id = "back_up",
    request_body = BackupAsked, responses((status = 200, body = Backup), Refusal))]
pub(super) async fn back_up(
    State(system): State<System>,
    SignedIn(caller): SignedIn,
    Body(asked): Body<BackupAsked>,
) -> Result<Json<Backup>, Problem> {
    if caller != Caller::Operator {
        return Err(Problem::new(
            Code::NotAllowed,
            "a backup holds the keys to every secret: make it at the machine, with `fossick backup`",
        ));
    }
    let to = PathBuf::from(&asked.to);
    if !to.is_absolute() {
        return Err(Problem::field("to", "has to be an absolute path"));
    }
    make_folder(&to)?;
    let store = system.api.store.clone();
    if !store.is_shared() {
        store.copy_database(to.join(SQLITE_FILE)).await?;
    }
    let folder = to.clone();
    let copied = tokio::task::spawn_blocking(move || copy_rest(&store, &folder)).await;
    let bytes = copied.map_err(Problem::bug)?.map_err(|error| {
        Problem::new(
            Code::Conflict,
            format!("the backup in `{}` is not complete: {error}", to.display()),
        )
    })?;
    Ok(Json(Backup { to: asked.to, bytes }))
}

fn make_folder(to: &Path) -> Result<(), Problem> {
    use std::os::unix::fs::DirBuilderExt;
    let made = std::fs::DirBuilder::new().mode(0o700).create(to);
    made.map_err(|error| {
        Problem::field(
            "to",
            format!("can't be made: {error}; name a folder that does not exist yet"),
        )
    })
}

/// Copies key file and staging after the database, so that every page that the copy names is there.
fn copy_rest(store: &Store, to: &Path) -> std::io::Result<u64> {
    std::fs::copy(Sealer::path(store.data_dir()), to.join("key"))?;
    copy_folder(&store.data_dir().join("staging"), &to.join("staging"))?;
    size_of(to)
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
            continue;
        }
        match std::fs::copy(entry.path(), target) {
            // A page whose source was purged meanwhile.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            other => drop(other?),
        }
    }
    Ok(())
}

fn size_of(folder: &Path) -> std::io::Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        bytes += if metadata.is_dir() {
            size_of(&entry.path())?
        } else {
            metadata.len()
        };
    }
    Ok(bytes)
}
