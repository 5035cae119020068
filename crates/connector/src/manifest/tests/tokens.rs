//! Access tokens.

use model::SyncMode;
use serde_json::json;

use super::server::Server;
use super::{Run, Shared, failure, manifest, page, source, sync, sync_as};
use crate::Error;

fn authenticator(server: &Server, more: &str) -> String {
    format!(
        "        authenticator:
          type: OAuthAuthenticator
          token_refresh_endpoint: {}/token
          client_id: \"{{{{ config['client_id'] }}}}\"
          client_secret: \"{{{{ config['client_secret'] }}}}\"
          refresh_token: \"{{{{ config['refresh_token'] }}}}\"
          scopes: [read, write]
          refresh_request_body: {{audience: things}}
{more}",
        server.url
    )
}

fn with(server: &Server, more: &str) -> super::Source {
    let config = json!({"client_id": "id 1", "client_secret": "s3cr3t&", "refresh_token": "r3fr3sh"});
    let paging = "      paginator:
        type: DefaultPaginator
        page_token_option: {type: RequestOption, inject_into: request_parameter, field_name: page}
        pagination_strategy: {type: PageIncrement, page_size: 1}";
    source(&manifest(server, &authenticator(server, more), paging, ""), config)
}

#[tokio::test]
async fn a_token_is_asked_for_once_and_used_for_every_page() {
    let server = Server::json(|seen| match (seen.target.as_str(), seen.query("page")) {
        ("/token", _) => json!({"data": {"access_token": "t0k3n", "expires_in": "3600"}}),
        (_, None) => page([1]),
        _ => page([]),
    });
    let source = with(&server, "");
    assert_eq!(sync(&source).await.ids(&source), [1]);
    assert_eq!(server.targets(), ["/token", "/things", "/things?page=1"]);
    let seen = server.seen();
    assert_eq!(
        seen[0].body,
        "grant_type=refresh_token&client_id=id+1&client_secret=s3cr3t%26&refresh_token=r3fr3sh&scopes=read&scopes=write&audience=things"
    );
    assert_eq!(
        seen[0].header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(seen[2].header("authorization"), Some("Bearer t0k3n"));
}

#[tokio::test]
async fn a_token_that_ran_out_or_is_refused_is_renewed() {
    let short = Server::json(|seen| match seen.target.as_str() {
        "/token" => json!({"access_token": seen.number, "expires_in": 30}),
        "/things" => page([1]),
        _ => page([]),
    });
    sync(&with(&short, "")).await;
    assert_eq!(short.targets(), ["/token", "/things", "/token", "/things?page=1"]);

    let refused = Server::new(|seen| match seen.target.as_str() {
        "/token" => (200, vec![], json!({"access_token": seen.number}).to_string()),
        _ if seen.header("authorization") == Some("Bearer 0") => (401, vec![], String::new()),
        _ => (200, vec![], page([]).to_string()),
    });
    sync(&with(&refused, "")).await;
    assert_eq!(refused.targets(), ["/token", "/things", "/token", "/things"]);
}

#[tokio::test]
async fn whom_the_provider_knows_and_refuses_a_new_token_does_not_help() {
    let server = Server::new(|seen| match seen.target.as_str() {
        "/token" => (200, vec![], json!({"access_token": seen.number}).to_string()),
        _ => (403, vec![], String::new()),
    });
    assert!(matches!(failure(&with(&server, "")).await, Error::Reauthenticate(_)));
    assert_eq!(server.targets(), ["/token", "/things"]);
}

#[tokio::test]
async fn a_refused_refresh_token_asks_to_sign_in_again_and_hides_secrets() {
    let body = json!({"error": "invalid_grant", "error_description": "r3fr3sh is revoked"}).to_string();
    let server = Server::new(move |_| (400, vec![], body.clone()));
    let error = failure(&with(&server, "")).await;
    let expected = format!(
        "stream `things`: `{}/token` refused to give an access token, it answered 400: invalid_grant; sign in again and enter what you get",
        server.url
    );
    assert_eq!(error, Error::Reauthenticate(expected));

    let server = Server::new(|_| (503, vec![], String::new()));
    assert!(matches!(failure(&with(&server, "")).await, Error::Retry(_)));
    let server = Server::json(|_| json!({"token": "x"}));
    let error = failure(&with(&server, "")).await;
    assert!(
        matches!(&error, Error::Reauthenticate(why) if why.ends_with("answered without a token")),
        "{error:?}"
    );
}

#[tokio::test]
async fn whoever_signs_in_by_a_header_sends_no_secret_in_the_body() {
    let server = Server::json(|seen| match seen.target.as_str() {
        "/token" => json!({"access_token": "t"}),
        _ => page([]),
    });
    let more =
        "          grant_type: client_credentials\n          refresh_request_headers: {Authorization: Basic abc}";
    sync(&with(&server, more)).await;
    let seen = &server.seen()[0];
    assert_eq!(seen.header("authorization"), Some("Basic abc"));
    assert!(
        !seen.body.contains("client_secret") && seen.body.starts_with("grant_type=client_credentials"),
        "{}",
        seen.body
    );
}

/// A server whose refresh tokens are good for one use: `r0` first, then `r1`, and so on.
fn strict() -> Server {
    let mut granted = 0;
    Server::new(move |seen| {
        if seen.target != "/token" {
            let good = format!("Bearer a{granted}");
            let status = if seen.header("authorization") == Some(&good) {
                200
            } else {
                401
            };
            return (status, vec![], page([1]).to_string());
        }
        if !seen.body.contains(&format!("refresh_token=r{granted}&")) {
            let used = json!({"error": "invalid_grant", "error_description": seen.body});
            return (400, vec![], used.to_string());
        }
        granted += 1;
        let body =
            json!({"access_token": format!("a{granted}"), "refresh_token": format!("r{granted}"), "expires_in": 3600});
        (200, vec![], body.to_string())
    })
}

const SINGLE_USE: &str = "          refresh_token_updater: {refresh_token_config_path: [refresh_token]}";

#[tokio::test]
async fn a_refresh_token_for_a_single_use_is_kept_before_the_next_request_and_used_by_whoever_comes_next() {
    let server = strict();
    let text = manifest(&server, &authenticator(&server, SINGLE_USE), "", "");
    let config = json!({"client_id": "id", "client_secret": "s3cr3t", "refresh_token": "r0"});
    let mut run = Run {
        shared: Some(Shared::default()),
        ..Run::default()
    };
    for round in 1..4 {
        // Every time another process, which shares nothing but what was kept.
        let one = source(&text, config.clone());
        if round == 3 {
            // The provider no longer takes the token that is kept, before its time.
            let grants = &mut run.shared.as_mut().unwrap().grants;
            for grant in grants.values_mut() {
                grant.access = "a0".to_owned();
            }
        }
        let (next, result) = sync_as(&one, SyncMode::Full, &[], run).await;
        result.unwrap();
        run = next;
    }
    assert_eq!(
        server.targets(),
        ["/token", "/things", "/things", "/things", "/token", "/things"]
    );
    let grants: Vec<_> = run.shared.unwrap().grants.into_values().collect();
    assert_eq!((grants.len(), grants[0].refresh.as_deref()), (1, Some("r2")));
    let shown = format!("{grants:?}");
    assert!(!shown.contains("r2") && !shown.contains("a2"), "{shown}");
}

#[tokio::test]
async fn where_nobody_keeps_tokens_a_refresh_token_for_a_single_use_is_not_wasted() {
    let server = strict();
    let config = json!({"client_id": "id", "client_secret": "s3cr3t", "refresh_token": "r0"});
    let one = source(&manifest(&server, &authenticator(&server, SINGLE_USE), "", ""), config);
    let error = failure(&one).await;
    assert!(
        matches!(&error, Error::FixConfiguration(why) if why.contains("good for one use")),
        "{error:?}"
    );
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_refresh_token_that_was_used_elsewhere_asks_to_sign_in_again_and_is_not_shown() {
    let server = strict();
    let text = manifest(&server, &authenticator(&server, SINGLE_USE), "", "");
    let config = json!({"client_id": "id", "client_secret": "s3cr3t", "refresh_token": "r0"});
    let mut run = Run {
        shared: Some(Shared::default()),
        ..Run::default()
    };
    run = sync_as(&source(&text, config.clone()), SyncMode::Full, &[], run)
        .await
        .0;
    // A restored backup, say.
    let grants = &mut run.shared.as_mut().unwrap().grants;
    for grant in grants.values_mut() {
        (grant.until, grant.refresh) = (super::NOW, Some("stale-refresh".to_owned()));
    }
    let (_, result) = sync_as(&source(&text, config), SyncMode::Full, &[], run).await;
    let error = result.unwrap_err();
    assert!(
        matches!(&error, Error::Reauthenticate(why) if why.contains("sign in again")),
        "{error:?}"
    );
    assert!(!error.to_string().contains("stale-refresh"), "{error}");
}

#[tokio::test]
async fn a_session_is_opened_once_and_its_token_sent_where_the_manifest_says() {
    let key = "{type: ApiKey, inject_into: {type: RequestOption, inject_into: header, field_name: X-Session}}";
    for (used, lasts, name, expected) in [
        ("{type: Bearer}", "PT1H", "authorization", "Bearer s1"),
        (key, "P1M", "x-session", "s1"),
    ] {
        let server = Server::json(|seen| match seen.target.as_str() {
            "/login" => json!({"session": {"id": "s1"}}),
            _ => page([]),
        });
        let requester = format!(
            "        authenticator:
          type: SessionTokenAuthenticator
          session_token_path: [session, id]
          expiration_duration: {lasts}
          request_authentication: {used}
          login_requester:
            type: HttpRequester
            url_base: {}
            path: login
            http_method: POST
            request_body_json: {{user: \"{{{{ config['user'] }}}}\"}}",
            server.url
        );
        let source = source(&manifest(&server, &requester, "", ""), json!({"user": "me"}));
        sync(&source).await;
        sync(&source).await;
        assert_eq!(server.targets(), ["/login", "/things", "/things"]);
        let seen = server.seen();
        assert_eq!(
            (seen[0].body.as_str(), seen[2].header(name)),
            (r#"{"user":"me"}"#, Some(expected))
        );
    }
}

#[tokio::test]
async fn a_session_that_is_named_in_the_query_is_sent_but_not_kept() {
    let server = Server::json(|seen| match seen.target.as_str() {
        "/login" => json!({"id": "s&1"}),
        _ => page([1]),
    });
    let requester = format!(
        "        request_parameters: {{at: 'a b'}}
        authenticator:
          type: SessionTokenAuthenticator
          session_token_path: [id]
          request_authentication:
            type: ApiKey
            inject_into: {{type: RequestOption, inject_into: request_parameter, field_name: session}}
          login_requester: {{type: HttpRequester, url_base: {}, path: login, http_method: POST}}",
        server.url
    );
    let source = source(&manifest(&server, &requester, "", ""), json!({}));
    let run = sync(&source).await;
    assert_eq!(server.targets(), ["/login", "/things?at=a+b&session=s%261"]);
    assert_eq!(run.pages[0].url, format!("{}/things?at=a+b&session=***", server.url));
}
