//! From the records of a parent to the slices of its children.

use std::collections::BTreeMap;

use model::connector::SliceSpec;
use serde_json::{Map, Value as Json};

use super::answer::explain;
use super::args::{Base, Partition, SliceArgs};
use super::ir::{Parent, Stream};
use super::jinja::Scope;
use super::plan::{PARTITIONS_PER_SLICE, combine, follow, own_partitions, parent_at, ways};
use super::records::get;
use crate::Error;

/// The slices that `records` of an ancestor lead to: its children's, or, where a further router of the child is still
/// to be asked, those of that router's parents.
pub(super) fn child_slices<'r>(
    slice: &SliceSpec,
    args: &SliceArgs,
    stream: &Stream,
    partition: &Partition,
    records: impl Iterator<Item = &'r Json>,
    scope: &Scope<'_>,
) -> Result<Vec<SliceSpec>, Error> {
    let Some((step, way)) = args.via.split_last() else {
        return Ok(Vec::new());
    };
    let child = follow(stream, way)?;
    let Some(parent) = parent_at(child, *step) else {
        return Ok(Vec::new());
    };
    let mut partitions = Vec::new();
    for record in records {
        partitions.extend(partition_of(child, parent, partition, record, scope)?);
    }
    let mut bases = args.bases.clone();
    if let Some(base) = bases.pop_if(|base| base.at == way.len()) {
        partitions = product(&base.partitions, &partitions);
    }
    let spec = |args: SliceArgs| SliceSpec {
        stream: slice.stream.clone(),
        mode: slice.mode,
        args: args.to_json(),
        checkpoint_key: None,
    };
    let mut slices = Vec::new();
    let further = ways(child, step.0 + 1);
    if further.is_empty() {
        let mut partitions = combine(child, partitions, scope)?;
        let is_own = way.is_empty();
        for partition in partitions.iter_mut().filter(|_| is_own) {
            partition.from = args.cursors.get(&partition.hash()).copied();
        }
        for group in partitions.chunks(PARTITIONS_PER_SLICE) {
            slices.push(spec(SliceArgs {
                via: way.to_vec(),
                bases: bases.clone(),
                cursors: if is_own { BTreeMap::new() } else { args.cursors.clone() },
                ..SliceArgs::new(group.to_vec(), args.planned_at)
            }));
        }
        return Ok(slices);
    }
    for group in partitions.chunks(PARTITIONS_PER_SLICE) {
        let mut bases = bases.clone();
        bases.push(Base {
            at: way.len(),
            partitions: group.to_vec(),
        });
        for rest in &further {
            let via: Vec<(usize, usize)> = way.iter().chain(rest).copied().collect();
            let ancestor = own_partitions(follow(stream, &via)?, scope)?;
            for group in ancestor.chunks(PARTITIONS_PER_SLICE) {
                slices.push(spec(SliceArgs {
                    via: via.clone(),
                    bases: bases.clone(),
                    cursors: args.cursors.clone(),
                    ..SliceArgs::new(group.to_vec(), args.planned_at)
                }));
            }
        }
    }
    Ok(slices)
}

/// Every partition of one router with every one of the next; of equal names the first router's counts.
fn product(first: &[Partition], second: &[Partition]) -> Vec<Partition> {
    let mut combined = Vec::with_capacity(first.len() * second.len());
    for left in first {
        for right in second {
            let mut partition = left.clone();
            for (name, value) in &right.fields {
                partition.fields.entry(name.clone()).or_insert_with(|| value.clone());
            }
            for (name, value) in &right.extra {
                partition.extra.entry(name.clone()).or_insert_with(|| value.clone());
            }
            combined.push(partition);
        }
    }
    combined
}

/// The partition of `child` that one record of its parent makes; `None` when the record lacks the key.
fn partition_of(
    child: &Stream,
    parent: &Parent,
    parent_partition: &Partition,
    record: &Json,
    scope: &Scope<'_>,
) -> Result<Option<Partition>, Error> {
    let wrong = |error| explain(&child.name, "the parent's key", &error);
    let key = parent.key.text(scope).map_err(wrong)?;
    let path: Vec<&str> = key.split('/').filter(|part| !part.is_empty()).collect();
    let Some(value) = get(record, &path) else {
        return Ok(None);
    };
    let mut fields = Map::new();
    fields.insert(parent.field.text(scope).map_err(wrong)?, value.clone());
    fields.insert("parent_slice".to_owned(), Json::Object(parent_partition.fields.clone()));
    let mut extra = Map::new();
    for path in &parent.extra {
        let mut parts = Vec::with_capacity(path.len());
        for part in path {
            parts.push(part.text(scope).map_err(wrong)?);
        }
        let value = get(record, &parts).cloned().unwrap_or(Json::Null);
        extra.insert(parts.join("."), value);
    }
    Ok(Some(Partition {
        fields,
        extra,
        from: None,
    }))
}
