//! `POST /api/v1/sources/check`, `…/discover` and `…/estimate`: what a source would be, before it is one.

use axum::Json;
use axum::extract::State;
use connector::mapping::Mapping;
use connector::native::folder::EstimateLimits;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Sources;
use super::draft::{Draft, environment, field_of, prepared, refused};
use super::sample::{Sample, SampleDocument};
use crate::caller::SignedIn;
use crate::extract::{Body, Params};
use crate::problem::{Code, Problem, Refusal};

/// Whether a source would work.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Check {
    /// Whether it would.
    ok: bool,
    /// What stands in the way.
    problems: Vec<CheckProblem>,
    /// What a person should know and nothing stops.
    warnings: Vec<String>,
}

/// Something that stands in the way.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CheckProblem {
    /// Where: a field, or a file and the place in it.
    r#where: String,
    /// What is wrong.
    what: String,
    /// What to do about it.
    way_out: String,
}

/// Tries a source against the real thing and says in plain words what is wrong.
#[utoipa::path(post, path = "/api/v1/sources/check", tag = "sources", operation_id = "check_source",
    request_body = Draft, responses((status = 200, body = Check), Refusal))]
pub(super) async fn check_source(
    State(sources): State<Sources>,
    SignedIn(caller): SignedIn,
    Body(draft): Body<Draft>,
) -> Result<Json<Check>, Problem> {
    let draft = draft.parted()?;
    let prepared = prepared(&sources, caller, &draft).await?;
    let built = match draft.build(&prepared.secrets, &environment(&sources, prepared.is_administrators)) {
        Ok(built) => built,
        Err(problem) if problem.code == Code::Invalid => {
            return Ok(Json(Check::failed(&draft.connector, &problem.detail, Vec::new())));
        }
        Err(problem) => return Err(problem),
    };
    Ok(Json(match built.connector.check().await {
        Ok(doubts) => Check {
            ok: true,
            problems: Vec::new(),
            warnings: [built.warnings, doubts].concat(),
        },
        Err(error) => Check::failed(&draft.connector, &error.to_string(), built.warnings),
    }))
}

impl Check {
    /// Every line of the message is a problem; its way out comes after the last semicolon.
    fn failed(connector: &str, text: &str, warnings: Vec<String>) -> Self {
        let problems = text.lines().filter(|line| !line.trim().is_empty()).map(|line| {
            let (what, way_out) = line.rsplit_once("; ").unwrap_or((line, ""));
            CheckProblem {
                r#where: field_of(connector, line),
                what: what.trim().to_owned(),
                way_out: way_out.trim().to_owned(),
            }
        });
        Self {
            ok: false,
            problems: problems.collect(),
            warnings,
        }
    }
}

/// What a source offers.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Discovery {
    /// Its streams.
    streams: Vec<DiscoveredStream>,
    /// The mapping of records to documents that would be used, as a `search.yaml` to correct.
    mapping_guess: String,
    /// Some documents of each stream, as that mapping makes them.
    documents: Vec<SampleDocument>,
    /// What a person should know and nothing stops.
    warnings: Vec<String>,
}

/// One stream that a source offers.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DiscoveredStream {
    /// Its name.
    name: String,
    /// Whether it can be read from where the last sync ended.
    incremental: bool,
    /// The fields that identify a record.
    primary_key: Vec<String>,
}

/// How much is asked of the provider.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Asking {
    /// Whether the first page of some streams is read, so that the mapping is guessed from real records: yes when left
    /// out.
    samples: Option<bool>,
}

/// Says which streams a source offers and how its records would become documents.
///
/// Of an HTTP API the first page of up to eight streams is read, within half a minute, and nothing of it is kept; a
/// stream that can't be read is a warning. Of a source whose content the caller may not see nothing is read.
#[utoipa::path(post, path = "/api/v1/sources/discover", tag = "sources", operation_id = "discover_source",
    params(Asking), request_body = Draft, responses((status = 200, body = Discovery), Refusal))]
