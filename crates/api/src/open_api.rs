//! The description of the API, OpenAPI 3.1, made from the handlers themselves.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::routing::get;
use utoipa::OpenApi as _;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{OpenApi, RefOr};

use crate::problem::{Code, Document as ProblemDocument, FieldProblem};
use crate::{algolia, routes};

#[derive(utoipa::OpenApi)]
#[openapi(
    components(schemas(ProblemDocument, FieldProblem)),
    security(("session" = []), ("key" = [])),
    tags(
        (name = "session", description = "Signing in and out, one-time links."),
        (name = "search", description = "Searching, in Algolia's dialect and in plain form."),
        (name = "sources", description = "Configured instances of connectors, their syncs and their errors."),
        (name = "records", description = "What was found: records, previews, files, and who may see them."),
        (name = "people", description = "Users, groups and API keys."),
        (name = "tasks", description = "Background work and its queues."),
        (name = "system", description = "The server itself."),
    )
)]
struct Base;

/// The description before any endpoint was added.
pub(crate) fn base() -> OpenApi {
    let mut base = Base::openapi();
    "Fossick".clone_into(&mut base.info.title);
    env!("CARGO_PKG_VERSION").clone_into(&mut base.info.version);
    base.info.description = Some(description());
    let components = base.components.get_or_insert_default();
    let cookie = ApiKeyValue::with_description(
        crate::session::COOKIE,
        "A browser's session. State-changing calls also send `x-fossick-csrf`.",
    );
    components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    let key = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("An API key, `fsk_…`, within its scopes."))
        .build();
    components.add_security_scheme("key", SecurityScheme::Http(key));
    let application = "The application of the search dialect, `fossick`.";
    let key = "A key of the search dialect, from `GET /api/v1/search-key`.";
    for (name, carrier, what) in [
        ("search_application", "x-algolia-application-id", application),
        ("search_key", "x-algolia-api-key", key),
    ] {
        let value = ApiKeyValue::with_description(carrier, what);
        let in_query = SecurityScheme::ApiKey(ApiKey::Query(value.clone()));
        components.add_security_scheme(name, SecurityScheme::ApiKey(ApiKey::Header(value)));
        components.add_security_scheme(format!("{name}_query"), in_query);
    }
    base
}

/// The first page of the reference: conventions, and the table of codes.
fn description() -> String {
    let mut text = String::from(
        "Times are UTC milliseconds, ids are integers. Lists are `{items, next?}` with `?limit=&after=`.\n\n\
         Programs send an API key as `Authorization: Bearer fsk_…`. Browsers sign in with `POST /api/v1/session` and repeat \
         its `csrf` as `x-fossick-csrf` on everything that changes something.\n\n\
         # Errors\n\nEvery refusal is `application/problem+json` with a stable `code`:\n\n| status | code | meaning |\n|---|---|---|\n",
    );
    for code in Code::ALL {
        let (status, name, _) = code.row();
        text.extend([
            "| ",
            &status.to_string(),
            " | `",
            name,
            "` | ",
            code.explanation(),
            " |\n",
        ]);
    }
    text.push_str("\nThe search dialect `/1/…` refuses with `{\"message\", \"status\"}` instead.\n");
    text
}

/// The description of the API as a file: what `/api/v1/openapi.json` answers, without a server.
pub fn reference() -> String {
    let mut document = base();
    // The nouns of `assemble`; a test compares the two.
    for nouns in [
        routes::session::router().into_openapi(),
        routes::links::router().into_openapi(),
        routes::users::router().into_openapi(),
        routes::groups::router().into_openapi(),
        routes::keys::router().into_openapi(),
        routes::sources::router().into_openapi(),
        routes::records::router().into_openapi(),
        routes::tasks::router().into_openapi(),
        routes::queues::router().into_openapi(),
        routes::search_key::router().into_openapi(),
        routes::system::router().into_openapi(),
        routes::events::router().into_openapi(),
        algolia::router().into_openapi(),
        routes::system::open_router().into_openapi(),
    ] {
        document.merge(nouns);
    }
    Document::of(&document).0.to_string() + "\n"
}

/// The finished description, as text.
#[derive(Debug, Clone)]
pub(crate) struct Document(Arc<str>);

impl Document {
    /// Writes the description down.
    pub(crate) fn of(openapi: &OpenApi) -> Self {
        let text = described(openapi.clone()).to_pretty_json().unwrap_or_else(|error| {
            tracing::error!(%error, "the description of the API can't be written: {error}");
            "{}".to_owned()
        });
        Self(text.into())
    }
}

/// The description with something said of every answer, as OpenAPI demands; utoipa takes none for nothing.
fn described(mut openapi: OpenApi) -> OpenApi {
    for path in openapi.paths.paths.values_mut() {
        let reading = path.get.iter_mut().map(|one| (one, "What was asked for."));
        let writing = [&mut path.post, &mut path.put, &mut path.patch, &mut path.delete];
        let writing = writing.into_iter().flatten().map(|one| (one, "As it is now."));
        for (operation, usual) in reading.chain(writing) {
            for (status, response) in &mut operation.responses.responses {
                if let RefOr::T(response) = response
                    && response.description.is_empty()
                {
                    let text = match status.as_str() {
                        "201" => "Made.",
                        "202" => "Taken on: it goes on in the background.",
                        _ => usual,
                    };
                    text.clone_into(&mut response.description);
                }
            }
        }
    }
    openapi
}

/// Serves the description at `/api/v1/openapi.json`.
pub(crate) fn router(document: Document) -> Router {
    Router::new()
        .route("/api/v1/openapi.json", get(show))
        .with_state(document)
}

async fn show(State(document): State<Document>) -> ([(HeaderName, HeaderValue); 2], String) {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, document.0.to_string())
}
