//! What a fetch shares with all workers: what is known of the provider's limits, and the access tokens.
//!
//! Limits are exchanged in the transactions that a fetch has anyway; only where the provider counts requests, each takes
//! its turn in the store. A token is obtained by one worker while the others wait, and kept before it is used.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use connector::governor::{Decision, Governor};
use connector::grant::{Grant, Lent};
use connector::manifest::Source;
use model::{SourceId, Timestamp};
use queue::{Run, Stop};
use store::{Sealer, Tx};

/// How long it is one worker's turn to obtain a token, in milliseconds. Longer than asking for one may take.
const TURN_MS: i64 = 90_000;
/// How often a token that somebody else obtains is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How long is waited before a token that can't be kept is tried to be kept again.
const KEEP_AGAIN: Duration = Duration::from_secs(1);

/// What one fetch shares.
pub(super) struct Shared {
    run: Run,
    source: SourceId,
    /// The source, where a manifest describes it: only these know limits and tokens.
    provider: Option<Arc<Source>>,
    /// The name of the governor's row.
    governor: String,
    /// Tokens that it is this fetch's turn to obtain, with the fence of each turn.
    obtaining: HashMap<String, i64>,
}

/// What is known here of a provider's limits, on its way into a transaction.
pub(super) struct Learned(Option<(String, Governor)>);

/// What became of asking for a token.
enum Asked {
    Kept(Grant),
    Obtain(Option<Grant>, i64),
    Busy,
}

impl Shared {
    pub(super) fn new(run: Run, source: SourceId, provider: Option<Arc<Source>>) -> Self {
        let key = provider.as_ref().map(|provider| provider.governor_key());
        Self {
            governor: key.map_or_else(String::new, |key| run.store().sealer().name(&key)),
            run,
            source,
            provider,
            obtaining: HashMap::new(),
        }
    }

    /// Takes over what others learned.
    pub(super) async fn load(&self) -> Result<(), Stop> {
        if self.provider.is_some() {
            let key = self.governor.clone();
            let known = self.run.store().read(move |tx| tx.find_governor(&key)).await?;
            self.take_over(known.map(governor));
        }
        Ok(())
    }

    /// What this process knows by now, to be shared in the next transaction.
    pub(super) fn learned(&self) -> Learned {
        let learned = self.provider.as_ref().map(|provider| provider.governor());
        Learned(learned.map(|learned| (self.governor.clone(), learned)))
    }

    /// Takes over what [`Learned::share`] answered.
    pub(super) fn take_over(&self, known: Option<Governor>) {
        if let (Some(provider), Some(known)) = (&self.provider, known) {
            provider.merge_governor(&known);
        }
    }

    /// Whether a request may be sent, all workers counted.
    pub(super) async fn turn(&self) -> Result<Option<Decision>, Stop> {
        let Some(provider) = &self.provider else {
            return Ok(None);
        };
        let (key, learned, now) = (self.governor.clone(), provider.governor(), self.run.now());
        let asked = self.run.store().write(move |tx| {
            let known = governor(tx.lock_governor(&key, now)?);
            let (next, decision) = known.merge(&learned).ask(now);
            put(tx, &key, &next, now)?;
            Ok::<_, store::Error>((next, decision))
        });
        let (known, decision) = asked.await?;
        provider.merge_governor(&known);
        Ok(Some(decision))
    }

    /// Whether a token is being obtained: then the reading is not to be broken off, because the answer may hold the only
    /// refresh token that works.
    pub(super) fn is_obtaining(&self) -> bool {
        !self.obtaining.is_empty()
    }

