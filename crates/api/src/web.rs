//! The embedded pages: files of `web/dist`, and the application's first page for every path that is a page's.
//!
//! Builds without optimisation read the files from the checkout, so that a rebuilt page is seen at once.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::layers::CONTENT_POLICY;
use crate::network::header_text;
use crate::problem::{Code, Problem};

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Files;

/// What stands in for the pages where they were not built.
const NOT_BUILT: &str = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Fossick</title>\n\
    <h1>The pages are not built</h1>\n\
    <p>This Fossick was built without its pages. Run <code>make web</code> in the checkout and start it again.\n\
    The command line and the HTTP API work without them.</p>\n</html>\n";

/// Whatever no endpoint answers: a file, a page of the application, or a refusal in the form of that part.
pub(crate) async fn fallback(request: Request) -> Response {
    let path = request.uri().path();
    if is_below(path, "/1") {
        return crate::algolia::unknown(request.method(), path);
    }
    if is_below(path, "/api") {
        return Problem::not_found("endpoint", path).into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Problem::new(
            Code::MethodNotAllowed,
            format!("`{path}` is a page; it can only be read"),
        )
        .into_response();
    }
    match file_of(path) {
        Some((name, file)) => serve(&request, &name, &file),
        // A missing file is no page: answering one would break the pages that ask for it in odd ways.
        None if path.rsplit('/').next().is_some_and(|last| last.contains('.')) => {
            (StatusCode::NOT_FOUND, "there is no such file\n").into_response()
        }
        None => match Files::get("index.html") {
            Some(file) => serve(&request, "index.html", &file),
            None => (
                StatusCode::SERVICE_UNAVAILABLE,
                [(header::CONTENT_TYPE, "text/html; charset=utf-8")],
                NOT_BUILT,
            )
                .into_response(),
        },
    }
}

/// The address exists, but not with this method.
pub(crate) async fn method_not_allowed(request: Request) -> Response {
    let path = request.uri().path();
    if is_below(path, "/1") {
        return crate::algolia::unknown(request.method(), path);
    }
    let detail = format!("`{path}` exists, but not with `{}`", request.method());
    Problem::new(Code::MethodNotAllowed, detail).into_response()
}

fn is_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The file that a path names: itself, or the page of documentation with that name.
fn file_of(path: &str) -> Option<(String, EmbeddedFile)> {
    let name = match path {
        "/docs" | "/redoc" => format!("{path}.html"),
        other => other.to_owned(),
    };
    let name = name.trim_start_matches('/');
    let is_plain = !name.is_empty() && !name.split('/').any(|part| part.is_empty() || part.starts_with('.'));
    let file = is_plain.then(|| Files::get(name)).flatten()?;
    Some((name.to_owned(), file))
}

fn serve(request: &Request, name: &str, file: &EmbeddedFile) -> Response {
    let hash = crate::hex::of(&file.metadata.sha256_hash()[..16]);
    let tag = format!("\"{hash}\"");
    // Names under `assets` hold a hash of their content: they never change.
    let cache = if name.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let asked = header_text(request.headers(), header::IF_NONE_MATCH);
    let is_known = asked.split(',').any(|one| one.trim().trim_start_matches("W/") == tag);
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(file.data.clone().into_owned()).into_response()
    };
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(header::ETAG, tag);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    let mime = mime_guess::from_path(name).first_or_octet_stream();
    let mime = match mime.type_().as_str() {
        "text" => format!("{mime}; charset=utf-8"),
        _ => mime.to_string(),
    };
    if let Ok(mime) = HeaderValue::try_from(mime) {
        headers.insert(header::CONTENT_TYPE, mime);
    }
    if let Ok(policy) = HeaderValue::try_from(policy_of(name)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// The viewers of the API's description set styles from scripts; ReDoc also searches in a worker.
fn policy_of(name: &str) -> String {
    match name {
        "docs.html" | "redoc.html" => CONTENT_POLICY
            .replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
            .replace("connect-src 'self'", "connect-src 'self'; worker-src 'self' blob:"),
        _ => CONTENT_POLICY.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    //! Which paths are files.

    use super::{file_of, is_below, policy_of};

    #[test]
    fn pages_that_were_built_are_found() {
        let built = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/dist/index.html");
        let is_built = std::path::Path::new(built).exists();
        assert_eq!(file_of("/index.html").is_some(), is_built);
    }

    #[test]
    fn paths_out_of_the_folder_name_no_file() {
        for path in [
            "/",
            "/../Cargo.toml",
            "/..",
            "/.git",
            "//etc/passwd",
            "/assets/../../Cargo.toml",
            "/assets//x",
        ] {
            assert!(file_of(path).is_none(), "{path}");
        }
    }

    #[test]
    fn prefixes_are_whole_segments() {
        assert!(is_below("/1", "/1") && is_below("/1/keys", "/1"));
        assert!(!is_below("/123", "/1") && !is_below("/apis", "/api"));
    }

    #[test]
    fn only_the_viewers_of_the_description_may_set_styles_from_scripts() {
        assert!(!policy_of("index.html").contains("unsafe"));
        assert!(policy_of("redoc.html").contains("style-src 'self' 'unsafe-inline'"));
        assert!(!policy_of("redoc.html").contains("script-src 'self' 'unsafe"));
    }
}
