//! Pages land in any order, again, and half (crashes), a sweep follows, and the store ends in the same state.

use std::collections::{BTreeMap, HashSet};

use model::Number;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::sweeping::sweep;
use super::{Bench, NOW, gone, key, present, seen};
use crate::{Error, Place, ToLand, ToReject};

/// What one page says, key by key; a later entry for the same key counts.
#[derive(Debug, Clone)]
enum Says {
    Present(u8, u8),
    Gone(u8),
    Rejected(u8),
    /// The first key's record is under the second now.
    Moved(u8, u8, u8),
}

/// One page: its number is its place in the list.
type Page = Vec<Says>;

#[derive(Debug, Clone)]
struct Step {
    page: prop::sample::Index,
    crashes: bool,
}

fn pages() -> impl Strategy<Value = Vec<Page>> {
    let says = prop_oneof![
        4 => (0..6_u8, 0..4_u8).prop_map(|(key, text)| Says::Present(key, text)),
        1 => (0..6_u8).prop_map(Says::Gone),
        1 => (0..6_u8).prop_map(Says::Rejected),
        2 => (0..6_u8, 0..6_u8, 0..4_u8).prop_map(|(from, to, text)| Says::Moved(from, to, text)),
    ];
    prop::collection::vec(prop::collection::vec(says, 0..6), 1..6)
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (any::<prop::sample::Index>(), any::<bool>()).prop_map(|(page, crashes)| Step { page, crashes });
    prop::collection::vec(step, 0..12)
}

/// What the rules say: of the pages that say what a key is, the highest decides; within one the last. A sweep then
/// deletes what only pages below it name.
fn expected(pages: &[Page], swept_below: usize) -> BTreeMap<u8, Option<String>> {
    let mut state = BTreeMap::new();
    let mut named = BTreeMap::new();
    for (at, page) in pages.iter().enumerate() {
        // That a record was moved away counts where the page says nothing else of its key.
        let moved = page.iter().filter_map(|says| match says {
            Says::Moved(from, ..) => Some((*from, Some(None))),
            _ => None,
        });
        let mut says_of: BTreeMap<u8, Option<Option<String>>> = moved.collect();
        let rejected = page.iter().filter_map(|says| match says {
            Says::Rejected(key) => Some((*key, None)),
            _ => None,
        });
        says_of.extend(rejected);
        says_of.extend(page.iter().filter_map(|says| match says {
            Says::Present(key, text) | Says::Moved(_, key, text) => Some((*key, Some(Some(text.to_string())))),
            Says::Gone(key) => Some((*key, Some(None))),
            Says::Rejected(_) => None,
        }));
        for (key, content) in says_of {
            named.insert(key, at);
            if let Some(content) = content {
                state.insert(key, content);
            }
        }
    }
    for (key, at) in named {
        if at < swept_below {
            state.insert(key, None);
        }
    }
    state
}

fn land(bench: &Bench, place: Place, page: &Page, crashes: bool) {
    let records: Vec<ToLand> = page
        .iter()
        .filter_map(|says| match says {
            Says::Present(key, text) => Some(present(&key.to_string(), &text.to_string())),
            Says::Gone(key) => Some(gone(&key.to_string())),
            Says::Moved(from, to, text) => {
                Some(present(&to.to_string(), &text.to_string()).moved_from(&from.to_string()))
            }
            Says::Rejected(_) => None,
        })
        .collect();
    let rejected: Vec<ToReject> = page
        .iter()
        .filter_map(|says| match says {
            Says::Rejected(name) => Some(ToReject::new(&key(&name.to_string()))),
            _ => None,
        })
        .collect();
    let yielded: HashSet<String> = page
        .iter()
        .flat_map(|says| match says {
            Says::Present(key, _) | Says::Gone(key) | Says::Rejected(key) => vec![key.to_string()],
            Says::Moved(from, to, _) => vec![from.to_string(), to.to_string()],
        })
        .collect();
    let outcome = bench.try_write(move |tx| {
        tx.land(place, &records, &rejected, NOW)?;
        tx.land_absent(place, &yielded, NOW)?;
        if crashes {
            return Err(Error::Conflict("crashed".to_owned()));
        }
        Ok(())
    });
    assert_eq!(outcome.is_err(), crashes);
}

fn check(bench: &Bench, pages: &[Page], steps: &[Step], order: [u8; 6], swept_below: usize) {
    let (source, stream) = bench.write(|tx| {
        let source = super::insert_source(tx, "a source")?;
        Ok((source, tx.put_streams(source, &[super::stream("items")])?[0].id))
    });
    let place = |at: usize| Place {
        source,
        stream,
        number: Number(i64::try_from(at).unwrap() + 1),
    };
    for step in steps {
        let at = step.page.index(pages.len());
        land(bench, place(at), &pages[at], step.crashes);
    }
    // In the end every page has landed, the others in an order of their own.
    let landed: HashSet<usize> = steps
        .iter()
        .filter(|step| !step.crashes)
        .map(|step| step.page.index(pages.len()))
        .collect();
    let mut rest: Vec<usize> = (0..pages.len()).filter(|at| !landed.contains(at)).collect();
    rest.sort_by_key(|at| order[*at]);
    for at in rest {
        land(bench, place(at), &pages[at], false);
    }
    sweep(bench, place(swept_below), true, 2);
    for (name, text) in expected(pages, swept_below) {
        let found = bench
            .read(|tx| seen(tx, place(0), &name.to_string()))
            .map(|(_, _, text)| text);
        assert_eq!(found, text, "key {name}");
    }
}

#[test]
fn pages_in_any_order_with_replays_and_crashes_end_in_the_same_state() {
    let mut benches = vec![(Bench::sqlite(), 96)];
    benches.extend(Bench::postgres().map(|bench| (bench, 24)));
    for (bench, cases) in benches {
        let config = Config {
            cases,
            failure_persistence: None,
            ..Config::default()
        };
        TestRunner::new(config)
            .run(
                &(pages(), steps(), any::<[u8; 6]>(), 0..6_usize),
                |(pages, steps, order, swept_below)| {
                    check(&bench, &pages, &steps, order, swept_below);
                    Ok(())
                },
            )
            .unwrap();
    }
}
