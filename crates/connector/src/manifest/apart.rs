//! Partitions that can't be read: the others of their slice are read all the same.

use serde_json::Value as Json;

use super::args::{Partition, Position};
use crate::reader::Event;
use crate::{Error, Reader};

/// After so many in a row the trouble is no partition's own, and the slice ends with what the first of them said.
const IN_A_ROW_MAX: usize = 10;

/// Partitions that could not be read since one could. Only that another can be read shows that the trouble is theirs:
/// until then nothing is said of them, and a slice that ends goes on with the first of them later.
#[derive(Debug, Default)]
pub(super) struct Apart {
    waiting: Vec<Unreadable>,
    /// Another could be read.
    has_read: bool,
}

#[derive(Debug)]
struct Unreadable {
    place: String,
    why: Error,
    behind: Position,
}

impl Apart {
    /// Goes on behind a partition that could not be read.
    ///
    /// # Errors
    /// What ends the slice instead: something that is no partition's own, or that another attempt may mend.
    pub(super) fn put(
        &mut self,
        place: String,
        name: &str,
        why: Error,
        number: usize,
        is_last_attempt: bool,
    ) -> Result<(), Error> {
        let why = match why {
            Error::FixConfiguration(text) => Error::FixConfiguration(named(name, text)),
            Error::Reauthenticate(text) => Error::Reauthenticate(named(name, text)),
            Error::Retry(text) if is_last_attempt => Error::Retry(named(name, text)),
            other => return Err(other),
        };
        let behind = Position {
            partition: number + 1,
            ..Position::default()
        };
        self.waiting.push(Unreadable { place, why, behind });
        if self.waiting.len() > IN_A_ROW_MAX {
            return self.give_up();
        }
        Ok(())
    }

    /// A partition was read to its end.
    pub(super) fn note_read(&mut self) {
        self.has_read = true;
    }

    /// A page was read: those that could not be, before it, are told of.
    pub(super) async fn tell(&mut self, reader: &mut Reader) -> Result<(), Error> {
        self.has_read |= !self.waiting.is_empty();
        for Unreadable { place, why, behind } in self.waiting.drain(..) {
            let next = behind.to_json();
            reader.send(Event::Unreadable { place, why, next }).await?;
        }
        Ok(())
    }

    /// The slice is at its end.
    pub(super) async fn end(mut self, reader: &mut Reader) -> Result<(), Error> {
        if self.has_read {
            self.tell(reader).await
        } else {
            self.give_up()
        }
    }

    fn give_up(&mut self) -> Result<(), Error> {
        match self.waiting.drain(..).next() {
            Some(first) => Err(first.why),
            None => Ok(()),
        }
    }
}

/// What names a partition of a stream within its source. `target` is whose records are asked for: the stream's own, or
/// those of an ancestor.
pub(super) fn place(stream: &str, target: &str, partition: &Partition) -> String {
    format!("partition/{stream}/{target}/{}", partition.hash())
}

/// How people tell a partition from the others: ``, `repo` = `fossick` ``; nothing where there is only one.
pub(super) fn name(partition: &Partition) -> String {
    let fields = partition.fields.iter();
    let named = fields.filter_map(|(field, value)| match value {
        Json::String(text) => Some(format!(", `{field}` = `{text}`")),
        Json::Number(number) => Some(format!(", `{field}` = `{number}`")),
        _ => None,
    });
    named.collect()
}

/// A message that begins with its stream, with the partition behind that.
fn named(name: &str, text: String) -> String {
    match text.strip_prefix("stream `").and_then(|rest| rest.split_once("`: ")) {
        Some((stream, rest)) => format!("stream `{stream}`{name}: {rest}"),
        None => text,
    }
}
