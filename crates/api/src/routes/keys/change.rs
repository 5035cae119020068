//! `POST /api/v1/keys` and `DELETE /api/v1/keys/{id}`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use model::{KeyId, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use store::{NewApiKey, Token};
use utoipa::ToSchema;

use super::{KeyView, ScopeWord};
use crate::caller::{Caller, SignedIn, is_within};
use crate::extract::{Body, Named};
use crate::parts::Api;
use crate::people::check_name;
use crate::problem::{Code, Problem, Refusal};

/// A key to be made.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyGiven {
    /// What it is called, so that it can be told from others.
    name: String,
    /// What it may be used for, at least one.
    scopes: Vec<ScopeWord>,
    /// When it ends, in UTC milliseconds; never when left out.
    expires_at: Option<i64>,
}

/// A key that was made.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct KeyMade {
    key: KeyView,
    /// The key itself, `fsk_…`. Shown once: only its hash is kept.
    secret: String,
}

/// Makes a key that acts as the caller, within its scopes.
///
/// A key can't make a key that may do more or lasts longer than itself, and what it made ends with it.
#[utoipa::path(post, path = "/api/v1/keys", tag = "people", operation_id = "add_key",
    request_body = KeyGiven, responses((status = 201, body = KeyMade), Refusal))]
pub(super) async fn add_key(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    Body(given): Body<KeyGiven>,
) -> Result<(StatusCode, Json<KeyMade>), Problem> {
    check_name(&given.name)?;
    let now = api.clock.now();
    let Some(user) = caller.user() else {
        return Err(Problem::new(
            Code::NotAllowed,
            "a key acts as somebody with an account, and the operator has none: sign in and make it there",
        ));
    };
    let mut scopes: Vec<Scope> = Vec::new();
    for scope in given.scopes.into_iter().map(Scope::from) {
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    if scopes.is_empty() {
        return Err(Problem::field(
            "scopes",
            "is empty: name at least one of `search`, `read` and `manage`",
        ));
    }
    if given.expires_at.is_some_and(|at| at <= now.0) {
        return Err(Problem::field("expires_at", "is in the past"));
    }
    if let Caller::Key { scopes: own, .. } = &caller
        && let Some(surplus) = scopes.iter().find(|scope| !is_within(own, **scope))
    {
        return Err(Problem::new(
            Code::MissingScope,
            format!("this key lacks the scope `{surplus}` itself"),
        ));
    }
    let parent = match &caller {
        Caller::Key { key, .. } => Some(*key),
        _ => None,
    };
    let token = Token::fresh("fsk_");
    let new = NewApiKey {
        user,
        name: given.name.trim().to_owned(),
        scopes,
        token_hash: token.hash(),
        expires_at: given.expires_at.map(Timestamp),
        parent,
    };
    let made = api.store.write::<_, Problem, _>(move |tx| {
        let mut new = new.clone();
        if let Some(parent) = parent
            && let Some(last) = tx.api_key(parent)?.expires_at
        {
            new.expires_at = Some(new.expires_at.map_or(last, |at| at.min(last)));
        }
        let id = tx.insert_api_key(&new, now)?;
        let row = tx.api_key(id)?;
        Ok(KeyView::new(tx, row)?)
    });
    let answer = KeyMade {
        key: made.await?,
        secret: token.expose().to_owned(),
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Ends a key for good, and those that it made: one's own, or anybody's for administrators.
#[utoipa::path(delete, path = "/api/v1/keys/{id}", tag = "people", operation_id = "delete_key",
    params(("id" = i64, Path, description = "The key.")),
    responses((status = 204, description = "Ended."), Refusal))]
pub(super) async fn delete_key(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    Named(id): Named<i64>,
) -> Result<StatusCode, Problem> {
    let deleted = api.store.write::<_, Problem, _>(move |tx| {
        let row = tx.api_key(KeyId(id))?;
        if !caller.is_administrator() && caller.user() != Some(row.user) {
            return Err(Problem::not_found("key", id));
        }
        Ok(tx.drop_api_key(row.id)?)
    });
    deleted.await?;
    Ok(StatusCode::NO_CONTENT)
}
