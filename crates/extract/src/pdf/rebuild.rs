//! Files whose table of objects is missing or wrong: the objects are found by looking for them, and a new table is put
//! behind them.

use std::collections::BTreeMap;
use std::fmt::Write;

/// The file with a new table, or `None` when there is nothing to go by. Encrypted files are left alone: what says how
/// they are encrypted is part of what was lost.
pub(super) fn rebuild(bytes: &[u8]) -> Option<Vec<u8>> {
    let start = find(bytes, b"%PDF-", 0)?;
    let bytes = &bytes[start..];
    if find(bytes, b"/Encrypt", 0).is_some() {
        return None;
    }
    let objects = find_objects(bytes);
    let root = last_reference(bytes, b"/Root").or_else(|| find_catalogue(bytes, &objects))?;
    let mut table = "\nxref\n0 1\n0000000000 65535 f \n".to_owned();
    for (number, (generation, offset)) in &objects {
        write!(table, "{number} 1\n{offset:010} {generation:05} n \n").ok()?;
    }
    let size = objects.keys().next_back()? + 1;
    write!(table, "trailer\n<< /Size {size} /Root {} {} R", root.0, root.1).ok()?;
    if let Some(info) = last_reference(bytes, b"/Info") {
        write!(table, " /Info {} {} R", info.0, info.1).ok()?;
    }
    write!(table, " >>\nstartxref\n{}\n%%EOF\n", bytes.len() + 1).ok()?;
    let mut out = bytes.to_vec();
    out.extend(table.as_bytes());
    Some(out)
}

/// Number to generation and offset of every object; the last of a number counts.
fn find_objects(bytes: &[u8]) -> BTreeMap<u32, (u32, usize)> {
    let mut objects = BTreeMap::new();
    let mut from = 0;
    while let Some(at) = find(bytes, b"obj", from) {
        from = at + 3;
        let before = bytes[..at].trim_ascii_end();
        let Some((generation, before)) = number_before(before) else {
            continue;
        };
        let spaced = before.trim_ascii_end();
        if spaced.len() == before.len() {
            continue;
        }
        if let Some((number, before)) = number_before(spaced) {
            objects.insert(number, (generation, before.len()));
        }
    }
    objects
}

/// The number at the end of `bytes`, and what comes before it.
fn number_before(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let digits = bytes
        .iter()
        .rev()
        .take(10)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let (before, digits) = bytes.split_at(bytes.len() - digits);
    Some((std::str::from_utf8(digits).ok()?.parse().ok()?, before))
}

/// The reference behind the last `key` that is followed by one.
fn last_reference(bytes: &[u8], key: &[u8]) -> Option<(u32, u32)> {
    let mut found = None;
    let mut from = 0;
    while let Some(at) = find(bytes, key, from) {
        from = at + key.len();
        let after = &bytes[from..bytes.len().min(from + 40)];
        let mut words = after
            .split(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>'))
            .filter(|word| !word.is_empty())
            .map(|word| std::str::from_utf8(word).unwrap_or_default());
        if let (Some(Ok(number)), Some(Ok(generation)), Some("R")) =
            (words.next().map(str::parse), words.next().map(str::parse), words.next())
        {
            found = Some((number, generation));
        }
    }
    found
}

fn find_catalogue(bytes: &[u8], objects: &BTreeMap<u32, (u32, usize)>) -> Option<(u32, u32)> {
    let mut at = find(bytes, b"/Catalog", 0)?;
    while let Some(next) = find(bytes, b"/Catalog", at + 1) {
        at = next;
    }
    let around = objects
        .iter()
        .filter(|(_, (_, offset))| *offset < at)
        .max_by_key(|(_, (_, offset))| *offset);
    around.map(|(number, (generation, _))| (*number, *generation))
}

fn find(bytes: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    let first = *wanted.first()?;
    let mut from = from;
    loop {
        let at = from + bytes.get(from..)?.iter().position(|byte| *byte == first)?;
        if bytes[at..].starts_with(wanted) {
            return Some(at);
        }
        from = at + 1;
    }
}
