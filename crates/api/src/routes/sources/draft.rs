//! What a source is made of, as a person gives it, and how it is tried and kept.

use connector::registry::{self, Built, Environment};
use model::SourceId;
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use store::{Sealer, SourceRow};
use utoipa::ToSchema;

use super::Sources;
use crate::access::{Reach, read};
use crate::caller::Caller;
use crate::people::check_name;
use crate::problem::{Code, Problem};
use crate::schedule::ScheduleGiven;
use crate::view::source::Shared;

/// A source as a person gives it.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SourceDraft)]
pub(super) struct Draft {
    /// For dry runs of a source that exists: its kept secrets are used where none are given.
    pub(super) id: Option<i64>,
    /// What people call it.
    #[serde(default)]
    pub(super) name: String,
    /// The connector's name.
    pub(super) connector: String,
    /// Its configuration.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub(super) config: Json,
    /// Secret fields by name, with dots between levels; sealed, and never answered back.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub(super) secrets: Option<Map<String, Json>>,
    /// With whom it is shared; its owner alone when left out.
    pub(super) visibility: Option<Shared>,
    /// When it is synced by itself; only when asked to when left out.
    pub(super) schedule: Option<ScheduleGiven>,
    /// The manifest's text, for a connector that needs one.
    pub(super) manifest: Option<String>,
    /// A `search.yaml` that takes the place of the connector's own mapping.
    pub(super) search: Option<String>,
    /// Whether the first sync starts at once: yes when left out, no for the operator.
    pub(super) sync: Option<bool>,
}

impl Draft {
    /// Takes secrets that stand in the configuration out of it, and refuses what can't be a source.
    pub(super) fn parted(mut self) -> Result<Self, Problem> {
        if self.config.is_null() {
            self.config = Json::Object(Map::new());
        }
        if !self.config.is_object() {
            return Err(Problem::field("config", "has to be an object"));
        }
        self.manifest = self.manifest.filter(|text| !text.trim().is_empty());
        self.search = self.search.filter(|text| !text.trim().is_empty());
        let taken = registry::take_secrets(&self.connector, self.manifest.as_deref(), &mut self.config);
        if !taken.is_empty() {
            let secrets = self.secrets.get_or_insert_default();
            for (name, secret) in taken {
                secrets.entry(name).or_insert(secret);
            }
        }
        Ok(self)
    }

    /// The same as [`Self::parted`], and with a name.
    pub(super) fn named(self) -> Result<Self, Problem> {
        check_name(&self.name)?;
        self.parted()
    }

    /// The secrets of a source that exists, after those that the draft gives; a null forgets one.
    ///
    /// Where a secret is sent is for the connector, the manifest and the configuration to say. Who does not own the
    /// source could have a kept one sent elsewhere by changing any of them, and so has to give all of them anew.
    pub(super) fn with_kept(
        &self,
        reach: &Reach,
        row: &SourceRow,
        mut kept: Map<String, Json>,
    ) -> Result<Map<String, Json>, Problem> {
        let given = self.secrets.clone().unwrap_or_default();
        let is_own = reach.caller == Caller::Operator || (row.owner.is_some() && row.owner == reach.caller.user());
        let goes_where_it_went = given.values().all(Json::is_null)
            && (&self.connector, &self.config, &self.manifest) == (&row.connector, &row.config, &row.manifest);
        let missing: Vec<&str> = kept
            .keys()
            .filter(|name| !given.contains_key(*name))
            .map(String::as_str)
            .collect();
        if !is_own && !goes_where_it_went && !missing.is_empty() {
            return Err(Problem::field(
                "secrets",
                format!(
                    "have to be given again when somebody else than the owner changes where they are sent; missing: {}",
                    missing.join(", ")
                ),
            ));
        }
        for (name, secret) in given {
            if secret.is_null() {
                kept.shift_remove(&name);
            } else {
                kept.insert(name, secret);
            }
        }
        Ok(kept)
    }

    /// The source, ready to be tried.
    pub(super) fn build(&self, secrets: &Map<String, Json>, environment: &Environment) -> Result<Built, Problem> {
        registry::build(
            &self.connector,
            &self.config,
            &Json::Object(secrets.clone()),
            self.manifest.as_deref(),
            self.search.as_deref(),
            environment,
        )
        .map_err(|error| refused(&self.connector, &error))
    }

