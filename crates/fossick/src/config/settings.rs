//! Every setting there is: the one list that files, environment, `fossick config` and the reference go by.

/// One setting.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting {
    /// Its name in files; in the environment `FOSSICK_` and the name in capitals, with `_` for dots.
    pub(crate) name: &'static str,
    /// Its value when nobody sets it.
    pub(crate) default: &'static str,
    /// Which values it takes.
    pub(crate) takes: Takes,
    /// What it does, in one sentence.
    pub(crate) about: &'static str,
    /// Whether its value is never shown.
    pub(crate) is_secret: bool,
}

/// Which values a setting takes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Takes {
    /// Any text, described.
    Text(&'static str),
    /// `true` or `false`.
    Truth,
    /// A whole number between these, both included.
    Number(u32, u32),
    /// Several of the same: a list in a file, parted by commas elsewhere.
    List(&'static str),
}

impl std::fmt::Display for Takes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(what) => f.write_str(what),
            Self::Truth => f.write_str("`true` or `false`"),
            Self::Number(least, most) => write!(f, "a whole number from {least} to {most}"),
            Self::List(what) => write!(f, "a list of {what}"),
        }
    }
}

impl Setting {
    /// The flag of a command that sets it.
    pub(crate) fn flag(&self) -> String {
        match self.name {
            "data_dir" | "listen" | "base_url" | "database" | "log" => format!("--{}", self.name.replace('_', "-")),
            other => format!("--set {other}=…"),
        }
    }
}

const fn setting(name: &'static str, default: &'static str, takes: Takes, about: &'static str) -> Setting {
    Setting {
        name,
        default,
        takes,
        about,
        is_secret: false,
    }
}

/// All of them, in the order in which they are shown.
pub(crate) const ALL: &[Setting] = &[
    setting(
        "data_dir",
        "data",
        Takes::Text("a folder"),
        "The folder that holds database, raw pages, keys and index.",
    ),
    setting(
        "listen",
        "127.0.0.1:3677",
        Takes::Text("an address and a port"),
        "The address and port that the server listens on.",
    ),
    setting(
        "base_url",
        "",
        Takes::Text("a URL"),
        "The address that people use, without a path, for links and cookies; the listening address when empty.",
    ),
    setting(
        "trusted_proxies",
        "",
        Takes::List("addresses or networks"),
        "Addresses whose X-Forwarded-… headers are believed.",
    ),
    Setting {
        name: "database",
        default: "",
        takes: Takes::Text("a URL that begins with `postgres://`"),
        about: "The URL of a PostgreSQL database; SQLite in the data folder when empty.",
        is_secret: true,
    },
    setting(
        "allowed_roots",
        "",
        Takes::List("folders"),
        "Folders below which members may add folder sources.",
    ),
    setting(
        "allow_private",
        "",
        Takes::List("hosts or networks"),
        "Private hosts or networks that sources may reach.",
    ),
    setting(
        "log",
        "info",
        Takes::Text("a filter"),
        "What is logged: `warn`, `info`, `debug`, or a filter such as `info,connector=debug`.",
    ),
    setting(
        "log_json",
        "false",
        Takes::Truth,
        "Whether logs are JSON, one object a line.",
    ),
    setting(
        "worker_name",
        "",
        Takes::Text("a name"),
        "What this process calls itself among the workers. On PostgreSQL, with a name that stays and that no other has, it takes up at once what it left when it died; without one, that waits half a minute, until its leases have run out.",
    ),
    setting(
        "extract_children",
        "2",
        Takes::Number(1, 64),
        "How many files are read at once, each in a process of its own.",
    ),
    setting(
        "fetch.pages_max",
        "100000",
        Takes::Number(1, 1_000_000_000),
        "How many pages one listing of a source may have; a longer one is taken for endless.",
    ),
    setting(
        "fetch.free_mib",
        "256",
        Takes::Number(0, 1_000_000_000),
        "How many MiB stay free on the disk of the data folder: below that nothing is fetched until there is space again.",
    ),
    setting(
        "queues.fetch.running",
        "16",
        Takes::Number(0, 1_000),
        "How many slices this process reads at once; 0 leaves that to other workers of a shared database.",
    ),
    setting(
        "queues.fetch.per_source",
        "4",
        Takes::Number(1, 1_000),
        "How many slices of one source are read at once, by all processes together.",
    ),
    setting(
        "queues.parse.running",
        "4",
        Takes::Number(0, 256),
        "How many pages this process parses at once; 0 leaves that to other workers of a shared database.",
    ),
    setting(
        "queues.parse.per_source",
        "4",
        Takes::Number(1, 256),
        "How many pages of one source are parsed at once, by all processes together.",
    ),
    setting(
        "retention.history_days",
        "7",
        Takes::Number(1, 36_500),
        "How many days finished tasks are kept.",
    ),
    setting(
        "retention.pages_days",
        "30",
        Takes::Number(1, 36_500),
        "How many days raw pages are kept that no live record needs.",
    ),
    setting(
        "retention.syncs_days",
        "90",
        Takes::Number(1, 36_500),
        "How many days syncs that have ended are kept; the newest of a source stays.",
    ),
    setting(
        "retention.log_days",
        "14",
        Takes::Number(1, 36_500),
        "How many days the lines of syncs and tasks are kept; of more than 200,000 lines the oldest go earlier.",
    ),
    setting(
        "open_metrics",
        "false",
        Takes::Truth,
        "Whether everyone who reaches the server may read `/metrics`; otherwise this machine, administrators and the operator.",
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
pub(crate) fn nearest_setting(name: &str) -> Option<&'static str> {
    // In the environment dots are written as `_`.
    nearest(name, ALL.iter().map(|setting| setting.name))
}

/// The one of `known` that was perhaps meant, upper and lower case and `.` and `_` being the same.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |name: &str| name.replace('.', "_").to_lowercase();
    let distance = |candidate: &str| edit_distance(&plain(name), &plain(candidate));
    let best = known.min_by_key(|candidate| distance(candidate))?;
    // Of a short name, three letters are all of it.
    (distance(best) <= 3.min(name.chars().count().div_ceil(2))).then_some(best)
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
