//! `fossick group …`.

use clap::Subcommand;
use serde_json::{Value, json};

use super::{Session, confirm, pick, user};
use crate::client::Client;
use crate::exit::Refused;
use crate::output::{Align, Table, text};

/// What can be done with groups.
#[derive(Debug, Subcommand)]
pub(crate) enum GroupCommand {
    /// Make a group
    Add {
        /// Its name
        name: String,
    },
    /// List groups and their members
    List,
    /// Put somebody, or another group, into a group
    AddMember {
        /// The group's name or id
        group: String,
        /// `user:<email>` or `group:<name>`
        member: String,
    },
    /// Take somebody, or another group, out of a group
    RemoveMember {
        /// The group's name or id
        group: String,
        /// `user:<email>` or `group:<name>`
        member: String,
    },
    /// Remove a group; sources are no longer shared with it
    Delete {
        /// The group's name or id
        group: String,
        /// Do not ask
        #[arg(short, long)]
        yes: bool,
    },
}

/// Does it.
pub(super) async fn run(session: &Session, command: GroupCommand) -> anyhow::Result<()> {
    let client = session.client().await?;
    let output = session.output;
    match command {
        GroupCommand::List => {
            let groups = client.list("/api/v1/groups").await?;
            if output.is_json {
                return output.json(&json!({ "items": groups }));
            }
            output.table(
                &table(&groups),
                "there are no groups: `fossick group add <name>` makes one",
            )
        }
        GroupCommand::Add { name } => {
            let answer = client.post("/api/v1/groups", &json!({ "name": name })).await?;
            output.answer(&answer, || {
                format!(
                    "made the group `{}` (id {})",
                    text(&answer, "name"),
                    text(&answer, "id")
                )
            })
        }
        GroupCommand::AddMember { group, member } => {
            let (path, name) = membership(client, &group, &member).await?;
            let answer = client.put(&path).await?;
            output.answer(&answer, || format!("{member} is in `{name}`"))
        }
        GroupCommand::RemoveMember { group, member } => {
            let (path, name) = membership(client, &group, &member).await?;
            let answer = client.delete(&path).await?;
            output.answer(&answer, || format!("{member} is no longer in `{name}`"))
        }
        GroupCommand::Delete { group, yes } => {
            let found = find(client, &group).await?;
            let name = text(&found, "name");
            confirm(yes, &format!("Remove the group `{name}`?"))?;
            client.delete(&format!("/api/v1/groups/{}", text(&found, "id"))).await?;
            output.answer(&json!({ "deleted": found["id"] }), || {
                format!("removed the group `{name}`")
            })
        }
    }
}

async fn find(client: &Client, wanted: &str) -> anyhow::Result<Value> {
    pick("group", "name", wanted, &client.list("/api/v1/groups").await?)
}

/// The address of a membership, and the group's name.
async fn membership(client: &Client, group: &str, member: &str) -> anyhow::Result<(String, String)> {
    let (kind, id) = match member.split_once(':') {
        Some(("user", email)) => ("user", text(&user::find(client, email).await?, "id")),
        Some(("group", name)) => ("group", text(&find(client, name).await?, "id")),
        _ => {
            return Err(Refused::usage(format!(
                "a member is `user:<email>` or `group:<name>`, not `{member}`"
            )));
        }
    };
    let group = find(client, group).await?;
    Ok((
        format!("/api/v1/groups/{}/members/{kind}/{id}", text(&group, "id")),
        text(&group, "name"),
    ))
}

fn table(groups: &[Value]) -> Table {
    let mut table = Table::new(&[("id", Align::Right), ("name", Align::Left), ("members", Align::Left)]);
    for group in groups {
        let members = group.get("members").and_then(Value::as_array).into_iter().flatten();
        let members: Vec<String> = members
            .map(|member| format!("{}:{}", text(member, "kind"), text(member, "name")))
            .collect();
        table.row(vec![text(group, "id"), text(group, "name"), members.join(", ")]);
    }
    table
}