    /// Looks at the folder that the source names, if it is one: it must be there, and one that the source may read.
    pub(super) async fn look(&self, built: &Built) -> Result<(), Problem> {
        if built.folder.is_some() {
            let checked = built.connector.check().await;
            checked.map_err(|error| refused(&self.connector, &error))?;
        }
        Ok(())
    }
}

/// What a dry run may do on behalf of a caller.
pub(super) fn environment(sources: &Sources, is_administrator: bool) -> Environment {
    Environment {
        is_administrator,
        ..sources.environment.clone()
    }
}

/// What a draft is tried with.
pub(super) struct Prepared {
    /// Its secrets. They go nowhere but into the connector.
    pub(super) secrets: Map<String, Json>,
    /// Whether it may read what only administrators may name.
    pub(super) is_administrators: bool,
    /// Whether the caller may see what it reads.
    pub(super) may_see: bool,
}

/// A draft that is about to be tried.
pub(super) async fn prepared(sources: &Sources, caller: Caller, draft: &Draft) -> Result<Prepared, Problem> {
    let Some(id) = draft.id else {
        return Ok(Prepared {
            secrets: draft.secrets.clone().unwrap_or_default(),
            is_administrators: caller.is_administrator(),
            may_see: true,
        });
    };
    let sealer = sources.api.store.sealer().clone();
    let draft = draft.clone();
    read(&sources.api, caller, move |tx, reach| {
        let row = reach.managed(tx, SourceId(id))?;
        Ok(Prepared {
            secrets: draft.with_kept(reach, &row, opened(&sealer, &row)?)?,
            is_administrators: tx.is_owned_by_administrator(row.id)?,
            may_see: reach.holds(row.id),
        })
    })
    .await
}

/// A source's secrets in the clear. They go nowhere but into the connector.
pub(super) fn opened(sealer: &Sealer, row: &SourceRow) -> Result<Map<String, Json>, Problem> {
    let Some(kept) = &row.secrets else {
        return Ok(Map::new());
    };
    let plain = sealer.unseal(&place(row.id), kept)?;
    serde_json::from_slice(&plain).map_err(|_unreadable| Problem::bug(format!("the secrets of source `{}`", row.id)))
}

/// Seals a source's secrets; none are no text at all.
pub(super) fn sealed(sealer: &Sealer, id: SourceId, secrets: &Map<String, Json>) -> Result<Option<Vec<u8>>, Problem> {
    if secrets.is_empty() {
        return Ok(None);
    }
    let plain = Json::Object(secrets.clone()).to_string();
    Ok(Some(sealer.seal(&place(id), plain.as_bytes())?))
}

fn place(id: SourceId) -> String {
    format!("source/{id}")
}

/// What a connector says against a configuration, at the field that it names, where it names one.
pub(super) fn refused(connector: &str, error: &connector::Error) -> Problem {
    let text = error.to_string();
    match error {
        connector::Error::FixConfiguration(_) | connector::Error::Reauthenticate(_) => {
            let mut problem = Problem::new(Code::Invalid, text.clone());
            problem = problem.and_field(field_of(connector, &text), text);
            problem
        }
        _ => Problem::new(Code::Conflict, text),
    }
}

/// The field that a connector's message is about.
pub(super) fn field_of(connector: &str, text: &str) -> String {
    let mentions = |name: &str| text.contains(name);
    if mentions("search.yaml") {
        return "search".to_owned();
    }
    let schema = registry::connectors()
        .into_iter()
        .find(|one| one.name == connector)
        .map(|one| one.config_schema)
        .unwrap_or_default();
    let known = schema.get("properties").and_then(Json::as_object);
    let named = known.and_then(|known| known.keys().find(|name| text.contains(&format!("`{name}`"))));
    match (named, connector) {
        (Some(name), _) => format!("config.{name}"),
        (None, "folder") => "config.path".to_owned(),
        (None, _) if mentions("manifest") => "manifest".to_owned(),
        (None, _) => "config".to_owned(),
    }
}
