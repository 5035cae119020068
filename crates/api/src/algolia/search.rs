//! Answers a batch of searches: who asks is expanded from the store, then the index evaluates all of them together.

use std::sync::Arc;

use model::Asker;
use serde_json::Value as Json;
use store::Tx;

use super::names::SourceNames;
use super::parameters::{Asked, check_size, read};
use super::wire::{Params, Refused};
use super::{Search, answer, key};
use crate::problem::{Code, Problem};

/// The most searches of one call.
const SEARCHES_MAX: usize = 50;

/// Who searches, as the request shows it.
#[derive(Debug, Clone)]
pub(crate) enum Who {
    /// The operator, on the local socket, as themselves or as somebody else.
    Operator(AsWhom),
    /// Whoever has this key for this application.
    Bearer {
        /// The application.
        application: String,
        /// The key.
        key: String,
    },
}

/// As whom the operator searches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AsWhom {
    /// Every source, and documents without permissions of their own.
    Themselves,
    /// What is shared with everyone.
    Everyone,
    /// The account with this address.
    User(String),
}

impl std::str::FromStr for AsWhom {
    type Err = Refused;

    fn from_str(text: &str) -> Result<Self, Refused> {
        match text {
            "" | "operator" => Ok(Self::Themselves),
            "everyone" => Ok(Self::Everyone),
            other => match other.strip_prefix("user:") {
                Some(email) => Ok(Self::User(email.to_owned())),
                None => Err(Refused::bad(format!(
                    "`x-fossick-as` is `everyone`, `operator` or `user:<e-mail address>`, not `{other}`"
                ))),
            },
        }
    }
}

impl AsWhom {
    fn asker(&self, tx: &mut Tx<'_>) -> Result<Asker, Problem> {
        match self {
            Self::Themselves => Ok(tx.asker_for_operator()?),
            Self::Everyone => Ok(tx.asker_for_everyone()?),
            Self::User(email) => {
                let user = tx.find_user_by_email(email)?;
                let user = user.ok_or_else(|| Problem::not_found("user", email))?;
                Ok(tx.asker_for_user(user.id)?)
            }
        }
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        let status = match problem.code {
            Code::Invalid => 400,
            // Clients try the next host on this, and ours again later.
            code => code.row().0,
        };
        Self {
            status,
            message: problem.detail,
        }
    }
}

/// What a searcher may see at this moment, with the names of their sources.
async fn permissions(search: &Search, who: Who) -> Result<(Asker, SourceNames), Refused> {
    let who = match who {
        Who::Operator(whom) => Err(whom),
        Who::Bearer { application, key } => {
            if application != super::APPLICATION_ID {
                return Err(Refused::key());
            }
            Ok(key::verify(search, &key).await?.ok_or_else(Refused::key)?)
        }
    };
    let now = search.api.clock.now();
    let found = search.api.store.read::<_, Problem, _>(move |tx| {
        let asker = match &who {
            Ok(holder) => holder.asker(tx, now)?,
            Err(whom) => Some(whom.asker(tx)?),
        };
        Ok(match asker {
            None => None,
            Some(asker) => {
                let names = SourceNames::of(tx, &asker)?;
                Some((asker, names))
            }
        })
    });
    found.await?.ok_or_else(Refused::key)
}

/// Answers all of `requests`, in their order.
pub(crate) async fn answer_all(search: &Search, who: Who, requests: Vec<Params>) -> Result<Vec<Json>, Refused> {
    if requests.len() > SEARCHES_MAX {
        return Err(Refused::bad(format!(
            "too many searches in one call: at most {SEARCHES_MAX}"
        )));
    }
    let (asker, names) = permissions(search, who).await?;
    let all = requests
        .into_iter()
        .map(|params| read(params, &names))
        .collect::<Result<Vec<Asked>, _>>()?;
    check_size(&all)?;
    let slot = Arc::clone(&search.slots)
        .acquire_owned()
        .await
        .map_err(|_closed| Refused {
            status: 503,
            message: "the server is shutting down".to_owned(),
        })?;
    let (index, clock) = (search.index.clone(), Arc::clone(&search.api.clock));
    let answered = tokio::task::spawn_blocking(move || {
        let began = clock.now();
        let requests: Vec<_> = all.iter().map(|asked| asked.request.clone()).collect();
        let found = index.search_many(&requests, &asker)?;
        let took_ms = clock.now().since_ms(began).max(1);
        let results = all.iter().zip(found);
        let results = results
            .map(|(asked, found)| answer::result(asked, found, &names, took_ms))
            .collect();
        // Whoever asked may be gone; the place is free once the work is done.
        drop(slot);
        Ok::<_, index::Error>(results)
    });
    Ok(answered.await.map_err(Problem::bug)?.map_err(Problem::from)?)
}
