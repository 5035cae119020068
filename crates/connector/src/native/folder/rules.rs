//! Which files below the folder are taken: the configured patterns and what is left out by default.
//!
//! A pattern without `/` matches a name at any depth; one with `/` matches the path from the folder's root. `*` and
//! `?` stay within one name, `**` crosses folders, and a pattern that names a folder means everything below it.

use std::path::Path;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::config::FolderConfig;
use super::open::{Links, open_regular};
use crate::Error;

/// Version control, and folders that tools fill again whenever they like.
const FOLDERS: [&str; 19] = [
    ".git",
    ".hg",
    ".svn",
    ".bzr",
    ".jj",
    "_darcs",
    "CVS", // version control
    "node_modules",
    "bower_components",
    "__pycache__",
    ".venv",
    ".tox",
    ".gradle", // fetched or compiled
    "$RECYCLE.BIN",
    "System Volume Information",
    ".Trash",
    "lost+found",
    ".snapshot",
    ".zfs", // the system's own
];

/// Folders and files that usually hold credentials. The case of letters does not matter.
const CREDENTIALS: [&str; 47] = [
    // folders
    ".ssh",
    ".gnupg",
    ".aws",
    ".azure",
    ".kube",
    ".docker",
    ".password-store",
    ".gcloud",
    "**/.config/gcloud",
    "**/.config/gh",
    "**/.config/op",
    "keychains",
    // keys and certificates
    "id_rsa*",
    "id_dsa*",
    "id_ecdsa*",
    "id_ed25519*",
    "*.pem",
    "*.key",
    "*.ppk",
    "*.p12",
    "*.pfx",
    "*.jks",
    "*.keystore",
    "*.kdb",
    "*.kdbx",
    "*.asc.key",
    "*.gpg",
    "*.age",
    "*.ovpn",
    "*.keytab",
    "*.agekey",
    // passwords and tokens
    ".env",
    ".env.*",
    "*.env",
    ".netrc",
    "_netrc",
    ".pgpass",
    ".my.cnf",
    ".npmrc",
    ".pypirc",
    ".git-credentials",
    ".htpasswd",
    ".vault-token",
    "credentials.json",
    "client_secret*.json",
    "*.tfstate",
    "*.tfstate.backup",
];

/// What programs leave behind and nobody looks for. The case of letters does not matter.
const LEFTOVERS: [&str; 5] = ["thumbs.db", "desktop.ini", "~$*", ".~lock.*", "*.crdownload"];

/// A folder with this file in it, beginning with this line, says of itself that it is a cache: Cargo's `target`, for
/// one. See <https://bford.info/cachedir/>.
const CACHE_TAG: (&str, &[u8]) = ("CACHEDIR.TAG", b"Signature: 8a477f597d28d172789f06886806bc55");

/// The compiled rules.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    include: Option<GlobSet>,
    exclude: GlobSet,
    hidden: bool,
    default_excludes: bool,
}

impl Rules {
    /// Compiles the patterns of a configuration. The error names the pattern.
    pub(super) fn new(config: &FolderConfig) -> Result<Self, Error> {
        let mut exclude = GlobSetBuilder::new();
        for (place, pattern) in config.exclude.iter().enumerate() {
            add(&mut exclude, pattern, false).map_err(|why| wrong("exclude", place, pattern, &why))?;
        }
        if config.default_excludes {
            for pattern in FOLDERS {
                add(&mut exclude, &globset::escape(pattern), false)
                    .map_err(|why| wrong("default", 0, pattern, &why))?;
            }
            for pattern in CREDENTIALS.iter().chain(&LEFTOVERS) {
                add(&mut exclude, pattern, true).map_err(|why| wrong("default", 0, pattern, &why))?;
            }
        }
        let mut include = GlobSetBuilder::new();
        for (place, pattern) in config.include.iter().enumerate() {
            add(&mut include, pattern, false).map_err(|why| wrong("include", place, pattern, &why))?;
        }
        let built = |set: GlobSetBuilder| {
            set.build()
                .map_err(|error| Error::FixConfiguration(format!("the patterns can't be used together: {error}")))
        };
        Ok(Self {
            include: if config.include.is_empty() {
                None
            } else {
                Some(built(include)?)
            },
            exclude: built(exclude)?,
            hidden: config.hidden,
            default_excludes: config.default_excludes,
        })
    }

    /// Whether a folder is entered. `relative` is its path below the root, `folder` the whole of it.
    pub(super) fn enters(&self, relative: &Path, folder: &Path) -> bool {
        self.passes(relative) && !(self.default_excludes && is_cache(folder))
    }

    /// Whether a file is taken, when all folders above it are entered.
    pub(super) fn takes(&self, relative: &Path) -> bool {
        self.passes(relative)
            && self
                .include
                .as_ref()
                .is_none_or(|include| relative.ancestors().any(|above| include.is_match(above)))
    }

    /// The same for a path that may not exist any more: neither it nor a folder above it is left out by name.
    pub(super) fn may_hold(&self, relative: &Path) -> bool {
        relative
            .ancestors()
            .filter(|above| !above.as_os_str().is_empty())
            .all(|above| self.passes(above))
    }

    fn passes(&self, relative: &Path) -> bool {
        let is_hidden = relative
            .file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        (self.hidden || !is_hidden) && !self.exclude.is_match(relative)
    }
}

/// Adds a pattern and, where it could name a folder, what is below that.
fn add(set: &mut GlobSetBuilder, pattern: &str, any_case: bool) -> Result<(), String> {
    let anchored = pattern.trim_end_matches('/');
    if anchored.is_empty() {
        return Err("it names nothing".to_owned());
    }
    if anchored.split('/').any(|name| name == "..") {
        return Err("it leads out of the folder".to_owned());
    }
    let whole = match anchored.strip_prefix('/') {
        Some(from_root) => from_root.to_owned(),
        None if anchored.contains('/') => anchored.to_owned(),
        None => format!("**/{anchored}"),
    };
    for text in [whole.clone(), format!("{whole}/**")] {
        let glob = GlobBuilder::new(&text)
            .literal_separator(true)
            .case_insensitive(any_case)
            .build()
            .map_err(|error| error.kind().to_string())?;
        set.add(glob);
    }
    Ok(())
}

fn is_cache(folder: &Path) -> bool {
    use std::io::Read;
    let (name, signature) = CACHE_TAG;
    let Ok(Some((mut file, _))) = open_regular(&folder.join(name), Links::Refuse) else {
        return false;
    };
    let mut beginning = vec![0; signature.len()];
    file.read_exact(&mut beginning).is_ok() && beginning == signature
}

fn wrong(key: &str, place: usize, pattern: &str, why: &str) -> Error {
    Error::FixConfiguration(format!(
        "`{key}[{place}]`: the pattern `{pattern}` is not valid: {why}; patterns look like `*.pdf`, `reports/**` or `archive/`"
    ))
}

#[cfg(test)]
mod tests;
