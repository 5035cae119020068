//! A source as the API shows it.

use std::collections::BTreeSet;

use model::{SourceState, SyncState, Timestamp, Visibility};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use store::{SourceRow, SyncRow, Tx};
use utoipa::ToSchema;

use super::state::{Facts, StateDetail, derive};
use super::sync::SyncView;
use crate::access::Reach;
use crate::problem::Problem;

/// With how many groups a source is shared at most.
const GROUPS_MAX: usize = 100;

/// How many syncs are read at a time, looking for one that went well, and how many times: beyond that it is long ago.
const SYNCS_READ: u32 = 50;
const LOOKED_BACK_MAX: u32 = 40;

/// A configured instance of a connector. Secrets are never shown.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Source)]
pub(crate) struct SourceView {
    /// Its id.
    pub(crate) id: i64,
    /// What people call it.
    pub(crate) name: String,
    /// Its connector's name.
    pub(crate) connector: String,
    /// Who made it.
    pub(crate) owner: Owner,
    /// With whom it is shared.
    pub(crate) visibility: Shared,
    /// Where it stands.
    #[schema(schema_with = crate::schema::source_state)]
    pub(crate) state: SourceState,
    /// What is behind the state.
    pub(crate) state_detail: Option<StateDetail>,
    /// Whether a person paused it.
    pub(crate) paused: bool,
    /// When it is synced by itself: `{"every_ms": …}`, `{"cron": …, "time_zone": …}` or null.
    #[schema(value_type = Option<Object>)]
    pub(crate) schedule: Option<Json>,
    /// Its configuration, without secrets; empty for those who do not manage it.
    #[schema(value_type = Object)]
    pub(crate) config: Json,
    /// Its manifest's text, for those who manage it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) manifest: Option<String>,
    /// Its mapping's text, for those who manage it and where one was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) search: Option<String>,
    /// Live records.
    pub(crate) records: u64,
    /// Things that went wrong and still are.
    pub(crate) failures: u64,
    /// The newest sync that ended.
    pub(crate) last_sync: Option<SyncView>,
    /// When the newest sync ended that brought everything, in UTC milliseconds: a failed or cancelled one does not count.
    pub(crate) last_synced_at: Option<i64>,
    /// The sync that has not.
    pub(crate) current_sync: Option<SyncView>,
    /// When it was made, in UTC milliseconds.
    pub(crate) created_at: i64,
    /// Whether the caller may change, sync and delete it.
    pub(crate) may_manage: bool,
    /// Whether the caller may see its content.
    pub(crate) may_see: bool,
}

/// Whose a source is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Owner {
    /// The user; 0 for the installation itself.
    pub(crate) id: i64,
    /// What they are called.
    pub(crate) name: String,
}

/// With whom a source is shared: `{"to": "owner"}`, `{"to": "groups", "groups": [1]}` or `{"to": "everyone"}`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Visibility)]
pub(crate) struct Shared {
    /// `owner`, `groups` or `everyone`.
    to: SharedTo,
    /// The groups, where it is shared with groups; nested ones count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    groups: Option<Vec<i64>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum SharedTo {
    Owner,
    Groups,
    Everyone,
}

impl From<&Visibility> for Shared {
    fn from(visibility: &Visibility) -> Self {
        let (to, groups) = match visibility {
            Visibility::Owner => (SharedTo::Owner, None),
            Visibility::Groups { groups } => (SharedTo::Groups, Some(groups.iter().map(|id| id.0).collect())),
            Visibility::Everyone => (SharedTo::Everyone, None),
        };
        Self { to, groups }
    }
}

impl Shared {
    /// The same as the store keeps it. Groups that don't exist, or groups where none are meant, are refused.
    pub(crate) fn checked(&self, tx: &mut Tx<'_>) -> Result<Visibility, Problem> {
        match (self.to, self.groups.as_deref().unwrap_or_default()) {
            (SharedTo::Owner, []) => Ok(Visibility::Owner),
            (SharedTo::Everyone, []) => Ok(Visibility::Everyone),
            (SharedTo::Groups, []) => Err(Problem::field(
                "visibility.groups",
                "is empty: name at least one group, or share with `owner` or `everyone`",
            )),
            (SharedTo::Groups, groups) => {
                let groups: BTreeSet<_> = groups.iter().map(|id| model::GroupId(*id)).collect();
                if groups.len() > GROUPS_MAX {
                    return Err(Problem::field(
                        "visibility.groups",
                        format!("names more than {GROUPS_MAX} groups: put them into one, and share with that"),
                    ));
                }
                for group in &groups {
                    tx.group(*group).map_err(|_missing| {
                        Problem::field("visibility.groups", format!("there is no group `{group}`"))
                    })?;
                }
                Ok(Visibility::Groups {
                    groups: groups.into_iter().collect(),
                })
            }
            _ => Err(Problem::field(
                "visibility.groups",
                "goes only with `\"to\": \"groups\"`",
            )),
        }
    }
}

