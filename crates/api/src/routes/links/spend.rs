//! `POST /api/v1/links/{token}` uses a link up: sets name and password, and signs in.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use model::{LinkKind, Role, Timestamp, UserState};
use serde::Deserialize;
use store::{LinkRow, NewUser, Secret, Token, Tx, UserRow};
use utoipa::ToSchema;

use super::expired;
use crate::extract::{Body, Named};
use crate::network::Client;
use crate::parts::Api;
use crate::password;
use crate::people::{check_email, check_name};
use crate::problem::{Problem, Refusal};
use crate::routes::session::Session;
use crate::routes::users;
use crate::session::{Beginning, token_of};

/// What somebody says about themselves.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answers {
    /// What they are called; optional where the account has a name.
    #[serde(default)]
    name: String,
    /// Their address; needed on a set-up link, otherwise it is the account's.
    #[serde(default)]
    email: String,
    /// The password that they choose.
    password: String,
}

/// Uses a link up, sets name and password, and signs in.
///
/// A new password ends all other sessions of the account, and its API keys. Refused with `link_expired`, also for the
/// slower of two who use the same link at once.
#[utoipa::path(post, path = "/api/v1/links/{token}", tag = "session", operation_id = "use_link",
    security(()),
    params(("token" = String, Path, description = "The last part of the link.")),
    request_body = Answers, responses((status = 200, body = Session), Refusal))]
pub(crate) async fn use_link(
    State(api): State<Api>,
    client: Client,
    headers: HeaderMap,
    Named(token): Named<String>,
    Body(answers): Body<Answers>,
) -> Result<([(HeaderName, HeaderValue); 1], Json<Session>), Problem> {
    let (hash, now) = (Token::hash_of(&token), api.clock.now());
    let (looked_up, given) = (hash.clone(), answers.clone());
    // Judged before the password is hashed, so that strangers can't make the server hash.
    api.store
        .read::<_, Problem, _>(move |tx| {
            let link = tx.find_link(&looked_up, now)?.ok_or_else(expired)?;
            judge(tx, &link, &given).map(drop)
        })
        .await?;
    let password_hash = password::hash(Secret::new(answers.password.clone())).await?;
    let (begin, before) = (Beginning::draw(), token_of(&headers));
    let kept = begin.clone();
    let user = api
        .store
        .write::<_, Problem, _>(move |tx| {
            let link = tx.find_link(&hash, now)?.ok_or_else(expired)?;
            tx.lock_administrators()?;
            let known = judge(tx, &link, &answers)?;
            tx.use_link(&link, now).map_err(|_raced| expired())?;
            let user = settle(tx, known, &answers, &password_hash, now)?;
            kept.keep(tx, &user, before.as_deref(), now)?.ok_or_else(expired)?;
            Ok(user)
        })
        .await?;
    let session = Session::begun(user.into(), begin.csrf(), &api.settings.version);
    Ok(([(header::SET_COOKIE, begin.cookie(&client)?)], Json(session)))
}

/// Checks the answers and finds the account that the link is for; `None` for the first administrator.
fn judge(tx: &mut Tx<'_>, link: &LinkRow, answers: &Answers) -> Result<Option<UserRow>, Problem> {
    let Some(user) = link.user else {
        if tx.count_administrators()? > 0 {
            return Err(expired());
        }
        check_email(&answers.email)?;
        check_name(&answers.name)?;
        password::check(&answers.password, &answers.email, &answers.name)?;
        return Ok(None);
    };
    let user = tx.find_user(user)?.ok_or_else(expired)?;
    if user.state == UserState::Disabled {
        return Err(expired());
    }
    if link.kind == LinkKind::Invitation && user.name.is_empty() {
        check_name(&answers.name)?;
    }
    password::check(&answers.password, &user.email, &user.name)?;
    Ok(Some(user))
}

/// Gives the account its name and password, and ends what let somebody in before.
fn settle(
    tx: &mut Tx<'_>,
    known: Option<UserRow>,
    answers: &Answers,
    password_hash: &str,
    now: Timestamp,
) -> Result<UserRow, Problem> {
    let id = match known {
        None => {
            let organization = tx.ensure_organization(now)?;
            let new = NewUser {
                organization,
                email: answers.email.clone(),
                name: answers.name.trim().to_owned(),
                role: Role::Administrator,
                state: UserState::Active,
            };
            tx.insert_user(&new, now)?
        }
        Some(user) => {
            if !answers.name.trim().is_empty() {
                check_name(&answers.name)?;
                tx.rename_user(user.id, answers.name.trim())?;
            }
            user.id
        }
    };
    tx.set_password(id, password_hash)?;
    tx.drop_sessions_of_user(id)?;
    tx.drop_api_keys_of_user(id)?;
    tx.drop_links_of_user(id)?;
    users::change::end_setup(tx)?;
    Ok(tx.user(id)?)
}
