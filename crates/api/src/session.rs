//! Sessions of browsers: the cookie, how long they last, beginning and ending one.

use axum::http::{HeaderMap, HeaderValue, header};
use axum_extra::extract::cookie::{Cookie, SameSite};
use model::{Timestamp, UserState};
use store::{NewSession, SessionRow, Token, Tx, UserRow};

use crate::network::Client;
use crate::parts::Api;
use crate::problem::Problem;

/// The cookie's name.
pub(crate) const COOKIE: &str = "fossick_session";
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// A session that nobody uses ends after this.
const IDLE_MS_MAX: i64 = 14 * DAY_MS;
/// However much it is used, a session ends after this.
const AGE_MS_MAX: i64 = 90 * DAY_MS;

/// A session that is about to begin. Drawn outside of the transaction that keeps it.
#[derive(Debug, Clone)]
pub(crate) struct Beginning {
    token: Token,
    csrf: String,
}

impl Beginning {
    /// Draws token and CSRF token.
    pub(crate) fn draw() -> Self {
        Self {
            token: Token::fresh(""),
            csrf: Token::fresh("").expose().to_owned(),
        }
    }

    /// Keeps the session and ends the one that the browser had before. `None` when `user`, as they were when they
    /// proved who they are, can no longer sign in in this way: their password is another, or they were disabled.
    pub(crate) fn keep(
        &self,
        tx: &mut Tx<'_>,
        user: &UserRow,
        before: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<()>, store::Error> {
        let (id, current) = (user.id, tx.lock_user(user.id)?);
        if current.state != UserState::Active || current.password_hash != user.password_hash {
            return Ok(None);
        }
        if let Some(before) = before
            && let Some(row) = tx.find_session(&Token::hash_of(before), now)?
        {
            tx.drop_session(row.id)?;
        }
        let new = NewSession {
            user: id,
            token_hash: self.token.hash(),
            csrf: self.csrf.clone(),
            expires_at: now.plus_ms(IDLE_MS_MAX),
        };
        tx.insert_session(&new, now)?;
        tx.see_user(id, now).map(Some)
    }

    /// What state-changing calls of this session repeat.
    pub(crate) fn csrf(&self) -> &str {
        &self.csrf
    }

    /// The header that gives the browser its cookie.
    pub(crate) fn cookie(&self, client: &Client) -> Result<HeaderValue, Problem> {
        set_cookie(self.token.expose(), IDLE_MS_MAX.max(AGE_MS_MAX) / 1_000, client)
    }
}

/// The header that takes the browser's cookie away.
pub(crate) fn no_cookie(client: &Client) -> Result<HeaderValue, Problem> {
    set_cookie("", 0, client)
}

fn set_cookie(value: &str, age_s: i64, client: &Client) -> Result<HeaderValue, Problem> {
    let secure = if client.is_https { "; Secure" } else { "" };
    let cookie = Cookie::build((COOKIE, value.to_owned()))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .build();
    HeaderValue::try_from(format!("{cookie}; Max-Age={age_s}{secure}")).map_err(Problem::bug)
}

/// The token in the request's cookie.
pub(crate) fn token_of(headers: &HeaderMap) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter();
    all.filter_map(|value| value.to_str().ok())
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .find(|cookie| cookie.name() == COOKIE && !cookie.value().is_empty())
        .map(|cookie| cookie.value().to_owned())
}

/// Lets a session that is used last longer, and notes that its user was seen; writes once in an hour. Where nothing can
/// be written the session goes on as it is, and ends when it would have.
pub(crate) async fn keep_alive(api: &Api, row: &SessionRow, now: Timestamp) {
    let last = row.created_at.plus_ms(AGE_MS_MAX);
    let until = now.plus_ms(IDLE_MS_MAX).min(last);
    if until.since_ms(row.expires_at) < HOUR_MS && row.user.last_seen_at.is_some_and(|at| now.since_ms(at) < HOUR_MS) {
        return;
    }
    let (session, user) = (row.id, row.user.id);
    let kept = api.store.write(move |tx| {
        tx.extend_session(session, until)?;
        tx.see_user(user, now)
    });
    noted("session", kept.await);
}

/// Says that a use could not be noted. Who only reads is not kept from it.
pub(crate) fn noted(noun: &str, outcome: Result<(), store::Error>) {
    match outcome {
        Ok(()) => {}
        // Said elsewhere, once and not for every request.
        Err(store::Error::DiskFull) => tracing::debug!("the use of a {noun} was not noted: the disk is full"),
        Err(error) => tracing::warn!(%error, "the use of a {noun} was not noted: {error}"),
    }
}