pub(super) async fn discover_source(
    State(sources): State<Sources>,
    SignedIn(caller): SignedIn,
    Params(asking): Params<Asking>,
    Body(draft): Body<Draft>,
) -> Result<Json<Discovery>, Problem> {
    let draft = draft.parted()?;
    let prepared = prepared(&sources, caller, &draft).await?;
    let built = draft.build(&prepared.secrets, &environment(&sources, prepared.is_administrators))?;
    let streams = built.connector.streams();
    let streams = streams.map_err(|error| refused(&draft.connector, &error))?;
    let names: Vec<String> = streams.iter().map(|stream| stream.name.clone()).collect();
    let mut warnings = built.warnings.clone();
    let mut mapping = built.mapping.clone();
    let mut documents = Vec::new();
    let is_sampled = built.source.is_some() && asking.samples.unwrap_or(true);
    if is_sampled && !prepared.may_see {
        warnings.push("no records were read to guess from: what this source holds is not shared with you".to_owned());
    } else if is_sampled {
        let sample = Sample::read(&built, &names, sources.api.clock.now()).await;
        mapping = match &draft.search {
            Some(search) => {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                Mapping::parse_for(search, "search.yaml", &names)
                    .map_err(|error| refused(&draft.connector, &error))?
                    .complete(&streams, &sample.records())
            }
            None => Mapping::guess(&streams, &sample.records()),
        };
        documents = sample.documents(&mapping);
        warnings.extend(sample.warnings);
    }
    let streams = streams.into_iter().map(|stream| DiscoveredStream {
        name: stream.name,
        incremental: stream.incremental,
        primary_key: stream.primary_key,
    });
    Ok(Json(Discovery {
        streams: streams.collect(),
        mapping_guess: mapping.to_yaml(),
        documents,
        warnings,
    }))
}

/// What a sync would take.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EstimateView {
    /// Files.
    items: u64,
    /// Their size together.
    bytes: u64,
    /// Files per kind, most first.
    by_kind: Vec<KindCount>,
    /// Some paths of each kind.
    sample: Vec<String>,
    /// Whether a limit ended the look: there is more than this.
    truncated: bool,
    /// Places that can't be read, and links that are not followed.
    problems: Vec<String>,
}

/// How many files there are of a kind.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct KindCount {
    /// The kind.
    kind: String,
    /// Files.
    items: u64,
}

/// Looks what a first sync of a folder would take, from names and sizes, within five seconds.
#[utoipa::path(post, path = "/api/v1/sources/estimate", tag = "sources", operation_id = "estimate_source",
    request_body = Draft, responses((status = 200, body = EstimateView), Refusal))]
pub(super) async fn estimate_source(
    State(sources): State<Sources>,
    SignedIn(caller): SignedIn,
    Body(draft): Body<Draft>,
) -> Result<Json<EstimateView>, Problem> {
    let draft = draft.parted()?;
    let prepared = prepared(&sources, caller, &draft).await?;
    let built = draft.build(&prepared.secrets, &environment(&sources, prepared.is_administrators))?;
    if !prepared.may_see {
        return Err(Problem::not_found("content of source", draft.id.unwrap_or_default()));
    }
    let Some(folder) = built.folder else {
        return Err(Problem::field(
            "connector",
            "can't be estimated: only a folder can be counted before it is read; `discover` shows what an API offers",
        ));
    };
    let looked = tokio::task::spawn_blocking(move || folder.estimate(&EstimateLimits::default())).await;
    let found = looked
        .map_err(Problem::bug)?
        .map_err(|error| refused(&draft.connector, &error))?;
    let by_kind = found.by_kind.into_iter().map(|one| KindCount {
        kind: one.kind.to_owned(),
        items: one.items,
    });
    Ok(Json(EstimateView {
        items: found.items,
        bytes: found.bytes,
        by_kind: by_kind.collect(),
        sample: found.sample,
        truncated: found.truncated,
        problems: found.problems,
    }))
}
