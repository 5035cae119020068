//! Every setting there is: the one list that files, environment, `fossick config` and the reference go by.

/// One setting.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting {
    /// Its name in files; in the environment `FOSSICK_` and the name in capitals, with `_` for dots.
    pub(crate) name: &'static str,
    /// Its value when nobody sets it.
    pub(crate) default: &'static str,
    /// What it does, in one sentence.
    pub(crate) about: &'static str,
    /// Whether its value is never shown.
    pub(crate) is_secret: bool,
}

const fn setting(name: &'static str, default: &'static str, about: &'static str) -> Setting {
    Setting {
        name,
        default,
        about,
        is_secret: false,
    }
}

/// All of them, in the order in which they are shown.
pub(crate) const ALL: &[Setting] = &[
    setting(
        "data_dir",
        "data",
        "The folder that holds database, raw pages, keys and index.",
    ),
    setting(
        "listen",
        "127.0.0.1:3677",
        "The address and port that the server listens on.",
    ),
    setting(
        "base_url",
        "",
        "The address that people use, for links and cookies; the listening address when empty.",
    ),
    setting(
        "trusted_proxies",
        "",
        "Addresses whose X-Forwarded-… headers are believed.",
    ),
    Setting {
        name: "database",
        default: "",
        about: "The URL of a PostgreSQL database; SQLite in the data folder when empty.",
        is_secret: true,
    },
    setting(
        "allowed_roots",
        "",
        "Folders below which members may add folder sources.",
    ),
    setting("allow_private", "", "Private hosts or networks that sources may reach."),
    setting(
        "log",
        "info",
        "What is logged: `warn`, `info`, `debug`, or a filter such as `info,connector=debug`.",
    ),
    setting("log_json", "false", "Whether logs are JSON, one object a line."),
    setting(
        "worker_name",
        "",
        "What this process calls itself among the workers; a name that stays lets it take up at once what it left when it died.",
    ),
    setting(
        "extract_children",
        "2",
        "How many files are read at once, each in a process of its own.",
    ),
    setting(
        "queues.fetch.running",
        "16",
        "How many slices are read at once; 0 leaves that to other workers of a shared database.",
    ),
    setting(
        "queues.fetch.per_source",
        "4",
        "How many slices of one source are read at once.",
    ),
    setting(
        "queues.parse.running",
        "4",
        "How many pages are parsed at once; 0 leaves that to other workers of a shared database.",
    ),
    setting(
        "queues.parse.per_source",
        "4",
        "How many pages of one source are parsed at once.",
    ),
    setting("retention.history_days", "7", "How many days finished tasks are kept."),
    setting(
        "retention.pages_days",
        "30",
        "How many days raw pages are kept that no live record needs.",
    ),
];

/// The setting of this name.
pub(crate) fn find(name: &str) -> Option<&'static Setting> {
    ALL.iter().find(|setting| setting.name == name)
}

/// The variable of the environment that sets it.
pub(crate) fn variable(setting: &Setting) -> String {
    format!("FOSSICK_{}", setting.name.replace('.', "_").to_uppercase())
}

/// The setting that was perhaps meant.
pub(crate) fn nearest(name: &str) -> Option<&'static str> {
    let distance = |candidate: &str| edit_distance(name, candidate);
    let best = ALL
        .iter()
        .map(|setting| setting.name)
        .min_by_key(|candidate| distance(candidate))?;
    (distance(best) <= 3).then_some(best)
}

/// Levenshtein's distance, for short words.
fn edit_distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let kept = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = kept.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[right.len()]
}
