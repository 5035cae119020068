//! `fossick user …`.

use clap::Subcommand;
use model::{Clock, Role, SystemClock, Timestamp};
use serde_json::{Value, json};

use super::{Session, confirm, pick};
use crate::client::Client;
use crate::output::{Align, Table, number, text, when};

/// What can be done with people.
#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Invite somebody: prints a link that can be used once
    Add {
        /// Their e-mail address
        email: String,
        /// What they are called
        #[arg(long)]
        name: Option<String>,
        /// `member` or `administrator`
        #[arg(long, default_value = "member")]
        role: Role,
    },
    /// List people
    List,
    /// Make a link to choose a new password, for whoever is locked out
    ResetLink {
        /// Their e-mail address or id
        user: String,
    },
    /// Give somebody another role
    Role {
        /// Their e-mail address or id
        user: String,
        /// `member` or `administrator`
        role: Role,
    },
    /// Keep somebody from signing in; what they own stays
    Disable {
        /// Their e-mail address or id
        user: String,
    },
    /// Let somebody sign in again
    Enable {
        /// Their e-mail address or id
        user: String,
    },
    /// Remove somebody
    Delete {
        /// Their e-mail address or id
        user: String,
        /// Who gets the sources that they own
        #[arg(long, value_name = "USER")]
        sources_to: Option<String>,
        /// Do not ask
        #[arg(short, long)]
        yes: bool,
    },
}

/// Does it.
pub(super) async fn run(session: &Session, command: UserCommand) -> anyhow::Result<()> {
    let client = match command {
        UserCommand::Add { .. } => session.client_of_new().await?,
        _ => session.client().await?,
    };
    let output = session.output;
    match command {
        UserCommand::List => {
            let users = client.list("/api/v1/users").await?;
            if output.is_json {
                return output.json(&json!({ "items": users }));
            }
            output.table(
                &table(&users, SystemClock.now()),
                "there is nobody yet: `fossick user add <email>` invites somebody",
            )
        }
        UserCommand::Add { email, name, role } => {
            let mut body = json!({ "email": email, "role": role.as_str() });
            if let Some(name) = name {
                body["name"] = name.into();
            }
            let answer = client.post("/api/v1/users", &body).await?;
            output.answer(&answer, || link("invitation", &email, &answer["invitation"]))
        }
        UserCommand::ResetLink { user } => {
            let found = find(client, &user).await?;
            let answer = client
                .post(&format!("/api/v1/users/{}/reset-link", text(&found, "id")), &json!({}))
                .await?;
            output.answer(&answer, || link("reset link", &text(&found, "email"), &answer))
        }
        UserCommand::Role { user, role } => change(session, client, &user, &json!({ "role": role.as_str() })).await,
        UserCommand::Disable { user } => change(session, client, &user, &json!({ "state": "disabled" })).await,
        UserCommand::Enable { user } => change(session, client, &user, &json!({ "state": "active" })).await,
        UserCommand::Delete { user, sources_to, yes } => {
            let found = find(client, &user).await?;
            let email = text(&found, "email");
            let mut path = format!("/api/v1/users/{}", text(&found, "id"));
            if let Some(heir) = sources_to {
                let heir = find(client, &heir).await?;
                path.extend(["?sources_to=", &text(&heir, "id")]);
            }
            confirm(yes, &format!("Remove {email}?"))?;
            client.delete(&path).await?;
            output.answer(&json!({ "deleted": found["id"] }), || format!("removed {email}"))
        }
    }
}

/// The person that is meant.
pub(super) async fn find(client: &Client, wanted: &str) -> anyhow::Result<Value> {
    pick("user", "email", wanted, &client.list("/api/v1/users").await?)
}

async fn change(session: &Session, client: &Client, wanted: &str, body: &Value) -> anyhow::Result<()> {
    let found = find(client, wanted).await?;
    let answer = client
        .patch(&format!("/api/v1/users/{}", text(&found, "id")), body)
        .await?;
    session.output.answer(&answer, || {
        format!(
            "{} is {}, {}",
            text(&answer, "email"),
            text(&answer, "role"),
            text(&answer, "state")
        )
    })
}

fn link(what: &str, email: &str, link: &Value) -> String {
    let until = when(Timestamp(number(link, "expires_at")), SystemClock.now());
    format!(
        "{what} for {}, good once, ends {until}:\n\n  {}\n",
        crate::output::clean(email),
        text(link, "url")
    )
}

fn table(users: &[Value], now: Timestamp) -> Table {
    let mut table = Table::new(&[
        ("id", Align::Right),
        ("email", Align::Left),
        ("name", Align::Left),
        ("role", Align::Left),
        ("state", Align::Left),
        ("last seen", Align::Left),
    ]);
    for user in users {
        let seen = user.get("last_seen_at").and_then(Value::as_i64);
        table.row(vec![
            text(user, "id"),
            text(user, "email"),
            text(user, "name"),
            text(user, "role"),
            text(user, "state"),
            seen.map_or_else(|| "never".to_owned(), |at| when(Timestamp(at), now)),
        ]);
    }
    table
}
