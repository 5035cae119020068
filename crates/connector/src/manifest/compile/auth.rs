//! Authentication.

use serde_json::Value as Json;

use super::Compiler;
use super::request::inputs;
use crate::manifest::datetime::duration;
use crate::manifest::ir::{Auth, OAuth, RequestOption, Selector, Session, SingleUse, Stream, Target};
use crate::manifest::part::{Part, Problem};
use crate::manifest::yaml::Node;

/// The keys of OAuth.
const OAUTH_KEYS: [&str; 24] = [
    "client_id",
    "client_id_name",
    "client_secret",
    "client_secret_name",
    "refresh_token",
    "refresh_token_name",
    "token_refresh_endpoint",
    "access_token_name",
    "access_token_value",
    "expires_in_name",
    "grant_type",
    "grant_type_name",
    "refresh_request_body",
    "refresh_request_headers",
    "send_refresh_request_as_query_params",
    "scopes",
    "token_expiry_date",
    "token_expiry_date_format",
    "token_expiry_is_time_of_expiration",
    "refresh_token_updater",
    "use_profile_assertion",
    "profile_assertion",
    "refresh_token_error_status_codes",
    "refresh_token_error_key",
];

impl Compiler {
    pub(super) fn auth(&mut self, part: &Part) -> Result<Auth, Problem> {
        match part.kind.as_str() {
            "NoAuth" => Ok(Auth::None),
            "BearerAuthenticator" => {
                self.known(part, &["api_token"]);
                part.need_template("api_token").map(Auth::Bearer)
            }
            "BasicHttpAuthenticator" => {
                self.known(part, &["username", "password"]);
                Ok(Auth::Basic {
                    user: part.need_template("username")?,
                    password: part.template("password")?,
                })
            }
            "ApiKeyAuthenticator" => {
                self.known(part, &["api_token", "header", "inject_into"]);
                let option = match self.option(part, "inject_into")? {
                    Some(option) => option,
                    None => RequestOption {
                        into: Target::Header,
                        path: vec![part.need_template("header")?],
                    },
                };
                Ok(Auth::Token {
                    token: part.need_template("api_token")?,
                    option,
                })
            }
            "SelectiveAuthenticator" => {
                self.known(part, &["authenticator_selection_path", "authenticators"]);
                let path = part
                    .field("authenticator_selection_path")
                    .and_then(Node::list)
                    .unwrap_or_default();
                let choices = part.field("authenticators").and_then(Node::map).unwrap_or_default();
                let mut read = Vec::with_capacity(choices.len());
                for (name, node) in choices {
                    let place = format!("{}.authenticators.{name}", part.place);
                    let choice = Part::new(node.clone(), "", place, &part.passed_on("authenticators"))?;
                    read.push((name.to_string(), self.auth(&choice)?));
                }
                Ok(Auth::Selective {
                    path: path.iter().filter_map(Node::text).map(str::to_owned).collect(),
                    choices: read,
                })
            }
            "OAuthAuthenticator" => self.oauth(part).map(|oauth| Auth::Renewed(Box::new(oauth))),
            "SessionTokenAuthenticator" => self.session(part).map(|session| Auth::Session(Box::new(session))),
            _ => Err(part.refused()),
        }
    }

