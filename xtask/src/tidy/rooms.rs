//! Who may know whom: the walls between the crates, read from their manifests.
//!
//! Only `[dependencies]` and `[build-dependencies]` count. What a test uses (`[dev-dependencies]`) is no wall: a
//! conformance suite may well need a room that its crate must not know.

use anyhow::{Context, Result};
use toml::{Table, Value};

use super::Finding;
use super::tree::{TextFile, Tree};

/// Each room and the rooms that it may know. A new room is a decision: it is drawn in ARCHITECTURE.md first.
const ROOMS: [(&str, &[&str]); 11] = [
    ("model", &[]),
    ("outbound", &["model"]),
    ("store", &["model"]),
    ("extract", &["model"]),
    ("connector", &["model", "outbound"]),
    ("index", &["model", "outbound"]),
    ("queue", &["model", "store"]),
    (
        "tasks",
        &["model", "outbound", "store", "queue", "connector", "extract", "index"],
    ),
    ("api", &["model", "outbound", "store", "queue", "connector", "index"]),
    (
        "fossick",
        &[
            "model",
            "outbound",
            "store",
            "queue",
            "connector",
            "extract",
            "index",
            "tasks",
            "api",
        ],
    ),
    ("testkit", &["model"]),
];

/// Not a room of the product: nobody may know it, and it may know every room and every third party, because it measures
/// the one against the other. Its versions and lints are the workspace's all the same.
const OUTSIDE: &str = "bench";

/// Heavy third parties, and the only rooms that may know them.
const HOMES: [(&str, &[&str]); 8] = [
    ("rusqlite", &["store"]),
    ("postgres", &["store", "testkit"]),
    ("tokio-postgres", &["store"]),
    ("reqwest", &["outbound"]),
    ("axum", &["api", "fossick"]),
    ("tantivy", &["index"]),
    ("anyhow", &["fossick"]),
    ("clap", &["fossick"]),
];

/// Where in `index` the engine may be named.
const ENGINE_FOLDER: &str = "crates/index/src/backend";

pub(super) fn check(tree: &Tree) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for room in tree.folders_in("crates") {
        let path = format!("crates/{room}/Cargo.toml");
        let Some(file) = tree.find(&path) else {
            findings.push(Finding::new(
                &format!("crates/{room}"),
                0,
                "a room without a Cargo.toml",
            ));
            continue;
        };
        let manifest: Table = file.text.parse().with_context(|| path.clone())?;
        let Some((_, known)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            findings.push(Finding::new(
                &path,
                0,
                format!("`{room}` is not a room yet: draw it in ARCHITECTURE.md and xtask"),
            ));
            continue;
        };
        findings.extend(dependencies(&manifest).filter_map(|(name, value)| wall(&path, &room, known, name, value)));
        findings.extend(lints(&path, &manifest));
    }
    findings.extend(check_outside(tree)?);
    findings.extend(tree.with_endings(&["rs"]).flat_map(engine_names));
    Ok(findings)
}

/// The benchmarks' manifest, where there is one.
fn check_outside(tree: &Tree) -> Result<Vec<Finding>> {
    let path = format!("{OUTSIDE}/Cargo.toml");
    let Some(file) = tree.find(&path) else {
        return Ok(Vec::new());
    };
    let manifest: Table = file.text.parse().with_context(|| path.clone())?;
    let versions = dependencies(&manifest).filter_map(|(name, value)| version(&path, name, value));
    Ok(versions.chain(lints(&path, &manifest)).collect())
}

fn lints(path: &str, manifest: &Table) -> Option<Finding> {
    let obeys_lints = manifest.get("lints").and_then(|lints| lints.get("workspace")) == Some(&Value::Boolean(true));
    (!obeys_lints).then(|| {
        Finding::new(
            path,
            0,
            "the workspace's lints do not apply: add `[lints] workspace = true`",
        )
    })
}

/// What is wrong with one dependency of a room.
fn wall(path: &str, room: &str, known: &[&str], name: &str, value: &Value) -> Option<Finding> {
    let name = value.get("package").and_then(Value::as_str).unwrap_or(name);
    let is_room = ROOMS.iter().any(|(other, _)| *other == name);
    if name == OUTSIDE || (is_room && !known.contains(&name)) {
        return Some(Finding::new(path, 0, format!("`{room}` must not know `{name}`")));
    }
    let homes = HOMES.iter().find(|(other, _)| *other == name).map(|(_, homes)| *homes);
    if let Some(homes) = homes
        && !homes.contains(&room)
    {
        return Some(Finding::new(
            path,
            0,
            format!("`{name}` lives in {} alone", homes.join(" and ")),
        ));
    }
    version(path, name, value)
}

/// A dependency whose version stands in the wrong place.
fn version(path: &str, name: &str, value: &Value) -> Option<Finding> {
    let is_inherited = value.get("workspace") == Some(&Value::Boolean(true));
    (!is_inherited).then(|| {
        Finding::new(
            path,
            0,
            format!("`{name}`: the version belongs into the workspace's table"),
        )
    })
}

/// `[dependencies]` and `[build-dependencies]`, those of single platforms included.
fn dependencies(manifest: &Table) -> impl Iterator<Item = (&String, &Value)> {
    let platforms = manifest.get("target").and_then(Value::as_table);
    std::iter::once(manifest)
        .chain(
            platforms
                .into_iter()
                .flat_map(Table::values)
                .filter_map(Value::as_table),
        )
        .flat_map(|table| ["dependencies", "build-dependencies"].map(|kind| table.get(kind)))
        .flatten()
        .filter_map(Value::as_table)
        .flatten()
}

/// Lines of `index` that name the engine's crate outside its folder. Our own module of that name may be named.
fn engine_names(file: &TextFile) -> Vec<Finding> {
    let is_bound = file.path.starts_with("crates/index/src/") && !file.path.starts_with(ENGINE_FOLDER);
    if !is_bound || file.is_test() {
        return Vec::new();
    }
    let names_crate = |line: &str| {
        line.match_indices("tantivy::")
            .any(|(at, _)| !line[..at].ends_with("::"))
    };
    file.lines()
        .filter(|(_, line)| !line.trim_start().starts_with("//") && names_crate(line))
        .map(|(number, _)| Finding::new(&file.path, number, format!("only {ENGINE_FOLDER} names an engine")))
        .collect()
}
