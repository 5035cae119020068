//! Each rule on a tiny tree that breaks it, and on one that does not. Banned texts are put together from two parts,
//! so that the checks do not find this file.

use std::fs;

use super::*;

/// What tidy says of a repository that holds just these files.
fn check(files: &[(&str, &str)]) -> Vec<String> {
    let scratch = tempfile::tempdir().expect("a scratch folder");
    for (path, text) in files {
        let file = scratch.path().join(path);
        fs::create_dir_all(file.parent().expect("a folder")).expect("made");
        fs::write(file, text).expect("written");
    }
    let findings = findings(scratch.path()).expect("readable");
    findings.iter().map(ToString::to_string).collect()
}

/// A crate's manifest with these lines under `[dependencies]`.
fn manifest(dependencies: &str) -> String {
    format!("[package]\nname = \"x\"\n[lints]\nworkspace = true\n[dependencies]\n{dependencies}\n")
}

const CLEAN: &[&str] = &[];

#[test]
fn this_repository_is_tidy() {
    let root = crate::repository().expect("the root");
    let findings = findings(&root).expect("readable");
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "\n{}", lines.join("\n"));
}

#[test]
fn a_file_says_first_what_it_is_for() {
    assert_eq!(check(&[("crates/a.rs", "//! Things.\n")]), CLEAN);
    assert_eq!(
        check(&[("crates/a.rs", "use std::fs;\n")]),
        ["crates/a.rs:1: the file does not open with `//!`: say what it is for"]
    );
}

#[test]
fn a_name_that_says_nothing_is_refused() {
    let found = check(&[("xtask/src/utils/a.rs", "//! A.\n"), ("web/src/common.ts", "")]);
    assert_eq!(
        found,
        [
            "web/src/common.ts: `common` names nothing: name the thing that is inside",
            "xtask/src/utils/a.rs: `utils` names nothing: name the thing that is inside",
        ]
    );
}

#[test]
fn a_long_file_needs_an_entry_that_only_shrinks() {
    let long = format!("//! Long.\n{}", "\n".repeat(600));
    let short = "//! Short.\n".to_owned();
    for (text, list, said) in [
        (&long, "", "a.rs: 601 lines, more than 500: is there a wall missing?"),
        (
            &long,
            "[length]\n\"a.rs\" = 600",
            "a.rs: grew from 600 to 601 lines: it may only shrink",
        ),
        (
            &long,
            "[length]\n\"a.rs\" = 700",
            "a.rs: shrank from 700 to 601 lines: say so in tidy.toml",
        ),
        (
            &short,
            "[length]\n\"a.rs\" = 700",
            "a.rs: short enough now: take it off the list in tidy.toml",
        ),
        (
            &short,
            "[length]\n\"b.rs\" = 700",
            "tidy.toml: `b.rs` is gone: take it off the list",
        ),
    ] {
        assert_eq!(check(&[("a.rs", text), ("tidy.toml", list)]), [said]);
    }
    assert_eq!(
        check(&[("a.rs", &long), ("tidy.toml", "[length]\n\"a.rs\" = 601")]),
        CLEAN
    );
}

#[test]
fn the_walls_between_rooms_are_kept() {
    for (room, dependency, said) in [
        ("model", "store.workspace = true", "`model` must not know `store`"),
        ("api", "tasks.workspace = true", "`api` must not know `tasks`"),
        ("tasks", "api.workspace = true", "`tasks` must not know `api`"),
        ("queue", "rusqlite.workspace = true", "`rusqlite` lives in store alone"),
        ("api", "reqwest.workspace = true", "`reqwest` lives in outbound alone"),
        (
            "tasks",
            "axum.workspace = true",
            "`axum` lives in api and fossick alone",
        ),
        (
            "api",
            "search = { workspace = true, package = \"tantivy\" }",
            "`tantivy` lives in index alone",
        ),
        (
            "store",
            "serde = \"1\"",
            "`serde`: the version belongs into the workspace's table",
        ),
    ] {
        let path = format!("crates/{room}/Cargo.toml");
        assert_eq!(check(&[(&path, &manifest(dependency))]), [format!("{path}: {said}")]);
    }
}

