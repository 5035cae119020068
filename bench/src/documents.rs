//! Documents for the index, composed of real text by fixed dice: titles, bodies of 30 to 200 words, people, facets
//! and permissions.

use std::collections::{BTreeMap, HashSet};

use model::{Acl, Asker, Document, GroupId, Principal, RecordId, Revision, SourceId, Timestamp, UserId};

use crate::dice::Dice;
use crate::texts::Texts;

pub(crate) const SOURCES: usize = 12;
pub(crate) const GROUPS: usize = 2_000;
/// What one asker holds: themselves, everyone, and groups.
pub(crate) const PRINCIPALS: usize = 200;
const KINDS: [&str; 8] = ["page", "pdf", "issue", "card", "message", "mail", "sheet", "file"];
const PEOPLE: usize = 5_000;
const USERS: usize = 2_000;
const TAGS: usize = 300;
/// Permissions come from folders and boards, so documents share them.
const ACLS: usize = 4_000;
/// 2021-01-01 in milliseconds, and five years.
const FIRST_MS: i64 = 1_609_459_200_000;
const SPAN_MINUTES: usize = 5 * 365 * 24 * 60;

/// `count` documents, the same ones whenever text and count are.
pub(crate) fn documents(texts: &Texts, count: usize) -> Vec<Document> {
    let mut dice = Dice::new(20_261_121);
    let acls: Vec<Acl> = (0..ACLS).map(|_| acl(&mut dice)).collect();
    (0..count).map(|at| document(texts, &acls, at, &mut dice)).collect()
}

fn document(texts: &Texts, acls: &[Acl], at: usize, dice: &mut Dice) -> Document {
    let package = &texts.packages[dice.below(texts.packages.len())];
    let changed_at = Timestamp(FIRST_MS + 60_000 * i64::try_from(dice.below(SPAN_MINUTES)).unwrap_or_default());
    let tags: Vec<String> = (0..dice.below(4))
        .map(|_| format!("tag {}", dice.skewed(TAGS)))
        .collect();
    let mut facets = BTreeMap::new();
    if !tags.is_empty() {
        facets.insert("tag".to_owned(), tags);
    }
    Document {
        record: RecordId(i64::try_from(at + 1).unwrap_or(i64::MAX)),
        revision: Revision(1),
        source: SourceId(i64::try_from(dice.below(SOURCES) + 1).unwrap_or(1)),
        stream: "items".to_owned(),
        kind: KINDS[dice.skewed(KINDS.len())].to_owned(),
        title: package.short.clone(),
        body: body(texts, &package.paragraphs, dice),
        url: Some(format!("https://packages.example.org/{}", package.name)),
        path: Some(format!("{}/{}", &package.name[..1], package.name)),
        people: (0..=dice.below(2)).map(|_| person(dice.skewed(PEOPLE))).collect(),
        created_at: Some(changed_at.plus_ms(-86_400_000)),
        changed_at: Some(changed_at),
        facets,
        acl: if dice.chance(15) {
            Acl::source_only()
        } else {
            acls[dice.skewed(acls.len())].clone()
        },
    }
}

/// 30 to 200 words: the package's own description and others' paragraphs after it.
fn body(texts: &Texts, own: &[String], dice: &mut Dice) -> String {
    let wanted = 30 + dice.below(171);
    let mut body = String::new();
    let mut words = 0;
    let mut more = own;
    while words < wanted {
        for paragraph in more {
            let room = wanted.saturating_sub(words);
            let taken: Vec<&str> = paragraph.split_whitespace().take(room).collect();
            if taken.is_empty() {
                break;
            }
            if !body.is_empty() {
                body.push('\n');
            }
            words += taken.len();
            body.push_str(&taken.join(" "));
        }
        more = &texts.packages[dice.below(texts.packages.len())].paragraphs;
    }
    body
}

fn person(number: usize) -> String {
    format!("Author {number:04}")
}

fn acl(dice: &mut Dice) -> Acl {
    let groups: Vec<Principal> = (0..=dice.below(2)).map(|_| group(dice.skewed(GROUPS))).collect();
    let users: Vec<Principal> = (0..dice.below(4)).map(|_| user(dice.below(USERS))).collect();
    Acl::any_of(groups.into_iter().chain(users))
}

fn group(number: usize) -> Principal {
    Principal::group(GroupId(i64::try_from(number + 1).unwrap_or(1)))
}

fn user(number: usize) -> Principal {
    Principal::user(UserId(i64::try_from(number + 1).unwrap_or(1)))
}

/// The numbers of the groups of one asker.
pub(crate) fn groups_of_asker(number: usize) -> Vec<usize> {
    let mut dice = Dice::new(7 + number as u64);
    let mut held = HashSet::new();
    while held.len() < PRINCIPALS - 2 {
        held.insert(dice.below(GROUPS));
    }
    let mut held: Vec<usize> = held.into_iter().collect();
    held.sort_unstable();
    held
}

/// An asker who holds all sources and 200 principals.
pub(crate) fn asker(number: usize) -> Asker {
    let groups = groups_of_asker(number).into_iter().map(group);
    Asker {
        principals: groups.chain([user(number), Principal::everyone()]).collect(),
        sources: (1..=SOURCES)
            .map(|source| SourceId(i64::try_from(source).unwrap_or(1)))
            .collect(),
    }
}
