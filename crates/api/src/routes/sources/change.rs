//! `PATCH` and `DELETE /api/v1/sources/{id}`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use model::task::Replay;
use model::{SourceId, SyncMode};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value as JsonValue};
use utoipa::ToSchema;

use super::draft::{Draft, environment, of_row, sealed};
use super::{Sources, replay};
use crate::access::{read, write};
use crate::caller::{Caller, SignedIn};
use crate::extract::{Body, Named};
use crate::people::check_name;
use crate::problem::{Code, Problem, Refusal};
use crate::routes::users;
use crate::schedule::ScheduleGiven;
use crate::view::source::{Shared, SourceView};

/// What changes; what is left out stays.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceChange {
    /// What people call it.
    name: Option<String>,
    /// Its whole configuration.
    #[schema(value_type = Option<Object>)]
    config: Option<JsonValue>,
    /// Secret fields that change; null forgets one.
    #[schema(value_type = Option<Object>)]
    secrets: Option<Map<String, JsonValue>>,
    /// The user who owns it from now on; administrators give it away.
    owner: Option<i64>,
    /// With whom it is shared.
    visibility: Option<Shared>,
    /// When it is synced by itself; null for only when asked to.
    #[serde(default)]
    #[schema(value_type = Option<ScheduleGiven>)]
    schedule: Change<ScheduleGiven>,
    /// The manifest's text.
    manifest: Option<String>,
    /// The mapping's text; null for the connector's own.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    search: Change<String>,
    /// Whether a changed configuration is synced at once: yes when left out, no for the operator.
    sync: Option<bool>,
}

/// Tells a null that was given from a field that was left out.
#[derive(Debug, Clone, Default, PartialEq)]
enum Change<T> {
    /// Left out.
    #[default]
    Keep,
    /// Given; `None` for null.
    Set(Option<T>),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Change<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(Self::Set)
    }
}

/// Changes a source. Sharing and unsharing take effect at once.
///
/// A changed configuration is read before it is kept, ends what needed attention, and is synced.
#[utoipa::path(patch, path = "/api/v1/sources/{id}", tag = "sources", operation_id = "change_source",
    params(("id" = i64, Path, description = "The source.")),
    request_body = SourceChange, responses((status = 200, body = SourceView), Refusal))]
pub(super) async fn change_source(
    State(sources): State<Sources>,
    SignedIn(caller): SignedIn,
    Named(id): Named<i64>,
    Body(change): Body<SourceChange>,
) -> Result<Json<SourceView>, Problem> {
    let id = SourceId(id);
    if let Some(name) = &change.name {
        check_name(name)?;
    }
    let is_configuration = change.config.is_some()
        || change.secrets.is_some()
        || change.manifest.is_some()
        || change.search != Change::Keep;
    let is_read_anew = change.config.is_some() || change.manifest.is_some();
    let mut secrets = None;
    let mut parted = None;
    if is_configuration {
        let (draft, merged, is_administrators) = with_change(&sources, caller.clone(), id, change.clone()).await?;
        draft.build(&merged, &environment(&sources, is_administrators))?;
        (parted, secrets) = (Some(draft), Some(merged));
    }
    let is_synced = change.sync.unwrap_or(caller != Caller::Operator);
    let sealer = sources.api.store.sealer().clone();
    let view = write(&sources.api, caller, move |tx, reach, now| {
        let mut row = reach.managed(tx, id)?;
        if let Some(name) = &change.name {
            name.trim().clone_into(&mut row.name);
        }
        if let Some(shared) = &change.visibility {
            row.visibility = shared.checked(tx)?;
        }
        if let Some(draft) = &parted {
            row.config.clone_from(&draft.config);
            row.manifest.clone_from(&draft.manifest);
            row.search.clone_from(&draft.search);
        }
        tx.update_source(&row)?;
        if let Some(owner) = change.owner {
            // A member could otherwise have an administrator's source read what members may not name.
            if !reach.caller.is_administrator() {
                return Err(Problem::new(
                    Code::NotAllowed,
                    "only an administrator gives a source to somebody else",
                ));
            }
            let owner = users::change::owner(tx, "owner", owner)?;
            tx.give_source(id, owner)?;
        }
        if let Some(secrets) = &secrets {
            tx.set_source_secrets(id, sealed(&sealer, id, secrets)?.as_deref())?;
            tx.attend_source(id, None)?;
            if is_read_anew {
                // What was read under the old configuration is no longer told from what was not.
                tx.clear_cursors(id)?;
            }
            // The mapping may be another, or there may have been none that worked.
            replay::enqueue(tx, id, Replay::Upload, now)?;
            match is_synced && !row.is_paused {
                true if is_read_anew => tx.start_sync_anew(id, now)?,
                true => drop(tx.start_sync(id, SyncMode::Incremental, now)?),
                false => {}
            }
        }
        match &change.schedule {
            Change::Keep => {}
            Change::Set(None) => tx.delete_schedule(id)?,
            Change::Set(Some(schedule)) => tx.put_schedule(&schedule.row(id, now)?)?,
        }
        let row = tx.source(id)?;
        let reach = crate::access::Reach::of(&reach.caller, tx)?;
        SourceView::new(tx, &reach, &row, now)
    });
    Ok(Json(view.await?))
}

/// The source as it would be after the change, with its secrets, and whether it is an administrator's.
async fn with_change(
    sources: &Sources,
    caller: Caller,
    id: SourceId,
    change: SourceChange,
) -> Result<(Draft, Map<String, JsonValue>, bool), Problem> {
    let sealer = sources.api.store.sealer().clone();
    let found = read(&sources.api, caller, move |tx, reach| of_row(tx, reach, id, &sealer));
    let (row, mut secrets, is_administrators) = found.await?;
    let draft = Draft {
        id: None,
        name: row.name,
        connector: row.connector,
        config: change.config.unwrap_or(row.config),
        secrets: change.secrets,
        visibility: None,
        schedule: None,
        manifest: change.manifest.or(row.manifest),
        search: match change.search {
            Change::Set(search) => search,
            Change::Keep => row.search,
        },
        sync: None,
    };
    let draft = draft.parted()?;
    for (name, secret) in draft.secrets.clone().unwrap_or_default() {
        if secret.is_null() {
            secrets.shift_remove(&name);
        } else {
            secrets.insert(name, secret);
        }
    }
    Ok((draft, secrets, is_administrators))
}

/// Deletes a source: its content is invisible at once, and removed little by little.
#[utoipa::path(delete, path = "/api/v1/sources/{id}", tag = "sources", operation_id = "delete_source",
    params(("id" = i64, Path, description = "The source.")),
    responses((status = 204, description = "Deleted."), Refusal))]
pub(super) async fn delete_source(
    State(sources): State<Sources>,
    SignedIn(caller): SignedIn,
    Named(id): Named<i64>,
) -> Result<StatusCode, Problem> {
    let id = SourceId(id);
    let deleted = write(&sources.api, caller, move |tx, reach, now| {
        reach.managed(tx, id)?;
        tx.delete_schedule(id)?;
        tx.delete_source(id, now)?;
        Ok(tx.enqueue_purge(id, now)?)
    });
    deleted.await?;
    Ok(StatusCode::NO_CONTENT)
}
