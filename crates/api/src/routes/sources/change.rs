//! `PATCH` and `DELETE /api/v1/sources/{id}`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use connector::mapping::Mapping;
use model::task::Replay;
use model::{SourceId, SyncMode, Timestamp};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value as JsonValue};
use store::{SourceRow, Tx};
use utoipa::ToSchema;

use super::Sources;
use super::add::check_name_is_free;
use super::draft::{Draft, environment, opened, sealed};
use crate::access::{Reach, read, write};
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
/// A changed configuration is read before it is kept, ends what needed attention, and is synced. Kept secrets are sent
/// to other places than before only for the owner: somebody else gives them again.
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
    let anew = Anew::read(&sources, caller.clone(), id, &change).await?;
    let is_synced = change.sync.unwrap_or(caller != Caller::Operator);
    let sealer = sources.api.store.sealer().clone();
    let view = write(&sources.api, caller, move |tx, reach, now| {
        // What is read from here on stays as it is until it is written.
        tx.lock_source(id)?;
        let mut row = reach.managed(tx, id)?;
        if let Some(name) = &change.name {
            if name.trim() != row.name {
                check_name_is_free(tx, &reach.caller, Some(id), name)?;
            }
            name.trim().clone_into(&mut row.name);
        }
        if let Some(shared) = &change.visibility {
            row.visibility = shared.checked(tx)?;
        }
        if let Some(anew) = &anew {
            anew.put_into(&mut row)?;
        }
        tx.update_source(&row)?;
        if let Some(owner) = change.owner {
            give(tx, reach, id, owner)?;
        }
        if let Some(anew) = &anew {
            tx.set_source_secrets(id, sealed(&sealer, id, &anew.secrets)?.as_deref())?;
            anew.begin(tx, &row, is_synced, now)?;
        }
        match &change.schedule {
            Change::Keep => {}
            Change::Set(None) => tx.delete_schedule(id)?,
            Change::Set(Some(schedule)) => tx.put_schedule(&schedule.row(id, now)?)?,
        }
        let row = tx.source(id)?;
        let reach = Reach::of(&reach.caller, tx)?;
        SourceView::new(tx, &reach, &row, now)
    });
    Ok(Json(view.await?))
}

fn give(tx: &mut Tx<'_>, reach: &Reach, id: SourceId, owner: i64) -> Result<(), Problem> {
    // A member could otherwise have an administrator's source read what members may not name.
    if !reach.caller.is_administrator() {
        return Err(Problem::new(
            Code::NotAllowed,
            "only an administrator gives a source to somebody else",
        ));
    }
    let owner = users::change::owner(tx, "owner", owner)?;
    Ok(tx.give_source(id, owner)?)
}

/// A configuration that differs from the kept one.
struct Anew {
    /// The source as it was when the change was read.
    before: SourceRow,
    draft: Draft,
    secrets: Map<String, JsonValue>,
    /// What was read under the old configuration is no longer told from what was not.
    is_read_again: bool,
    /// The mapping may be another, or there may have been none that worked.
    is_mapped_again: bool,
    /// Records land with other permissions than before.
    is_restricted_again: bool,
}

impl Anew {
    /// The configuration as it would be after the change; `None` where that is as it was.
    async fn read(
        sources: &Sources,
        caller: Caller,
        id: SourceId,
        change: &SourceChange,
    ) -> Result<Option<Self>, Problem> {
        let is_kept = change.config.is_none()
            && change.secrets.is_none()
            && change.manifest.is_none()
            && change.search == Change::Keep;
        if is_kept {
            return Ok(None);
        }
        let sealer = sources.api.store.sealer().clone();
        let change = change.clone();
        let found = read(&sources.api, caller, move |tx, reach| {
            let row = reach.managed(tx, id)?;
            let draft = draft_of(&row, change.clone()).parted()?;
            let kept = opened(&sealer, &row)?;
            let secrets = draft.with_kept(reach, &row, kept.clone())?;
            let has_other_secrets = secrets != kept;
            let is_read_again = (&draft.config, &draft.manifest) != (&row.config, &row.manifest);
            let has_other_mapping = draft.search != row.search;
            let anew = Self {
                is_mapped_again: is_read_again || has_other_mapping,
                is_restricted_again: has_other_mapping
                    && (restricts(row.search.as_deref()) || restricts(draft.search.as_deref())),
                is_read_again,
                before: row,
                draft,
                secrets,
            };
            let differs = anew.is_mapped_again || has_other_secrets;
            Ok((differs.then_some(anew), tx.is_owned_by_administrator(id)?))
        });
        let (anew, is_administrators) = found.await?;
        if let Some(anew) = &anew {
            let environment = environment(sources, is_administrators);
            let built = anew.draft.build(&anew.secrets, &environment)?;
            // One that is away for now may still be read otherwise from its return on.
            if anew.draft.config.get("path") != anew.before.config.get("path") {
                anew.draft.look(&built).await?;
            }
        }
        Ok(anew)
    }

    /// Puts it into the row, unless somebody else was faster.
    fn put_into(&self, row: &mut SourceRow) -> Result<(), Problem> {
        let of = |row: &SourceRow| {
            let texts = (row.manifest.clone(), row.search.clone());
            (row.owner, row.config.clone(), texts, row.secrets.clone())
        };
        if of(row) != of(&self.before) {
            return Err(Problem::new(
                Code::Conflict,
                format!(
                    "source `{}` was changed by somebody else meanwhile: look at it again",
                    row.name
                ),
            ));
        }
        row.config.clone_from(&self.draft.config);
        row.manifest.clone_from(&self.draft.manifest);
        row.search.clone_from(&self.draft.search);
        Ok(())
    }

    /// Has the source go on with it.
    fn begin(&self, tx: &mut Tx<'_>, row: &SourceRow, is_synced: bool, now: Timestamp) -> Result<(), Problem> {
        tx.attend_source(row.id, None)?;
        if self.is_read_again {
            tx.clear_cursors(row.id)?;
        }
        if self.is_mapped_again {
            tx.enqueue_replay(row.id, Replay::Upload, now)?;
        }
        if self.is_restricted_again {
            tx.enqueue_replay(row.id, Replay::Parse, now)?;
        }
        match is_synced && !row.is_paused {
            true if self.is_read_again => tx.start_sync_anew(row.id, now)?,
            true => drop(tx.start_sync(row.id, SyncMode::Incremental, now)?),
            false => {}
        }
        Ok(())
    }
}

/// Whether a mapping gives documents permissions of their own, as far as anybody can tell.
fn restricts(search: Option<&str>) -> bool {
    let mapping = search.map(|yaml| Mapping::parse(yaml, "search.yaml"));
    mapping.is_some_and(|mapping| mapping.map_or(true, |mapping| mapping.restricts()))
}

/// The source as it would be after the change.
fn draft_of(row: &SourceRow, change: SourceChange) -> Draft {
    Draft {
        id: None,
        name: row.name.clone(),
        connector: row.connector.clone(),
        config: change.config.unwrap_or_else(|| row.config.clone()),
        secrets: change.secrets,
        visibility: None,
        schedule: None,
        manifest: change.manifest.or_else(|| row.manifest.clone()),
        search: match change.search {
            Change::Set(search) => search,
            Change::Keep => row.search.clone(),
        },
        sync: None,
    }
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
