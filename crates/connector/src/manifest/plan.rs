//! What a sync reads: partitions, windows and the way to parents, as slices.

use std::collections::BTreeMap;

use model::connector::{Cursor as Stored, SliceSpec};
use model::{SyncMode, Timestamp};
use serde_json::Value as Json;

use super::Source;
use super::answer::explain;
use super::args::{Partition, SliceArgs, Window};
use super::ir::{Parent, Router, Stream};
use super::jinja::Scope;
use super::records::nested;
use super::windows::{read_value, windows};
use crate::Error;

/// How many partitions one slice reads.
pub(super) const PARTITIONS_PER_SLICE: usize = 50;

/// How many windows one slice reads.
const WINDOWS_PER_SLICE: usize = 25;

/// How many partitions of a stream keep a cursor of their own; the others are read whole.
const CURSORS_MAX: usize = 10_000;

/// How many combinations several routers may make.
const PARTITIONS_MAX: usize = 1_000_000;

impl Source {
    pub(super) fn plan_streams(
        &self,
        streams: &[String],
        mode: SyncMode,
        cursors: &[Stored],
        now: Timestamp,
    ) -> Result<Vec<SliceSpec>, Error> {
        let mut slices = Vec::new();
        for name in streams {
            let stream = self.stream(name)?;
            let known = match mode {
                SyncMode::Incremental => stored(stream, cursors, &self.scope(now)),
                SyncMode::Full => Known::default(),
            };
            match self.plan_stream(stream, mode, &known, now) {
                Ok(planned) => slices.extend(planned),
                // The others are read all the same; this one's slice says what is wrong.
                Err(_) => slices.push(unplanned(stream, mode, known, now)),
            }
        }
        Ok(slices)
    }

    /// Plans again what an unplanned slice stands for.
    pub(super) fn plan_late(&self, slice: &SliceSpec, args: &SliceArgs) -> Result<Vec<SliceSpec>, Error> {
        let known = Known {
            whole: args.partitions.first().and_then(|partition| partition.from),
            partitions: args.cursors.clone(),
        };
        self.plan_stream(self.stream(&slice.stream)?, slice.mode, &known, args.planned_at)
    }

    fn plan_stream(
        &self,
        stream: &Stream,
        mode: SyncMode,
        known: &Known,
        now: Timestamp,
    ) -> Result<Vec<SliceSpec>, Error> {
        let scope = self.scope(now);
        let slice = |args: SliceArgs, checkpoint_key: Option<String>| SliceSpec {
            stream: stream.name.clone(),
            mode,
            args: args.to_json(),
            checkpoint_key,
        };
        let args = |partitions: Vec<Partition>| SliceArgs::new(partitions, now);
        let ways = ways(stream, 0);
        if !ways.is_empty() {
            let mut slices = Vec::new();
            for via in ways {
                let ancestor = follow(stream, &via)?;
                for group in in_groups(&own_partitions(ancestor, &scope)?) {
                    let args = SliceArgs {
                        via: via.clone(),
                        cursors: known.partitions.clone(),
                        ..args(group)
                    };
                    slices.push(slice(args, None));
                }
            }
            return Ok(slices);
        }
        if let (Some(cursor), true) = (&stream.cursor, stream.routers.is_empty()) {
            let all = windows(&stream.name, cursor, known.whole, &scope, micros(now))?;
            let groups: Vec<&[Window]> = all.chunks(WINDOWS_PER_SLICE).collect();
            let mut slices = Vec::with_capacity(groups.len());
            for (index, group) in groups.iter().enumerate() {
                let then = groups
                    .get(index + 1)
                    .and_then(|next| next.first())
                    .map(|window| window.start);
                let partition = Partition {
                    from: known.whole,
                    ..Partition::default()
                };
                let args = SliceArgs {
                    windows: Some(group.to_vec()),
                    then,
                    ..args(vec![partition])
                };
                slices.push(slice(args, Some(stream.name.clone())));
            }
            return Ok(slices);
        }
        let mut partitions = own_partitions(stream, &scope)?;
        for partition in &mut partitions {
            partition.from = known.partitions.get(&partition.hash()).copied();
        }
        Ok(in_groups(&partitions)
            .into_iter()
            .map(|group| slice(args(group), None))
            .collect())
    }
}

fn unplanned(stream: &Stream, mode: SyncMode, known: Known, now: Timestamp) -> SliceSpec {
    let partition = Partition {
        from: known.whole,
        ..Partition::default()
    };
    let args = SliceArgs {
        cursors: known.partitions,
        is_unplanned: true,
        ..SliceArgs::new(vec![partition], now)
    };
    SliceSpec {
        stream: stream.name.clone(),
        mode,
        args: args.to_json(),
        checkpoint_key: None,
    }
}

