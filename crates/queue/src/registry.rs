//! Kinds of tasks and what each does.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use model::queue::Failure;
use serde_json::Value as Json;

use crate::{Outcome, Run, Stop};

/// What one kind of task does. Its context is whatever its code needs; this crate knows no connector.
pub trait Task: Send + Sync + 'static {
    /// The name under which tasks of this kind are stored. Never changed once released.
    const KIND: &'static str;
    /// Its arguments, from `model`. Old ones must stay readable.
    type Args: serde::de::DeserializeOwned + Send + 'static;
    /// What its code needs.
    type Context: Send + Sync + 'static;

    /// Runs one attempt. May run again after it returned, so everything but [`Run::finish`] must be safe to repeat.
    fn run(
        context: Arc<Self::Context>,
        args: Self::Args,
        run: Run,
    ) -> impl Future<Output = Result<Outcome, Stop>> + Send;

    /// What belongs to giving a task up: runs in the transaction that discards it.
    fn discarded(
        _args: &Self::Args,
        _failure: &Failure,
        _tx: &mut store::Tx<'_>,
        _now: model::Timestamp,
    ) -> Result<(), store::Error> {
        Ok(())
    }
}

type RunTask<C> = Box<dyn Fn(Arc<C>, Json, Run) -> BoxFuture<'static, Result<Outcome, Stop>> + Send + Sync>;
type Discarded = fn(&Json, &Failure, &mut store::Tx<'_>, model::Timestamp) -> Result<(), store::Error>;

struct Kind<C> {
    run: RunTask<C>,
    discarded: Discarded,
}

/// The kinds that a worker knows.
pub struct Registry<C> {
    kinds: HashMap<&'static str, Kind<C>>,
}

impl<C> Default for Registry<C> {
    fn default() -> Self {
        Self { kinds: HashMap::new() }
    }
}

impl<C> std::fmt::Debug for Registry<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.kinds.keys()).finish()
    }
}

impl<C: Send + Sync + 'static> Registry<C> {
    /// The same, with one more kind.
    #[must_use]
    pub fn with<T: Task<Context = C>>(mut self) -> Self {
        let run: RunTask<C> = Box::new(|context, args, run| match decode::<T>(&args) {
            Ok(args) => T::run(context, args, run).boxed(),
            Err(failure) => std::future::ready(Err(Stop::Failed(failure))).boxed(),
        });
        let discarded: Discarded = |args, failure, tx, now| match decode::<T>(args) {
            Ok(args) => T::discarded(&args, failure, tx, now),
            Err(_unreadable) => Ok(()),
        };
        self.kinds.insert(T::KIND, Kind { run, discarded });
        self
    }

    /// Runs one attempt of whatever kind it is.
    pub(crate) fn run(&self, context: Arc<C>, run: Run) -> BoxFuture<'static, Result<Outcome, Stop>> {
        if let Some(kind) = self.kinds.get(run.claimed.kind.as_str()) {
            (kind.run)(context, run.claimed.args.clone(), run)
        } else {
            let text = format!("this version of Fossick knows no task of kind `{}`", run.claimed.kind);
            std::future::ready(Err(Stop::Failed(Failure::Retry(text)))).boxed()
        }
    }

    /// What belongs to giving a task of this kind up.
    pub(crate) fn discarded(&self, kind: &str) -> Option<Discarded> {
        self.kinds.get(kind).map(|kind| kind.discarded)
    }
}

fn decode<T: Task>(args: &Json) -> Result<T::Args, Failure> {
    serde_json::from_value(args.clone()).map_err(|error| {
        Failure::GiveUp(format!(
            "the arguments of a task of kind `{}` can't be read: {error}",
            T::KIND
        ))
    })
}
