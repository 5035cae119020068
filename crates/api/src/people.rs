//! What is common to everything about people: checks of names and addresses, and one-time links.

use model::{LinkKind, Timestamp, UserId};
use store::{NewLink, Store, Token, Tx};

use crate::network::Client;
use crate::problem::Problem;

const MINUTE_MS: i64 = 60_000;
/// How long a set-up link works.
const SETUP_MS: i64 = 30 * MINUTE_MS;
/// How long an invitation works.
const INVITATION_MS: i64 = 7 * 24 * 60 * MINUTE_MS;
/// How long a link for a new password works.
const RESET_MS: i64 = 24 * 60 * MINUTE_MS;
/// The longest name, in characters.
pub(crate) const NAME_LETTERS_MAX: usize = 200;

/// Makes a link that creates the first administrator, and ends the set-up links of before. The page is
/// `/setup/{token}`; it works once, for 30 minutes. `None` once there is an administrator who can sign in.
pub async fn create_setup_link(store: &Store, now: Timestamp) -> Result<Option<Token>, store::Error> {
    let token = Token::fresh("");
    let kept = token.clone();
    let is_made = store
        .write(move |tx| {
            tx.lock_administrators()?;
            if tx.count_administrators()? > 0 {
                return Ok(false);
            }
            insert(tx, &kept, LinkKind::Setup, None, now).map(|_until| true)
        })
        .await;
    is_made.map(|is_made: bool| is_made.then_some(token))
}

/// Makes a link with which somebody chooses a new password, and ends the links that they had before. The page is
/// `/reset/{token}`; it works once, for 24 hours.
pub async fn create_reset_link(store: &Store, user: UserId, now: Timestamp) -> Result<Token, store::Error> {
    let token = Token::fresh("");
    let kept = token.clone();
    store
        .write(move |tx| {
            tx.user(user)?;
            insert(tx, &kept, LinkKind::Reset, Some(user), now).map(drop)
        })
        .await?;
    Ok(token)
}

/// A link for a person to pass on.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(crate) struct LinkToPass {
    /// The whole address. Shown once: nobody can look it up again.
    pub(crate) url: String,
    /// When it ends, used or not, in UTC milliseconds.
    pub(crate) expires_at: i64,
}

impl LinkToPass {
    /// The link's address on our own pages.
    pub(crate) fn new(
        kind: LinkKind,
        token: &Token,
        expires_at: Timestamp,
        client: &Client,
        settings: &crate::Settings,
    ) -> Self {
        let page = match kind {
            LinkKind::Setup => "setup",
            LinkKind::Invitation => "invite",
            LinkKind::Reset => "reset",
        };
        Self {
            url: format!("{}/{page}/{}", client.origin(settings), token.expose()),
            expires_at: expires_at.0,
        }
    }
}

/// Keeps a link and answers when it ends.
pub(crate) fn insert(
    tx: &mut Tx<'_>,
    token: &Token,
    kind: LinkKind,
    user: Option<UserId>,
    now: Timestamp,
) -> Result<Timestamp, store::Error> {
    let lasts = match kind {
        LinkKind::Setup => SETUP_MS,
        LinkKind::Invitation => INVITATION_MS,
        LinkKind::Reset => RESET_MS,
    };
    let new = NewLink {
        token_hash: token.hash(),
        kind,
        user,
        expires_at: now.plus_ms(lasts),
    };
    tx.insert_link(&new, now)?;
    Ok(new.expires_at)
}

/// Refuses what is not an e-mail address. Only sending one would tell for sure.
pub(crate) fn check_email(email: &str) -> Result<(), Problem> {
    let email = email.trim();
    let is_plausible = email.len() <= 254
        && email.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && !domain.is_empty() && !domain.contains('@') && !domain.starts_with('.')
        })
        && !email.contains(|c: char| c.is_whitespace() || c.is_control());
    if is_plausible {
        return Ok(());
    }
    Err(Problem::field(
        "email",
        "is not an e-mail address: expected `name@example.org`",
    ))
}

/// Refuses names that are empty or too long.
pub(crate) fn check_name(name: &str) -> Result<(), Problem> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Problem::field("name", "is missing"));
    }
    if name.chars().count() > NAME_LETTERS_MAX || name.contains(char::is_control) {
        return Err(Problem::field(
            "name",
            format!("is too long or holds control characters: at most {NAME_LETTERS_MAX} characters"),
        ));
    }
    Ok(())
}