impl SourceView {
    /// The view, with what the caller may know of it.
    pub(crate) fn new(tx: &mut Tx<'_>, reach: &Reach, row: &SourceRow, now: Timestamp) -> Result<Self, Problem> {
        let (may_manage, may_see) = (reach.may_manage(row), reach.holds(row.id));
        let (open, last) = syncs(tx, row)?;
        let (state, state_detail) = derive(facts(reach, row, (open.as_ref(), last.as_ref()), now));
        let owner = match row.owner {
            Some(id) => tx.find_user(id)?.map(|user| Owner {
                id: id.0,
                name: if user.name.is_empty() { user.email } else { user.name },
            }),
            None => None,
        };
        let schedule = tx.find_schedule(row.id)?;
        let view = |sync: &SyncRow| SyncView::new(sync, may_see, now);
        Ok(Self {
            id: row.id.0,
            name: row.name.clone(),
            connector: row.connector.clone(),
            owner: owner.unwrap_or_else(|| Owner {
                id: 0,
                name: "this installation".to_owned(),
            }),
            visibility: (&row.visibility).into(),
            state,
            state_detail,
            paused: row.is_paused,
            schedule: schedule.map(|schedule| crate::schedule::to_wire(&schedule.rule)),
            config: if may_manage {
                row.config.clone()
            } else {
                serde_json::json!({})
            },
            manifest: row.manifest.clone().filter(|_| may_manage),
            search: row.search.clone().filter(|_| may_manage),
            records: tx.count_records(row.id)?.values().sum(),
            failures: tx.count_failures(row.id)?,
            last_sync: last.as_ref().map(view),
            last_synced_at: last_synced_at(tx, last.as_ref())?.map(|at| at.0),
            current_sync: open.as_ref().map(view),
            created_at: row.created_at.0,
            may_manage,
            may_see,
        })
    }
}

/// Only where a source stands: without counting what it holds, which takes as long as there are records.
pub(crate) fn state_of(
    tx: &mut Tx<'_>,
    reach: &Reach,
    row: &SourceRow,
    now: Timestamp,
) -> Result<SourceState, store::Error> {
    let (open, last) = syncs(tx, row)?;
    Ok(derive(facts(reach, row, (open.as_ref(), last.as_ref()), now)).0)
}

fn facts<'a>(
    reach: &Reach,
    row: &'a SourceRow,
    (open, last): (Option<&'a SyncRow>, Option<&'a SyncRow>),
    now: Timestamp,
) -> Facts<'a> {
    Facts {
        is_paused: row.is_paused,
        attention: row.attention.as_ref(),
        open,
        last,
        now,
        with_messages: reach.holds(row.id),
        is_full: reach.is_full,
    }
}

/// When the newest sync ended that brought everything, at `newest` or before it.
fn last_synced_at(tx: &mut Tx<'_>, newest: Option<&SyncRow>) -> Result<Option<Timestamp>, store::Error> {
    let Some(newest) = newest else { return Ok(None) };
    if newest.state == SyncState::Completed {
        return Ok(newest.finished_at);
    }
    let mut before = newest.id;
    for _ in 0..LOOKED_BACK_MAX {
        let rows = tx.list_syncs(newest.source, Some(before), SYNCS_READ)?;
        if let Some(good) = rows.iter().find(|row| row.state == SyncState::Completed) {
            return Ok(good.finished_at);
        }
        let Some(oldest) = rows.last() else { break };
        before = oldest.id;
    }
    Ok(None)
}

/// The sync that has not ended, and the newest one that has.
pub(crate) fn syncs(tx: &mut Tx<'_>, row: &SourceRow) -> Result<(Option<SyncRow>, Option<SyncRow>), store::Error> {
    let mut newest = tx.list_syncs(row.id, None, 2)?.into_iter();
    let (first, second) = (newest.next(), newest.next());
    match first {
        Some(sync) if !sync.state.is_final() => Ok((Some(sync), second)),
        other => Ok((None, other)),
    }
}
