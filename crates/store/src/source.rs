//! Sources, their streams and their cursors.

use model::connector::{Cursor, StreamInfo};
use model::{GroupId, OrganizationId, SourceId, StreamId, Timestamp, UserId, Visibility};
use serde_json::Value as Json;

use crate::signals::{Effect, Event};
use crate::statement::statements;
use crate::value::{Row, params};
use crate::{Error, Tx};

statements! {
    INSERT = "source_insert";
    UPDATE = "source_update";
    FIND = "source_find";
    LOCK = "source_lock", postgres;
    LIST = "source_list";
    DELETE = "source_delete";
    GIVE = "source_give";
    PAUSE = "source_pause";
    ATTEND = "source_attend";
    SET_SECRETS = "source_set_secrets";
    LIST_DELETED = "source_list_deleted";
    SHARES = "source_list_shares";
    SHARE = "source_share";
    UNSHARE = "source_unshare";
    STREAM_PUT = "stream_put";
    STREAMS = "stream_list";
    STREAM_ENABLE = "stream_enable";
    CURSORS = "cursor_list";
    CURSOR_PUT = "cursor_put";
    CURSOR_CLEAR = "cursor_clear";
}

/// A source to be made.
#[derive(Debug, Clone)]
pub struct NewSource {
    /// The organization that owns it.
    pub organization: OrganizationId,
    /// Who made it; `None` for one that belongs to the installation.
    pub owner: Option<UserId>,
    /// The connector's name.
    pub connector: String,
    /// What people call it.
    pub name: String,
    /// The configuration, without secrets.
    pub config: Json,
    /// The manifest's text, for a connector that needs one.
    pub manifest: Option<String>,
    /// The mapping's text, where a person gave one.
    pub search: Option<String>,
    /// With whom it is shared.
    pub visibility: Visibility,
}

/// A source's row.
#[derive(Debug, Clone)]
pub struct SourceRow {
    /// The source.
    pub id: SourceId,
    /// The organization that owns it.
    pub organization: OrganizationId,
    /// Who made it.
    pub owner: Option<UserId>,
    /// The connector's name.
    pub connector: String,
    /// What people call it.
    pub name: String,
    /// The configuration, without secrets.
    pub config: Json,
    /// The sealed secrets (`Sealer`, place `source/<id>`): a JSON object.
    pub secrets: Option<Vec<u8>>,
    /// The manifest's text.
    pub manifest: Option<String>,
    /// The mapping's text.
    pub search: Option<String>,
    /// With whom it is shared.
    pub visibility: Visibility,
    /// Whether a person paused it.
    pub is_paused: bool,
    /// What a person has to do before it goes on, as JSON `{what, whose_turn, action}`.
    pub attention: Option<Json>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was deleted; its rows are purged little by little, its content is invisible at once.
    pub deleted_at: Option<Timestamp>,
}

/// A stream's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamRow {
    /// The stream.
    pub id: StreamId,
    /// Its name, unique within the source.
    pub name: String,
    /// Whether syncs read it.
    pub is_enabled: bool,
    /// Whether a full listing is exact.
    pub has_exact_listing: bool,
}