    fn session(&mut self, part: &Part) -> Result<Session, Problem> {
        self.known(
            part,
            &[
                "login_requester",
                "session_token_path",
                "expiration_duration",
                "request_authentication",
                "decoder",
            ],
        );
        if let Some(decoder) = part.child("decoder", "JsonDecoder")?
            && decoder.kind != "JsonDecoder"
        {
            return Err(decoder.refused());
        }
        let login = part
            .child("login_requester", "HttpRequester")?
            .ok_or_else(|| part.problem("", "a session needs a `login_requester`"))?;
        let lifetime = match part.text("expiration_duration") {
            None => None,
            Some(text) => Some(duration(text).ok_or_else(|| {
                part.problem("expiration_duration", format!("`{text}` is no duration such as `PT1H`"))
            })?),
        };
        let used = part
            .child("request_authentication", "")?
            .ok_or_else(|| part.problem("", "a session needs `request_authentication`"))?;
        let option = match used.kind.as_str() {
            "Bearer" => None,
            "ApiKey" => self.option(&used, "inject_into")?,
            _ => return Err(used.refused()),
        };
        Ok(Session {
            login: Stream {
                // Messages about signing in are about the stream that needs it.
                name: self.open.last().cloned().unwrap_or_default(),
                primary_key: Vec::new(),
                schema: Json::Null,
                requester: self.requester(&login)?,
                selector: Selector {
                    path: Vec::new(),
                    filter: None,
                    transforms: Vec::new(),
                    transforms_first: false,
                },
                is_bare_when_paged: false,
                paginator: None,
                cursor: None,
                routers: Vec::new(),
            },
            path: part.templates("session_token_path")?,
            lifetime,
            option,
        })
    }

    fn oauth(&mut self, part: &Part) -> Result<OAuth, Problem> {
        self.known(part, &OAUTH_KEYS);
        if part
            .field("use_profile_assertion")
            .is_some_and(|node| node.is_truthy() && node.text() != Some("False"))
        {
            return Err(part.problem("use_profile_assertion", "`use_profile_assertion` is not supported"));
        }
        let named = |name: &str, default: &str| match part.template(name)? {
            Some(template) => Ok(template),
            None => part.fixed(default),
        };
        let oauth = OAuth {
            endpoint: part.template("token_refresh_endpoint")?,
            access_token: part.template("access_token_value")?,
            client_id: (named("client_id_name", "client_id")?, part.template("client_id")?),
            client_secret: (
                named("client_secret_name", "client_secret")?,
                part.template("client_secret")?,
            ),
            refresh_token: (
                named("refresh_token_name", "refresh_token")?,
                part.template("refresh_token")?,
            ),
            grant_type: (
                named("grant_type_name", "grant_type")?,
                named("grant_type", "refresh_token")?,
            ),
            access_token_name: named("access_token_name", "access_token")?,
            expires_in_name: named("expires_in_name", "expires_in")?,
            expires_format: if part.bool("token_expiry_is_time_of_expiration")? {
                part.text("token_expiry_date_format").map(str::to_owned)
            } else {
                None
            },
            scopes: part.templates("scopes")?,
            body: inputs(part, "refresh_request_body")?,
            headers: inputs(part, "refresh_request_headers")?,
            is_query: part.bool("send_refresh_request_as_query_params")?,
            single_use: self.single_use(part)?,
        };
        if oauth.endpoint.is_none() && oauth.access_token.is_none() {
            return Err(part.problem("", "OAuth needs a `token_refresh_endpoint` or an `access_token_value`"));
        }
        Ok(oauth)
    }

    /// `refresh_token_updater`: Airbyte writes what an answer brings back into the configuration; here it is kept sealed
    /// beside it, so of the paths only that of the first refresh token counts.
    fn single_use(&mut self, part: &Part) -> Result<Option<SingleUse>, Problem> {
        let Some(updater) = part.child("refresh_token_updater", "RefreshTokenUpdater")? else {
            return Ok(None);
        };
        self.known(
            &updater,
            &[
                "refresh_token_name",
                "access_token_config_path",
                "refresh_token_config_path",
                "token_expiry_date_config_path",
                "refresh_token_error_status_codes",
                "refresh_token_error_key",
                "refresh_token_error_values",
            ],
        );
        let path = match updater.field("refresh_token_config_path").and_then(Node::list) {
            Some(path) => path.iter().filter_map(Node::text).map(str::to_owned).collect(),
            None => vec!["credentials".to_owned(), "refresh_token".to_owned()],
        };
        let name = match updater.template("refresh_token_name")? {
            Some(name) => name,
            None => updater.fixed("refresh_token")?,
        };
        Ok(Some(SingleUse { name, path }))
    }
}
