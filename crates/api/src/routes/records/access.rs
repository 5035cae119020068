//! `GET /api/v1/records/{id}/access`: why somebody may see a record, or may not.

use axum::Json;
use axum::extract::State;
use model::{Asker, RecordId, UserId, UserState, Visibility};
use serde::{Deserialize, Serialize};
use store::{RecordDetail, SourceRow, Tx, UserRow};
use utoipa::ToSchema;

use super::Records;
use crate::access::{Reach, read};
use crate::caller::SignedIn;
use crate::extract::{Named, Params};
use crate::problem::{Code, Problem, Refusal};

/// What is said about others to those who are no administrators: nothing of names, addresses and memberships.
const SEEN: &str =
    "they hold the source, and the document asks for nothing that they lack; an administrator is told more";
const UNSEEN: &str = "they do not hold the source, or the document asks for more; an administrator is told more";

/// About whom.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AccessAsked {
    /// The user; the caller themselves when left out.
    user: Option<i64>,
}

/// Whether somebody may see a record, and why.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Access {
    /// Whether they may.
    may_see: bool,
    /// The reasons, in sentences.
    because: Vec<String>,
}

/// Says why somebody may see a record, or may not.
///
/// About others: administrators, and those who manage the record's source; these are told no names of people and groups.
#[utoipa::path(get, path = "/api/v1/records/{id}/access", tag = "records", operation_id = "explain_access",
    params(("id" = i64, Path, description = "The record."), AccessAsked),
    responses((status = 200, body = Access), Refusal))]
pub(super) async fn explain_access(
    State(records): State<Records>,
    SignedIn(caller): SignedIn,
    Named(id): Named<i64>,
    Params(about): Params<AccessAsked>,
) -> Result<Json<Access>, Problem> {
    let access = read(&records.api, caller, move |tx, reach| {
        let (record, source) = record(tx, reach, RecordId(id))?;
        let user = about.user.map(UserId).or_else(|| reach.caller.user());
        if user != reach.caller.user() && !reach.may_manage(&source) {
            return Err(Problem::new(
                Code::NotAllowed,
                "who else may see this is for administrators and those who manage the source",
            ));
        }
        match user {
            Some(user) if Some(user) == reach.caller.user() || reach.caller.is_administrator() => {
                let user = tx.user(user)?;
                let asker = tx.asker_for_user(user.id)?;
                explain(tx, &record, &source, &user, &asker)
            }
            Some(user) => {
                let is_active = tx.find_user(user)?.is_some_and(|user| user.state == UserState::Active);
                let asker = tx.asker_for_user(user)?;
                let may_see = is_active && asker.may_see(record.source, &record.body.acl);
                let why = if may_see { SEEN } else { UNSEEN };
                Ok(Access {
                    may_see,
                    because: vec![why.to_owned()],
                })
            }
            None => Ok(Access {
                may_see: reach.asker.may_see(record.source, &record.body.acl),
                because: vec!["the operator of the machine sees every source, without documents that have permissions of their own".to_owned()],
            }),
        }
    });
    Ok(Json(access.await?))
}

/// A record that the caller may see, or whose source they manage.
fn record(tx: &mut Tx<'_>, reach: &Reach, id: RecordId) -> Result<(RecordDetail, SourceRow), Problem> {
    let missing = || Problem::not_found("record", id);
    let record = tx.find_record(id)?.ok_or_else(missing)?;
    let source = reach.known(tx, record.source).map_err(|_hidden| missing())?;
    if reach.asker.may_see(record.source, &record.body.acl) || reach.may_manage(&source) {
        Ok((record, source))
    } else {
        Err(missing())
    }
}

fn explain(
    tx: &mut Tx<'_>,
    record: &RecordDetail,
    source: &SourceRow,
    user: &UserRow,
    asker: &Asker,
) -> Result<Access, Problem> {
    let name = if user.name.is_empty() { &user.email } else { &user.name };
    let mut because = Vec::new();
    if user.state != UserState::Active {
        because.push(format!("the account of {name} is {}", user.state));
    }
    let is_held = asker.sources.contains(&source.id);
    because.push(if source.owner == Some(user.id) {
        format!("{name} owns the source “{}”", source.name)
    } else {
        match &source.visibility {
            Visibility::Everyone => format!("the source “{}” is shared with everyone", source.name),
            Visibility::Groups { groups } if is_held => {
                let mut held = Vec::new();
                for group in groups {
                    if asker.principals.contains(&model::Principal::group(*group)) {
                        held.push(format!("“{}”", tx.group(*group)?.name));
                    }
                }
                format!(
                    "the source “{}” is shared with {}, to which {name} belongs",
                    source.name,
                    held.join(" and ")
                )
            }
            Visibility::Groups { .. } => {
                format!(
                    "the source “{}” is shared with groups to which {name} does not belong",
                    source.name
                )
            }
            Visibility::Owner => format!("the source “{}” is shared with nobody but its owner", source.name),
        }
    });
    let sets = record.body.acl.sets();
    if sets.is_empty() {
        because.push("the document itself asks for nothing more".to_owned());
    }
    for set in sets {
        let met = set.iter().find(|one| asker.principals.contains(*one));
        because.push(match met {
            Some(principal) => format!(
                "the document asks for one of {} principals, and {name} is `{principal}`",
                set.len()
            ),
            None => format!(
                "the document asks for one of {} principals, and {name} is none of them",
                set.len()
            ),
        });
    }
    let is_active = user.state == UserState::Active;
    Ok(Access {
        may_see: is_active && asker.may_see(record.source, &record.body.acl),
        because,
    })
}
