//! Which files of a page have moved, so that their records stay the same ones.

use std::collections::{BTreeMap, HashMap, HashSet};

use connector::{Connector, Parsed};
use model::record::Content;

use crate::files::{Entry, Files};

/// Of the records of a page that no record of the store has the key of, those whose file was elsewhere until now: where
/// from, by their key. Blocks.
///
/// A file has moved where the store has a record with the same content at whose key there is nothing any more. Without an
/// answer of the store nothing has moved: the old record goes, and a new one comes.
pub(crate) fn find(files: &mut Files, connector: &dyn Connector, parsed: &Parsed) -> HashMap<String, String> {
    let present = parsed
        .landings
        .iter()
        .filter(|one| matches!(one.content, Content::Present(_)));
    let entries: Vec<Entry> = present
        .filter_map(|one| Some((one.key.0.clone(), one.digest?)))
        .collect();
    files.look_up(entries.clone());
    let candidates: HashSet<String> = entries
        .iter()
        .flat_map(|entry| files.alike_to(entry))
        .cloned()
        .collect();
    if candidates.is_empty() {
        return HashMap::new();
    }
    let free = connector.list_gone(&candidates.into_iter().collect::<Vec<_>>());
    let alike = |entry: &Entry| {
        files
            .alike_to(entry)
            .iter()
            .filter(|key| free.contains(*key))
            .cloned()
            .collect()
    };
    let wanted: BTreeMap<String, Vec<String>> = entries.iter().map(|entry| (entry.0.clone(), alike(entry))).collect();
    pair(&wanted)
}

/// Gives each key one of those that it may have moved from: where most of the path's end is the same. One with several
/// that are equally near gets none, because a link to one file may not lead to another.
fn pair(wanted: &BTreeMap<String, Vec<String>>) -> HashMap<String, String> {
    let mut moves: HashMap<String, String> = HashMap::new();
    let mut taken: HashSet<&str> = HashSet::new();
    let nearest = wanted
        .iter()
        .filter_map(|(to, from)| from.iter().map(|from| common_end(from, to)).max());
    for level in (0..=nearest.max().unwrap_or_default()).rev() {
        for (to, from) in wanted {
            let near: Vec<&String> = from
                .iter()
                .filter(|from| !taken.contains(from.as_str()))
                .filter(|from| common_end(from, to) >= level)
                .collect();
            if let [only] = near[..]
                && !moves.contains_key(to)
            {
                taken.insert(only);
                moves.insert(to.clone(), only.clone());
            }
        }
    }
    moves
}

/// How many parts two paths have in common at their end.
fn common_end(one: &str, other: &str) -> usize {
    let pairs = one.rsplit('/').zip(other.rsplit('/'));
    pairs.take_while(|(one, other)| one == other).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(wanted: &[(&str, &[&str])]) -> Vec<(String, String)> {
        let wanted = wanted
            .iter()
            .map(|(to, from)| ((*to).to_owned(), from.iter().map(|from| (*from).to_owned()).collect()))
            .collect();
        let mut pairs: Vec<_> = pair(&wanted).into_iter().collect();
        pairs.sort_unstable();
        pairs
    }

    #[test]
    fn of_files_alike_each_keeps_its_place() {
        let from = ["team/4/index.md", "team/1/index.md", "team/2/index.md"];
        let found = pairs(&[
            ("crew/1/index.md", &from),
            ("crew/2/index.md", &from),
            ("crew/4/index.md", &from),
        ]);
        let expected = [1, 2, 4].map(|n| (format!("crew/{n}/index.md"), format!("team/{n}/index.md")));
        assert_eq!(found, expected);
    }

    #[test]
    fn where_several_are_equally_near_nothing_has_moved() {
        assert_eq!(pairs(&[("c.txt", &["a.txt", "b.txt"])]), []);
        // What is nearer to one is left over for nobody else.
        let from: [&str; 2] = ["x/a.txt", "x/b.txt"];
        assert_eq!(
            pairs(&[("y/a.txt", &from), ("y/c.txt", &from)]),
            [
                ("y/a.txt".to_owned(), "x/a.txt".to_owned()),
                ("y/c.txt".to_owned(), "x/b.txt".to_owned())
            ]
        );
        // Of two copies of one that is gone, the first goes on as it.
        assert_eq!(pairs(&[("b.txt", &["a.txt"]), ("c.txt", &["a.txt"])]).len(), 1);
        assert_eq!(pairs(&[("b.txt", &[])]), []);
    }
}