impl Tx<'_> {
    /// Makes a source.
    pub fn insert_source(&mut self, new: &NewSource, now: Timestamp) -> Result<SourceId, Error> {
        let row = self.query_one(
            &INSERT,
            params![
                new.organization,
                new.owner,
                new.connector.as_str(),
                new.name.as_str(),
                &new.config,
                new.manifest.as_deref(),
                new.search.as_deref(),
                visibility_word(&new.visibility),
                now,
            ],
        )?;
        let id = row.get(0)?;
        self.share_source(id, &new.visibility)?;
        self.effects.push(Effect::Event(Event::Source(id)));
        Ok(id)
    }

    /// Changes what a person may change.
    pub fn update_source(&mut self, row: &SourceRow) -> Result<(), Error> {
        self.execute_one(
            &UPDATE,
            params![
                row.id,
                row.name.as_str(),
                &row.config,
                row.manifest.as_deref(),
                row.search.as_deref(),
                visibility_word(&row.visibility),
            ],
            || Error::not_found("source", row.id),
        )?;
        self.share_source(row.id, &row.visibility)?;
        self.effects.push(Effect::Event(Event::Source(row.id)));
        Ok(())
    }

    /// Keeps a source's sealed secrets.
    pub fn set_source_secrets(&mut self, id: SourceId, sealed: Option<&[u8]>) -> Result<(), Error> {
        self.execute_one(&SET_SECRETS, params![id, sealed], || Error::not_found("source", id))
    }

    /// A source that is not deleted.
    pub fn source(&mut self, id: SourceId) -> Result<SourceRow, Error> {
        self.find_source(id)?
            .filter(|row| row.deleted_at.is_none())
            .ok_or_else(|| Error::not_found("source", id))
    }

    /// A source, deleted or not.
    pub fn find_source(&mut self, id: SourceId) -> Result<Option<SourceRow>, Error> {
        let Some(row) = self.query_opt(&FIND, params![id])? else {
            return Ok(None);
        };
        let mut source = source_row(&row)?;
        self.add_shares(&mut source)?;
        Ok(Some(source))
    }

    /// Keeps a source that is not deleted from being changed by others until this transaction ends.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none, or it was deleted.
    pub fn lock_source(&mut self, id: SourceId) -> Result<(), Error> {
        self.query_opt(&LOCK, params![id])?
            .map(drop)
            .ok_or_else(|| Error::not_found("source", id))
    }

    /// Sources that are not deleted, by id.
    pub fn list_sources(&mut self, after: SourceId, limit: u32) -> Result<Vec<SourceRow>, Error> {
        let rows = self.query(&LIST, params![after, i64::from(limit)])?;
        let mut sources = rows.iter().map(source_row).collect::<Result<Vec<_>, _>>()?;
        for source in &mut sources {
            self.add_shares(source)?;
        }
        Ok(sources)
    }

    /// Deletes a source: from this commit on nobody sees anything of it, and what runs for it stops. What it held, its
    /// tasks and slices included, is purged later, little by little.
    pub fn delete_source(&mut self, id: SourceId, now: Timestamp) -> Result<(), Error> {
        self.execute_one(&DELETE, params![id, now], || Error::not_found("source", id))?;
        self.end_syncs_of_source(id, now)?;
        self.stop_tasks_of_source(id)?;
        self.effects.push(Effect::Event(Event::Source(id)));
        Ok(())
    }

    /// Makes somebody else the owner of a source.
    pub fn give_source(&mut self, id: SourceId, owner: UserId) -> Result<(), Error> {
        self.execute_one(&GIVE, params![id, owner], || Error::not_found("source", id))?;
        self.effects.push(Effect::Event(Event::Source(id)));
        Ok(())
    }

    /// Deleted sources whose rows are still there.
    pub fn list_deleted_sources(&mut self) -> Result<Vec<SourceId>, Error> {
        self.query(&LIST_DELETED, &[])?.iter().map(|row| row.get(0)).collect()
    }

    /// Pauses or resumes a source.
    pub fn pause_source(&mut self, id: SourceId, is_paused: bool) -> Result<(), Error> {
        self.execute_one(&PAUSE, params![id, is_paused], || Error::not_found("source", id))?;
        self.effects.push(Effect::Event(Event::Source(id)));
        Ok(())
    }

    /// Says what a person has to do, or that there is nothing (any more).
    pub fn attend_source(&mut self, id: SourceId, attention: Option<&Json>) -> Result<(), Error> {
        self.execute(&ATTEND, params![id, attention])?;
        self.effects.push(Effect::Event(Event::Source(id)));
        Ok(())
    }

    /// Makes the streams of a source known. One that is known keeps whether it is enabled.
    pub fn put_streams(&mut self, source: SourceId, streams: &[StreamInfo]) -> Result<Vec<StreamRow>, Error> {
        let mut sorted: Vec<&StreamInfo> = streams.iter().collect();
        sorted.sort_by(|a, b| a.name.cmp(&b.name));
        for stream in sorted {
            self.execute(&STREAM_PUT, params![source, stream.name.as_str(), stream.exact_listing])?;
        }
        self.list_streams(source)
    }

    /// The streams of a source, by id.
    pub fn list_streams(&mut self, source: SourceId) -> Result<Vec<StreamRow>, Error> {
        let rows = self.query(&STREAMS, params![source])?;
        rows.iter()
            .map(|row| {
                Ok(StreamRow {
                    id: row.get(0)?,
                    name: row.get(1)?,
                    is_enabled: row.get(2)?,
                    has_exact_listing: row.get(3)?,
                })
            })
            .collect()
    }

    /// Says whether syncs read a stream.
    pub fn enable_stream(&mut self, id: StreamId, is_enabled: bool) -> Result<(), Error> {
        self.execute_one(&STREAM_ENABLE, params![id, is_enabled], || {
            Error::not_found("stream", id)
        })
    }

    /// Where the next incremental sync of each stream or partition starts.
    pub fn list_cursors(&mut self, source: SourceId) -> Result<Vec<Cursor>, Error> {
        let rows = self.query(&CURSORS, params![source])?;
        rows.iter()
            .map(|row| {
                Ok(Cursor {
                    key: row.get(0)?,
                    value: row.json(1)?,
                })
            })
            .collect()
    }

    /// Moves a cursor.
    pub(crate) fn put_cursor(&mut self, source: SourceId, cursor: &Cursor, now: Timestamp) -> Result<(), Error> {
        self.execute(&CURSOR_PUT, params![source, cursor.key.as_str(), &cursor.value, now])
            .map(drop)
    }

    /// Forgets all cursors of a source: the next sync starts from the beginning.
    pub fn clear_cursors(&mut self, source: SourceId) -> Result<(), Error> {
        self.execute(&CURSOR_CLEAR, params![source]).map(drop)
    }

    fn share_source(&mut self, id: SourceId, visibility: &Visibility) -> Result<(), Error> {
        let mut wanted = match visibility {
            Visibility::Groups { groups } => groups.clone(),
            Visibility::Owner | Visibility::Everyone => Vec::new(),
        };
        wanted.sort_unstable();
        wanted.dedup();
        if self.shares_of(id)? == wanted {
            return Ok(());
        }
        self.execute(&UNSHARE, params![id])?;
        for group in wanted {
            self.execute(&SHARE, params![id, group])?;
        }
        Ok(())
    }

    fn add_shares(&mut self, source: &mut SourceRow) -> Result<(), Error> {
        if let Visibility::Groups { groups } = &mut source.visibility {
            *groups = self.shares_of(source.id)?;
        }
        Ok(())
    }

    /// The groups that a source is shared with, by id.
    fn shares_of(&mut self, id: SourceId) -> Result<Vec<GroupId>, Error> {
        let rows = self.query(&SHARES, params![id])?;
        rows.iter().map(|row| row.get(0)).collect()
    }
}

fn visibility_word(visibility: &Visibility) -> &'static str {
    match visibility {
        Visibility::Owner => "owner",
        Visibility::Groups { .. } => "groups",
        Visibility::Everyone => "everyone",
    }
}

fn source_row(row: &Row) -> Result<SourceRow, Error> {
    let visibility = match row.get::<String>(9)?.as_str() {
        "everyone" => Visibility::Everyone,
        "groups" => Visibility::Groups { groups: Vec::new() },
        _ => Visibility::Owner,
    };
    Ok(SourceRow {
        id: row.get(0)?,
        organization: row.get(1)?,
        owner: row.get(2)?,
        connector: row.get(3)?,
        name: row.get(4)?,
        config: row.json(5)?,
        secrets: row.get(6)?,
        manifest: row.get(7)?,
        search: row.get(8)?,
        visibility,
        is_paused: row.get(10)?,
        attention: row.json_opt(11)?,
        created_at: row.get(12)?,
        deleted_at: row.get(13)?,
    })
}
