//! `POST /api/v1/sources` adds a source.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use model::{SourceId, SyncMode, Visibility};
use store::{NewSource, Tx};

use super::Sources;
use super::draft::{Draft, environment, sealed};
use crate::access::{Reach, write};
use crate::caller::{Caller, SignedIn};
use crate::extract::Body;
use crate::problem::{Code, Problem, Refusal};
use crate::view::source::SourceView;

/// Adds a source and starts its first sync.
///
/// The configuration is read and, for a folder, looked at; an API is not asked: `POST /api/v1/sources/check` does. A
/// folder outside of the approved roots is refused unless an administrator names it.
#[utoipa::path(post, path = "/api/v1/sources", tag = "sources", operation_id = "add_source",
    request_body = Draft, responses((status = 201, body = SourceView), Refusal))]
pub(super) async fn add_source(
    State(sources): State<Sources>,
    SignedIn(caller): SignedIn,
    Body(draft): Body<Draft>,
) -> Result<(StatusCode, Json<SourceView>), Problem> {
    let draft = draft.named()?;
    let secrets = draft.secrets.clone().unwrap_or_default();
    let environment = environment(&sources, caller.is_administrator());
    let built = draft.build(&secrets, &environment)?;
    draft.look(&built).await?;
    let is_synced = draft.sync.unwrap_or(caller != Caller::Operator);
    let sealer = sources.api.store.sealer().clone();
    let view = write(&sources.api, caller, move |tx, reach, now| {
        let visibility = match &draft.visibility {
            Some(shared) => shared.checked(tx)?,
            None => Visibility::Owner,
        };
        let organization = tx.ensure_organization(now)?;
        check_name_is_free(tx, &reach.caller, None, &draft.name)?;
        let new = NewSource {
            organization,
            owner: reach.caller.user(),
            connector: draft.connector.clone(),
            name: draft.name.trim().to_owned(),
            config: draft.config.clone(),
            manifest: draft.manifest.clone(),
            search: draft.search.clone(),
            visibility,
        };
        let id = tx.insert_source(&new, now)?;
        if let Some(sealed) = sealed(&sealer, id, &secrets)? {
            tx.set_source_secrets(id, Some(&sealed))?;
        }
        if let Some(schedule) = &draft.schedule {
            tx.put_schedule(&schedule.row(id, now)?)?;
        }
        if is_synced {
            tx.start_sync(id, SyncMode::Full, now)?;
        }
        let row = tx.source(id)?;
        // The caller was expanded before the source was theirs.
        let reach = Reach::of(&reach.caller, tx)?;
        SourceView::new(tx, &reach, &row, now)
    });
    Ok((StatusCode::CREATED, Json(view.await?)))
}

/// Refuses a name that another source has, upper and lower case being the same: people and filters tell sources by their
/// names. Sources that the caller may not know of do not count, for the refusal would tell of them. The name stays free
/// until the transaction ends.
pub(super) fn check_name_is_free(
    tx: &mut Tx<'_>,
    caller: &Caller,
    own: Option<SourceId>,
    name: &str,
) -> Result<(), Problem> {
    tx.lock_source_names()?;
    // Only now: what was added before it was our turn counts.
    let reach = Reach::of(caller, tx)?;
    let folded = name.trim().to_lowercase();
    for (id, other) in tx.list_source_names()? {
        if Some(id) != own && other.to_lowercase() == folded && reach.known(tx, id).is_ok() {
            return Err(Problem::new(
                Code::Conflict,
                format!("there is a source `{other}` already: choose another name"),
            )
            .and_field("name", "another source has this name"));
        }
    }
    Ok(())
}
