//! `POST /api/v1/session` signs somebody in.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use model::UserState;
use serde::Deserialize;
use store::{Secret, UserRow};
use utoipa::ToSchema;

use super::Session;
use crate::extract::Body;
use crate::network::Client;
use crate::parts::Api;
use crate::password;
use crate::problem::{Code, Problem, Refusal};
use crate::session::{Beginning, token_of};
use crate::throttle::Subjects;

/// Who wants to sign in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credentials {
    /// The account's address.
    email: String,
    /// Its password.
    password: String,
}

/// Signs somebody in and answers their session with its cookie.
///
/// Refused with `wrong_credentials`, the same for an unknown address, a wrong password and a disabled account; or with
/// `throttled` and `Retry-After` after several failures.
#[utoipa::path(post, path = "/api/v1/session", tag = "session", operation_id = "start_session",
    security(()),
    request_body = Credentials, responses((status = 200, body = Session), Refusal))]
pub(crate) async fn start_session(
    State(api): State<Api>,
    client: Client,
    headers: HeaderMap,
    Body(credentials): Body<Credentials>,
) -> Result<([(HeaderName, HeaderValue); 1], Json<Session>), Problem> {
    let user = attempt(&api, &client, credentials).await?;
    let (begin, before, now) = (Beginning::draw(), token_of(&headers), api.clock.now());
    let (kept, known) = (begin.clone(), user.clone());
    let outcome = api
        .store
        .write::<_, store::Error, _>(move |tx| kept.keep(tx, &known, before.as_deref(), now));
    // Their password was changed while the one that they gave was looked at.
    outcome.await?.ok_or_else(wrong)?;
    let session = Session::begun(user.into(), begin.csrf(), &api.settings.version);
    Ok(([(header::SET_COOKIE, begin.cookie(&client)?)], Json(session)))
}

/// Whose credentials these are. Counts the attempt first, and takes as long for an account that does not exist.
async fn attempt(api: &Api, client: &Client, credentials: Credentials) -> Result<UserRow, Problem> {
    let now = api.clock.now();
    let Credentials { email, password } = credentials;
    let subjects = Subjects::of(&email, client.address);
    let counted = subjects.clone();
    let user = api
        .store
        .write::<_, Problem, _>(move |tx| {
            counted.begin(tx, now)?;
            Ok(tx.find_user_by_email(&email)?)
        })
        .await?;
    if password.len() > password::BYTES_MAX {
        return Err(wrong());
    }
    let hash = user.as_ref().and_then(|user| user.password_hash.clone());
    let is_right = password::verify(Secret::new(password), hash).await?;
    match user {
        Some(user) if is_right && user.state == UserState::Active => {
            api.store.write(move |tx| subjects.succeed(tx)).await?;
            Ok(user)
        }
        _ => Err(wrong()),
    }
}

fn wrong() -> Problem {
    Problem::new(
        Code::WrongCredentials,
        "check address and password; an administrator can make a link for a new password",
    )
}