#[test]
fn the_benchmarks_know_everyone_and_nobody_knows_them() {
    let all = "store.workspace = true\ntantivy.workspace = true\nrusqlite.workspace = true";
    assert_eq!(check(&[("bench/Cargo.toml", &manifest(all))]), CLEAN);
    assert_eq!(
        check(&[("bench/Cargo.toml", &manifest("tantivy = \"1\""))]),
        ["bench/Cargo.toml: `tantivy`: the version belongs into the workspace's table"]
    );
    assert_eq!(
        check(&[("crates/fossick/Cargo.toml", &manifest("bench.workspace = true"))]),
        ["crates/fossick/Cargo.toml: `fossick` must not know `bench`"]
    );
}

#[test]
fn what_a_room_may_know_passes() {
    let tasks = manifest("model.workspace = true\nstore = { workspace = true }\nserde.workspace = true");
    let store = manifest("rusqlite.workspace = true\n[dev-dependencies]\nqueue.workspace = true\naxum = \"1\"");
    assert_eq!(
        check(&[("crates/tasks/Cargo.toml", &tasks), ("crates/store/Cargo.toml", &store)]),
        CLEAN
    );
}

#[test]
fn dependencies_of_one_platform_and_of_build_scripts_count() {
    let manifest = manifest(
        "\n[target.'cfg(unix)'.dependencies]\napi.workspace = true\n[build-dependencies]\nstore.workspace = true",
    );
    let found = check(&[("crates/index/Cargo.toml", &manifest)]);
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn a_room_that_nobody_drew_is_refused() {
    let found = check(&[("crates/core/Cargo.toml", &manifest(""))]);
    assert_eq!(
        found,
        ["crates/core/Cargo.toml: `core` is not a room yet: draw it in ARCHITECTURE.md and xtask"]
    );
}

#[test]
fn a_room_obeys_the_lints() {
    let found = check(&[("crates/model/Cargo.toml", "[package]\nname = \"model\"\n")]);
    assert_eq!(
        found,
        ["crates/model/Cargo.toml: the workspace's lints do not apply: add `[lints] workspace = true`"]
    );
}

#[test]
fn only_the_back_end_names_the_engine() {
    let text =
        "//! Index.\n// tantivy::Index is named in prose\nuse tantivy::Index;\nuse crate::backend::tantivy::Ours;\n";
    assert_eq!(
        check(&[
            ("crates/index/src/schema.rs", text),
            ("crates/index/Cargo.toml", &manifest(""))
        ]),
        ["crates/index/src/schema.rs:3: only crates/index/src/backend names an engine"]
    );
    let inside = [
        ("crates/index/src/backend/tantivy.rs", text),
        ("crates/index/Cargo.toml", &manifest("")),
    ];
    assert_eq!(check(&inside), CLEAN);
}

#[test]
fn a_statement_is_used_lists_its_columns_and_explains_its_dialect() {
    let source = (
        "crates/store/src/task.rs",
        "//! Tasks.\nstatements! { A = \"task_find\"; }\n",
    );
    let manifest = manifest("");
    let cargo = ("crates/store/Cargo.toml", manifest.as_str());
    let found = check(&[
        source,
        cargo,
        ("crates/store/sql/task_find.sql", "SELECT id FROM task LIMIT 1"),
        ("crates/store/sql/task_find.postgres.sql", "SELECT * FROM task"),
        ("crates/store/sql/task_lost.sql", "SELECT count(*) FROM task"),
    ]);
    assert_eq!(
        found,
        [
            "crates/store/sql/task_find.postgres.sql:1: `SELECT * FROM task`: list the columns",
            "crates/store/sql/task_find.postgres.sql:1: a dialect's file says on its first line why it must differ",
            "crates/store/sql/task_lost.sql: no statement of the store uses this file: remove it",
        ]
    );
}

#[test]
fn a_dialect_stands_beside_the_portable_file() {
    let manifest = manifest("");
    let found = check(&[
        ("crates/store/Cargo.toml", &manifest),
        ("crates/store/src/a.rs", "//! A.\nconst A: &str = \"a_find\";\n"),
        ("crates/store/sql/a_find.postgres.sql", "-- Arrays.\nSELECT 1"),
    ]);
    assert_eq!(
        found,
        ["crates/store/sql/a_find.postgres.sql: `a_find.sql` is missing: it serves the other database"]
    );
}

#[test]
fn words_outside_the_glossary_are_refused_in_every_spelling() {
    for word in [
        concat!("Jo", "bId"),
        concat!("sync_jo", "bs"),
        concat!("JO", "B"),
        concat!("book", "mark"),
    ] {
        let found = check(&[("docs/a.md", &format!("Of the {word}."))]);
        assert_eq!(found.len(), 1, "{word}: {found:?}");
        assert!(found[0].contains("the glossary says"), "{found:?}");
    }
    assert_eq!(check(&[("docs/a.md", "jobless sinking")]), CLEAN);
}

#[test]
fn a_banned_word_is_said_once_per_file() {
    let word = concat!("jo", "b");
    let found = check(&[("docs/a.md", &format!("A\n{word}\n{word} {word}\n"))]);
    assert_eq!(
        found,
        [format!(
            "docs/a.md:2: `{word}` (3 times): the glossary says `task`, not `{word}`"
        )]
    );
}

#[test]
fn a_foreign_name_is_allowed_with_a_reason_while_it_is_needed() {
    let foreign = concat!("Si", "nkExt");
    let entry = format!("[[word]]\nidentifier = \"{foreign}\"\nreason = \"a trait of futures\"");
    let text = format!("//! A.\nuse futures::{foreign};\n");
    assert_eq!(check(&[("a.rs", &text), ("tidy.toml", &entry)]), CLEAN);
    assert_eq!(
        check(&[("tidy.toml", &entry)]),
        [format!(
            "tidy.toml: [[word]] `{foreign}` allows nothing any more: remove it"
        )]
    );
}

#[test]
fn skipped_tests_and_notes_to_nobody_are_found() {
    let note = concat!("TO", "DO");
    let text = format!(
        "//! A.\n#[{}]\nfn a() {{}} // {note}: later\n// {note}(#12): fine\n",
        "ignore"
    );
    let found = check(&[("a.rs", &text)]);
    assert_eq!(
        found,
        [
            "a.rs:2: an ignored test tests nothing: mend it or remove it",
            "a.rs:3: a note to nobody: name an issue, as in `(#123)`",
        ]
    );
}

#[test]
fn only_the_binary_reads_the_environment() {
    let text = "//! A.\nlet home = std::env::var_os(\"HOME\");\n";
    for (path, is_fine) in [
        ("crates/fossick/src/config.rs", true),
        ("crates/store/src/tests.rs", true),
        ("crates/store/src/folder.rs", false),
    ] {
        let found = check(&[(path, text)]);
        let found = found.iter().filter(|line| line.contains("environment")).count();
        assert_eq!(found == 0, is_fine, "{path}");
    }
}

#[test]
fn paths_of_one_machine_are_found_and_addresses_are_not() {
    let home = concat!("/", "root", "/");
    let found = check(&[(
        "docs/a.md",
        &format!("See {home}notes.\nSee https://example.org{home}notes.\n"),
    )]);
    assert_eq!(
        found,
        [format!(
            "docs/a.md:1: `{home}` is a path of one machine: nobody else has it"
        )]
    );
}

#[test]
fn the_checkout_itself_is_a_path_of_one_machine() {
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let path = scratch.path().join("checkout");
    fs::create_dir(&path).expect("made");
    fs::write(path.join("Makefile"), format!("all:\n\tls {}/src\n", path.display())).expect("written");
    assert_eq!(findings(&path).expect("readable").len(), 1);
}

#[test]
fn a_connector_has_its_page_and_its_icon() {
    assert_eq!(
        check(&[("connectors/trello/README.md", "# Trello\n")]),
        ["connectors/trello: `icon.svg` is missing"]
    );
}

#[test]
fn links_lead_somewhere() {
    let text = "[a](b.md) [b](b.md#part) [c](https://example.org/) [d](#here) [e](gone.md)\n```\n[f](code.md)\n```\n";
    assert_eq!(
        check(&[("docs/a.md", text), ("docs/b.md", "# B\n")]),
        ["docs/a.md:1: the link to `gone.md` leads nowhere"]
    );
}

#[test]
fn a_lock_file_that_npm_would_refuse_is_found() {
    let lock = |entries: &str| {
        format!(
            "{{\"packages\": {{\"node_modules/a\": {{\"optionalDependencies\": {{\"a-linux\": \"1\"}}}}{entries}}}}}"
        )
    };
    assert_eq!(
        check(&[("web/package-lock.json", &lock(""))]),
        [
            "web/package-lock.json: `a-linux` of `node_modules/a` is left out, so `npm ci` fails: choose a version that has it"
        ]
    );
    for place in ["node_modules/a-linux", "node_modules/a/node_modules/a-linux"] {
        assert_eq!(
            check(&[("web/package-lock.json", &lock(&format!(", \"{place}\": {{}}")))]),
            CLEAN
        );
    }
}

#[test]
fn what_git_ignores_and_what_was_recorded_is_not_looked_at() {
    let bad = "no header";
    let files = [
        (".gitignore", "/made\n"),
        ("made/a.rs", bad),
        ("target/a.rs", bad),
        ("web/node_modules/a.rs", bad),
        ("crates/x/tests/fixtures/a.rs", bad),
    ];
    // The folder `crates/x` is no room; that is all there is to say.
    assert_eq!(check(&files), ["crates/x: a room without a Cargo.toml"]);
}

#[test]
fn a_wrong_list_says_where_it_is_wrong() {
    for (list, said) in [
        ("[lengths]\n", "unknown key `lengths`"),
        ("[length]\n\"a.rs\" = \"long\"", "`a.rs`: expected a number of lines"),
        ("[[word]]\nreason = \"x\"", "names an `identifier`"),
        ("[[word]]\nidentifier = \"x\"", "says its `reason`"),
        ("[[generated]]\npath = \"a\"", "names its `path` and its `command`"),
    ] {
        let scratch = tempfile::tempdir().expect("a scratch folder");
        fs::write(scratch.path().join("tidy.toml"), list).expect("written");
        let error = findings(scratch.path()).expect_err("a wrong list");
        assert!(format!("{error:#}").contains(said), "{list}: {error:#}");
    }
}

#[test]
fn a_generated_file_must_be_what_its_generator_says() {
    use std::os::unix::fs::PermissionsExt;
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let root = scratch.path();
    let list = "[[generated]]\npath = \"docs/made.txt\"\ncommand = [\"make-it\", \"now\"]";
    fs::write(root.join("tidy.toml"), list).expect("written");
    assert_eq!(generated::stale(root).expect("passed over"), []);

    let program = root.join("make-it");
    fs::write(&program, "#!/bin/sh\necho made $1\n").expect("written");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("executable");
    assert_eq!(generated::stale(root).expect("compared").len(), 1);

    generated::write(root).expect("made");
    assert_eq!(
        fs::read_to_string(root.join("docs/made.txt")).expect("it exists"),
        "made now\n"
    );
    assert_eq!(generated::stale(root).expect("compared"), []);
}