    /// The token that all workers share, or the turn to obtain it. Waits while somebody else does.
    pub(super) async fn token(&mut self, key: String, refused: Option<String>) -> Result<Lent, Stop> {
        let keys = self.run.store().sealer().clone();
        let (source, name) = (self.source, keys.name(&key));
        loop {
            let (keys, name, refused, now) = (keys.clone(), name.clone(), refused.clone(), self.run.now());
            let asked = self.run.store().write(move |tx| {
                let row = tx.lock_access_token(source, &name)?;
                let kept = row.sealed.and_then(|sealed| open(&keys, source, &name, &sealed));
                match kept {
                    Some(grant) if grant.until > now && Some(&grant.access) != refused.as_ref() => {
                        Ok(Asked::Kept(grant))
                    }
                    _ if row.lease_until.is_some_and(|until| until > now) => Ok(Asked::Busy),
                    last => {
                        let fence = tx.lend_access_token(source, &name, now.plus_ms(TURN_MS))?;
                        Ok::<_, store::Error>(Asked::Obtain(last, fence))
                    }
                }
            });
            match asked.await? {
                Asked::Kept(grant) => return Ok(Lent::Token(grant)),
                Asked::Obtain(last, fence) => {
                    self.obtaining.insert(key, fence);
                    return Ok(Lent::Obtain(last));
                }
                Asked::Busy => tokio::time::sleep(LOOK_EVERY).await,
            }
        }
    }

    /// Keeps a token. Not under the task's fence, and until it is kept: a refresh token that replaced the one before is
    /// worth more than the task. Only a worker that shuts down gives it up.
    pub(super) async fn keep(&mut self, key: &str, grant: &Grant) -> Result<(), Stop> {
        let Some(fence) = self.obtaining.get(key).copied() else {
            return Ok(());
        };
        let keys = self.run.store().sealer();
        let (source, name) = (self.source, keys.name(key));
        let plain = serde_json::to_vec(grant)
            .map_err(|error| store::Error::Bug(format!("can't encode an access token: {error}")))?;
        let sealed = keys.seal(&place(source, &name), &plain)?;
        loop {
            let (name, sealed) = (name.clone(), sealed.clone());
            let kept = self
                .run
                .store()
                .write(move |tx| tx.keep_access_token(source, &name, fence, &sealed));
            match kept.await {
                Ok(_is_newest) => break,
                Err(error) if self.run.check().is_err() => return Err(error.into()),
                Err(error) => {
                    tracing::warn!(source.id = %source, "can't keep the new access token of source `{source}` yet: {error}");
                    tokio::time::sleep(KEEP_AGAIN).await;
                }
            }
        }
        self.obtaining.remove(key);
        Ok(())
    }

    /// Gives up the turn to obtain a token.
    pub(super) async fn give_back(&mut self, key: &str) -> Result<(), Stop> {
        if let Some(fence) = self.obtaining.remove(key) {
            let (source, name) = (self.source, self.run.store().sealer().name(key));
            let given_back = self
                .run
                .store()
                .write(move |tx| tx.give_back_access_token(source, &name, fence));
            given_back.await?;
        }
        Ok(())
    }
}

impl Learned {
    /// Shares it, and answers what is known together. Only something new locks a row and writes.
    pub(super) fn share(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<Option<Governor>, store::Error> {
        let Some((key, learned)) = &self.0 else {
            return Ok(None);
        };
        let known = tx.find_governor(key)?.map(governor).unwrap_or_default();
        let together = known.merge(learned);
        if together == known {
            return Ok(Some(together));
        }
        let together = governor(tx.lock_governor(key, now)?).merge(learned);
        put(tx, key, &together, now)?;
        Ok(Some(together))
    }
}

/// A governor as it is kept. One that can't be read knows nothing.
fn governor(state: serde_json::Value) -> Governor {
    serde_json::from_value(state).unwrap_or_default()
}

fn put(tx: &mut Tx<'_>, key: &str, governor: &Governor, now: Timestamp) -> Result<(), store::Error> {
    let state = serde_json::to_value(governor)
        .map_err(|error| store::Error::Bug(format!("can't encode a governor: {error}")))?;
    tx.put_governor(key, &state, now)
}

fn place(source: SourceId, name: &str) -> String {
    format!("access_token/{source}/{name}")
}

/// A token as it was kept; `None` when it can't be read, because then a new one has to be obtained.
fn open(keys: &Sealer, source: SourceId, name: &str, sealed: &[u8]) -> Option<Grant> {
    let plain = keys.unseal(&place(source, name), sealed);
    let grant = plain
        .map_err(|error| error.to_string())
        .and_then(|plain| serde_json::from_slice(&plain).map_err(|_opaque| "it is damaged".to_owned()));
    grant
        .inspect_err(
            |why| tracing::warn!(source.id = %source, "the access token of source `{source}` can't be read: {why}"),
        )
        .ok()
}