/// What earlier syncs reached, in microseconds since 1970.
#[derive(Debug, Default)]
struct Known {
    /// The cursor of a stream without partitions.
    whole: Option<i64>,
    /// Those of its partitions, by hash.
    partitions: BTreeMap<String, i64>,
}

fn stored(stream: &Stream, cursors: &[Stored], scope: &Scope<'_>) -> Known {
    let mut known = Known::default();
    let Some(cursor) = &stream.cursor else { return known };
    let Ok(field) = cursor.field.text(scope) else {
        return known;
    };
    let prefix = format!("{}/", stream.name);
    for found in cursors {
        let Some(at) = found.value.get(&field).and_then(|value| read_value(cursor, value)) else {
            continue;
        };
        if found.key == stream.name {
            known.whole = Some(at);
        } else if let Some(hash) = found.key.strip_prefix(&prefix)
            && known.partitions.len() < CURSORS_MAX
        {
            known.partitions.insert(hash.to_owned(), at);
        }
    }
    known
}

pub(super) fn micros(at: Timestamp) -> i64 {
    at.0.saturating_mul(1000)
}

fn in_groups(partitions: &[Partition]) -> Vec<Vec<Partition>> {
    partitions
        .chunks(PARTITIONS_PER_SLICE)
        .map(<[Partition]>::to_vec)
        .collect()
}

/// The ways from a stream to its furthest ancestors, through the first of its routers over parents from number `from`
/// on; none when there is no such router.
pub(super) fn ways(stream: &Stream, from: usize) -> Vec<Vec<(usize, usize)>> {
    let mut found = Vec::new();
    let routers = stream.routers.iter().enumerate().skip(from);
    let parents = routers.filter_map(|(index, router)| match router {
        Router::Parents(parents) => Some((index, parents)),
        Router::List { .. } => None,
    });
    let Some((index, parents)) = parents.into_iter().next() else {
        return found;
    };
    for (number, parent) in parents.iter().enumerate() {
        let further = ways(&parent.stream, 0);
        if further.is_empty() {
            found.push(vec![(index, number)]);
        }
        for rest in further {
            let mut way = vec![(index, number)];
            way.extend(rest);
            found.push(way);
        }
    }
    found
}

/// The parent that one step of a way leads to.
pub(super) fn parent_at(stream: &Stream, step: (usize, usize)) -> Option<&Parent> {
    match stream.routers.get(step.0)? {
        Router::Parents(parents) => parents.get(step.1),
        Router::List { .. } => None,
    }
}

/// The stream at the end of a way.
pub(super) fn follow<'s>(stream: &'s Stream, via: &[(usize, usize)]) -> Result<&'s Stream, Error> {
    let mut at = stream;
    for step in via {
        let parent = parent_at(at, *step).ok_or_else(|| {
            Error::FixConfiguration(format!(
                "a slice of stream `{}` was planned by another version of the manifest, start a new sync",
                stream.name
            ))
        })?;
        at = &parent.stream;
    }
    Ok(at)
}

/// The partitions that a stream has without asking anyone: one, or those of its lists.
pub(super) fn own_partitions(stream: &Stream, scope: &Scope<'_>) -> Result<Vec<Partition>, Error> {
    combine(stream, vec![Partition::default()], scope)
}

/// Every partition with every combination of the stream's lists.
pub(super) fn combine(stream: &Stream, partitions: Vec<Partition>, scope: &Scope<'_>) -> Result<Vec<Partition>, Error> {
    let mut combined = partitions;
    for router in &stream.routers {
        let Router::List { values, field, .. } = router else {
            continue;
        };
        let wrong = |error| explain(&stream.name, "the list of partitions", &error);
        let field = field.text(scope).map_err(wrong)?;
        let values = match nested(values, scope).map_err(wrong)? {
            Json::Array(items) => items,
            // A configuration that leaves the list out means none.
            Json::Null => Vec::new(),
            Json::String(text) if text.is_empty() => Vec::new(),
            other => {
                return Err(Error::FixConfiguration(format!(
                    "stream `{}`: the list of partitions is `{other}`, not a list",
                    stream.name
                )));
            }
        };
        if combined.len().saturating_mul(values.len()) > PARTITIONS_MAX {
            return Err(Error::FixConfiguration(format!(
                "stream `{}`: the lists make more than {PARTITIONS_MAX} partitions",
                stream.name
            )));
        }
        combined = combined
            .iter()
            .flat_map(|partition| {
                values.iter().map(|value| {
                    let mut partition = partition.clone();
                    partition.fields.entry(field.clone()).or_insert_with(|| value.clone());
                    partition
                })
            })
            .collect();
    }
    Ok(combined)
}
