//! A place to run commands in, and how they end.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use serde_json::Value;
use testkit::TestDatabase;

use crate::support::binary;

/// A place with files and a data folder that is not there yet.
pub(crate) struct Place {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) data: PathBuf,
    /// PostgreSQL instead of SQLite.
    pub(crate) database: Option<TestDatabase>,
    /// Variables of the environment.
    settings: Vec<(&'static str, String)>,
    /// Whether commands run as a user without rights, from a binary that this user can reach.
    is_nobody: bool,
}

/// The user and group without rights.
const NOBODY: u32 = 65_534;

/// A server that is killed when the test is over.
pub(crate) struct Server {
    process: Child,
    /// Where it listens: `127.0.0.1:40123`.
    pub(super) address: String,
    /// Kept open: the server may say more.
    said: BufReader<ChildStdout>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ended {
    pub(crate) fn new(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout.clone()).unwrap(),
            err: String::from_utf8(output.stderr.clone()).unwrap(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Place {
    pub(crate) fn new() -> Self {
        Self::at(tempfile::tempdir().unwrap())
    }

    /// A place in this folder.
    pub(crate) fn at(dir: tempfile::TempDir) -> Self {
        let data = dir.path().join("data");
        std::fs::create_dir(dir.path().join("files")).unwrap();
        let place = Self {
            dir,
            data,
            database: None,
            settings: Vec::new(),
            is_nobody: false,
        };
        place.write("invoice.txt", "Invoice for twelve crates of apples");
        place.write(
            "harvest.md",
            "# Harvest plan\n\nThe walnut orchard is picked in October.\n",
        );
        place
    }

    /// Runs every command from now on without the rights of root, to whom every file can be read. False, and said, where
    /// that can't be done.
    pub(crate) fn drop_rights(&mut self) -> bool {
        if !is_root() {
            return true;
        }
        let can_drop = Command::new("setpriv").arg("--version").stdout(Stdio::null()).status();
        if !can_drop.is_ok_and(|status| status.success()) {
            testkit::skip("root reads everything, and there is no `setpriv` to be somebody else");
            return false;
        }
        let own = self.path("fossick");
        if std::fs::hard_link(binary(), &own).is_err() {
            std::fs::copy(binary(), &own).unwrap();
        }
        for path in [self.dir.path().to_owned(), self.path("files")]
            .into_iter()
            .chain(files_below(&self.path("files")))
        {
            std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        self.is_nobody = true;
        true
    }

    /// Sets a variable of the environment for every command from now on.
    pub(crate) fn set(&mut self, name: &'static str, value: &str) {
        self.settings.push((name, value.to_owned()));
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path("files").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn command(&self, line: &[&str]) -> Command {
        let mut command = if self.is_nobody {
            let mut command = Command::new("setpriv");
            let user = [
                format!("--reuid={NOBODY}"),
                format!("--regid={NOBODY}"),
                "--clear-groups".to_owned(),
            ];
            command.args(user).arg(self.path("fossick"));
            command
        } else {
            Command::new(binary())
        };
        command
            .args(line)
            .arg("--data-dir")
            .arg(&self.data)
            .current_dir(self.dir.path())
            .env_remove("FOSSICK_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        if let Some(database) = &self.database {
            command.env("FOSSICK_DATABASE", database.url());
        }
        command
    }

    pub(crate) fn run(&self, line: &[&str]) -> Ended {
        Ended::new(&self.command(line).output().unwrap())
    }

    pub(crate) fn done(&self, line: &[&str]) -> Ended {
        let ended = self.run(line);
        assert_eq!(ended.code, 0, "{line:?}: {ended:?}");
        ended
    }

    pub(crate) fn add(&self) -> Ended {
        self.done(&[
            "source", "add", "folder", "files", "--name", "Team", "--share", "everyone", "--sync",
        ])
    }

    pub(crate) fn titles(&self, query: &str) -> Vec<String> {
        let result = self.done(&["search", "--json", query]).json();
        let hits = result["hits"].as_array().unwrap();
        hits.iter()
            .map(|hit| hit["title"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Starts a server and waits until it says where it is, which it does once it answers.
    pub(crate) fn serve(&self) -> Server {
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0"]);
        let log = std::fs::File::create(self.path("log")).unwrap();
        let mut process = command.stderr(log).spawn().unwrap();
        let said = BufReader::new(process.stdout.take().unwrap());
        let mut server = Server {
            process,
            address: String::new(),
            said,
        };
        let mut line = String::new();
        while !line.contains("http://") {
            line.clear();
            assert_ne!(server.said.read_line(&mut line).unwrap(), 0, "the server ended");
        }
        let (_, address) = line.split_once("http://").unwrap();
        let end = address
            .find(|c: char| c.is_whitespace() || c == '/')
            .unwrap_or(address.len());
        address[..end].clone_into(&mut server.address);
        server
    }
}

/// Whether this process has the rights of root.
pub(crate) fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|about| about.uid() == 0)
}

/// Every file below a folder.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            files.extend(files_below(&entry.path()));
        } else if entry.file_type().unwrap().is_file() {
            files.push(entry.path());
        }
    }
    files
}
