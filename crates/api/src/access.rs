//! Who may see and manage which source and record. Every endpoint that shows anything of a source comes through here.

use model::{Asker, RecordId, SourceId, Timestamp};
use store::{RecordDetail, SourceRow, Tx};

use crate::caller::Caller;
use crate::problem::{Code, Problem};

/// What a caller holds at this moment.
#[derive(Debug, Clone)]
pub(crate) struct Reach {
    pub(crate) caller: Caller,
    pub(crate) asker: Asker,
    /// Whether nothing can be written for now: the last write found no room on the disk.
    pub(crate) is_full: bool,
}

impl Reach {
    /// Expands the caller, in the transaction that uses it: what was unshared a moment ago is not held.
    pub(crate) fn of(caller: &Caller, tx: &mut Tx<'_>) -> Result<Self, Problem> {
        Ok(Self {
            caller: caller.clone(),
            asker: caller.asker(tx)?,
            is_full: false,
        })
    }

    /// Whether the source's content is the caller's to see, apart from what single documents demand.
    pub(crate) fn holds(&self, source: SourceId) -> bool {
        self.asker.sources.contains(&source)
    }

    /// Whether the caller may change, sync and delete the source. Says nothing about its content.
    pub(crate) fn may_manage(&self, source: &SourceRow) -> bool {
        self.caller.is_administrator() || (source.owner.is_some() && source.owner == self.caller.user())
    }

    /// Whether the caller may know that the source exists.
    pub(crate) fn may_know(&self, source: &SourceRow) -> bool {
        self.holds(source.id) || self.may_manage(source)
    }

    /// A source that the caller may know of.
    pub(crate) fn known(&self, tx: &mut Tx<'_>, id: SourceId) -> Result<SourceRow, Problem> {
        let source = tx.find_source(id)?.filter(|source| source.deleted_at.is_none());
        source
            .filter(|source| self.may_know(source))
            .ok_or_else(|| Problem::not_found("source", id))
    }

    /// A source whose content the caller may see.
    pub(crate) fn held(&self, tx: &mut Tx<'_>, id: SourceId) -> Result<SourceRow, Problem> {
        let source = self.known(tx, id)?;
        if self.holds(id) {
            Ok(source)
        } else {
            Err(Problem::not_found("content of source", id))
        }
    }

    /// A source that the caller may manage.
    pub(crate) fn managed(&self, tx: &mut Tx<'_>, id: SourceId) -> Result<SourceRow, Problem> {
        let source = self.known(tx, id)?;
        if self.may_manage(&source) {
            Ok(source)
        } else {
            Err(Problem::new(
                Code::NotAllowed,
                format!(
                    "source `{}` belongs to somebody else; its owner or an administrator can do this",
                    source.name
                ),
            ))
        }
    }

    /// A record that the caller may see: they hold its source and meet every set of its permissions.
    pub(crate) fn record(&self, tx: &mut Tx<'_>, id: RecordId) -> Result<RecordDetail, Problem> {
        let record = tx.find_record(id)?;
        record
            .filter(|record| self.asker.may_see(record.source, &record.body.acl))
            .ok_or_else(|| Problem::not_found("record", id))
    }
}

/// Reads with the caller expanded in the same transaction.
pub(crate) async fn read<T: Send + 'static>(
    api: &crate::parts::Api,
    caller: Caller,
    body: impl Fn(&mut Tx<'_>, &Reach) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let is_full = api.store.signals().is_full();
    let read = api.store.read(move |tx| {
        let reach = Reach {
            is_full,
            ..Reach::of(&caller, tx)?
        };
        body(tx, &reach)
    });
    read.await
}

/// Writes with the caller expanded in the same transaction.
pub(crate) async fn write<T: Send + 'static>(
    api: &crate::parts::Api,
    caller: Caller,
    body: impl Fn(&mut Tx<'_>, &Reach, Timestamp) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let now = api.clock.now();
    let write = api.store.write(move |tx| {
        let reach = Reach::of(&caller, tx)?;
        body(tx, &reach, now)
    });
    write.await
}
