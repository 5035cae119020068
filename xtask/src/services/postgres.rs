//! A PostgreSQL server for the tests and benchmarks: the operating system's program, our data folder, loopback only.
//!
//! It is durable (`fsync`, synchronous commits), because crash tests and figures would mean nothing otherwise. The
//! one role that may connect, `fossick`, may make databases but is no superuser; there is no password, and nothing
//! but 127.0.0.1 is listened on. `services/postgres.url` says where it is while it runs.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::user::ServiceUser;
use crate::{programs, say};

/// The role and the first database that tests use. Tests make further databases of their own.
const ROLE: &str = "fossick";
const DATABASE: &str = "fossick_test";

/// Where the search for a free port starts: below the ports that the system hands out by itself.
const FIRST_PORT: u16 = 15_432;

/// On top of what `initdb` writes. A socket file is left out: its path may be too long, and nobody needs it.
const SETTINGS: &str = "
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
fsync = on
synchronous_commit = on
full_page_writes = on
timezone = 'UTC'
";

/// Makes an authority and a certificate for `localhost` in the folder `$1`.
const MAKE_CERTIFICATES: &str = r#"
umask 077
cd "$1"
key="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
openssl req -x509 $key -days 3650 -subj "/CN=Fossick's tests" -keyout ca.key -out ca.pem
openssl req $key -subj "/CN=localhost" -keyout server.key -out server.csr
printf 'subjectAltName = DNS:localhost\n' > server.ext
openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650 -extfile server.ext -out made.pem
mv made.pem server.pem
"#;

/// Starts the server unless it runs, making its data folder the first time. Answers with its URL.
pub(crate) fn start(root: &Path) -> Result<String> {
    let _only_one = lock(root)?;
    let server = Server::find(root)?;
    server.prepare()?;
    if !server.is_running()? {
        server.launch()?;
    }
    let url = server.url()?;
    programs::output(server.program("psql").arg(&url).args(["-Atqc", "select 1"]))
        .context("the server runs but does not let the tests in: stop it, remove its folder, start again")?;
    fs::write(url_file(root), format!("{url}\n"))?;
    if let Some(authority) = server.authority() {
        fs::write(authority_file(root), authority)?;
    }
    say::line(&format!("postgres: {url}"));
    Ok(url)
}

/// Stops the server, if it runs.
pub(crate) fn stop(root: &Path) -> Result<()> {
    let _only_one = lock(root)?;
    let Ok(server) = Server::find(root) else {
        say::line("postgres: not installed");
        return Ok(());
    };
    if server.is_initialised() && server.is_running()? {
        programs::output(server.pg_ctl().args(["-m", "fast", "-w", "-t", "60", "stop"]))?;
        say::line("postgres: stopped");
    } else {
        say::line("postgres: was not running");
    }
    fs::remove_file(url_file(root)).ok();
    Ok(())
}

/// Says whether the server runs, and where.
pub(crate) fn status(root: &Path) -> Result<()> {
    let running = match Server::find(root) {
        Ok(server) if server.is_initialised() && server.is_running()? => server.url()?,
        Ok(_) => "stopped".to_owned(),
        Err(why) => format!("{why:#}"),
    };
    say::line(&format!("postgres: {running}"));
    Ok(())
}

/// The folder of the newest PostgreSQL server programs on this machine.
pub(crate) fn find_programs() -> Option<PathBuf> {
    let on_path = programs::find("pg_ctl").and_then(|file| Some(file.parent()?.to_path_buf()));
    // Debian keeps the server's programs off the path, one folder per major version; so do others.
    let mut versions: Vec<(u32, PathBuf)> = ["/usr/lib/postgresql", "/usr/local/pgsql", "/usr/pgsql"]
        .iter()
        .filter_map(|place| fs::read_dir(place).ok())
        .flatten()
        .filter_map(|entry| {
            let folder = entry.ok()?;
            let major = folder.file_name().to_str()?.parse().ok()?;
            Some((major, folder.path().join("bin")))
        })
        .filter(|(_, bin)| programs::is_executable(&bin.join("initdb")))
        .collect();
    versions.sort();
    versions.pop().map(|(_, bin)| bin).or(on_path)
}

struct Server {
    /// Where `initdb`, `pg_ctl`, `postgres` and `psql` are.
    bin: PathBuf,
    /// As whom it runs.
    user: ServiceUser,
    /// Its folder, the user's own: `data/` and `log`.
    home: PathBuf,
}

impl Server {
    fn find(root: &Path) -> Result<Self> {
        let bin = find_programs().context("PostgreSQL is not installed: `cargo xtask setup test` helps")?;
        let user = ServiceUser::choose(&["postgres", "nobody"])?;
        let services = services_folder(root)?;
        let home = if user.can_enter(&services) {
            services.join("postgres")
        } else {
            let home = fallback_folder(root);
            fs::write(services.join("postgres.folder"), format!("{}\n", home.display()))?;
            home
        };
        Ok(Self { bin, user, home })
    }

    fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    fn log(&self) -> PathBuf {
        self.home.join("log")
    }

    fn program(&self, name: &str) -> Command {
        self.user.command(&self.bin.join(name))
    }

    fn pg_ctl(&self) -> Command {
        let mut command = self.program("pg_ctl");
        command.arg("-D").arg(self.data());
        command
    }

    fn is_initialised(&self) -> bool {
        self.data().join("PG_VERSION").exists()
    }

    /// Makes the data folder, whole or not at all. One of another major version is test data only, and made anew.
    fn prepare(&self) -> Result<()> {
        self.user.make_folder(&self.home)?;
        if self.is_initialised() {
            let theirs = fs::read_to_string(self.data().join("PG_VERSION"))?;
            let ours = programs::output(self.program("initdb").arg("--version"))?;
            if major_version(&ours) == Some(theirs.trim()) {
                return Ok(());
            }
            say::note(&format!(
                "postgres: the data folder is of version {}, made anew",
                theirs.trim()
            ));
        }
        let (old, new) = (self.data(), self.home.join("data.new"));
        programs::output(self.user.command(Path::new("/bin/rm")).arg("-rf").args([&old, &new]))?;
        programs::output(self.program("initdb").arg("-D").arg(&new).args([
            "-U",
            "postgres",
            "-A",
            "reject",
            "-E",
            "UTF8",
            "--locale=C",
        ]))?;
        self.append(&new.join("postgresql.conf"), SETTINGS)?;
        self.replace(
            &new.join("pg_hba.conf"),
            &format!("host all {ROLE} 127.0.0.1/32 trust\n"),
        )?;
        // The single-user mode needs no connection, so no superuser has to be let in over the network, ever.
        self.feed(
            self.program("postgres").args(["--single", "-D"]).arg(&new).arg("postgres"),
            &format!(
                "create role {ROLE} login createdb\ngrant pg_monitor to {ROLE}\ncreate database {DATABASE} owner {ROLE}\n"
            ),
        )?;
        programs::output(self.user.command(Path::new("/bin/mv")).args([&new, &old]))?;
        Ok(())
    }

    fn is_running(&self) -> Result<bool> {
        let status = self
            .pg_ctl()
            .arg("status")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .context("could not start `pg_ctl`")?;
        Ok(status.success())
    }

    fn launch(&self) -> Result<()> {
        let port = free_port(FIRST_PORT).context("no port is free for PostgreSQL")?;
        // `output` would wait for the server itself, which inherits the pipes.
        let status = self
            .pg_ctl()
            .arg("-l")
            .arg(self.log())
            .args(["-w", "-t", "60", "-o"])
            .arg(format!("-p {port}{}", self.tls()?))
            .arg("start")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .context("could not start `pg_ctl`")?;
        if !status.success() {
            bail!("PostgreSQL did not start; its log ends with\n{}", tail(&self.log(), 20));
        }
        Ok(())
    }

    /// Options that switch TLS on, with a certificate for `localhost` and an authority of its own, made the first time;
    /// none where openssl is missing.
    fn tls(&self) -> Result<String> {
        if programs::find("openssl").is_none() {
            say::note("openssl is missing: PostgreSQL runs without TLS, and the tests of TLS are skipped");
            return Ok(String::new());
        }
        let folder = self.home.join("tls");
        if !folder.join("server.pem").exists() {
            self.user.make_folder(&folder)?;
            let mut command = self.user.command(Path::new("/bin/sh"));
            programs::output(command.args(["-euc", MAKE_CERTIFICATES, "sh"]).arg(&folder))?;
        }
        let file = |name: &str| folder.join(name).display().to_string();
        Ok(format!(
            " -c ssl=on -c ssl_cert_file={} -c ssl_key_file={}",
            file("server.pem"),
            file("server.key")
        ))
    }

    /// The certificate of the authority that signed the server's.
    fn authority(&self) -> Option<String> {
        fs::read_to_string(self.home.join("tls/ca.pem")).ok()
    }

    /// Where the running server is: the fourth line of its pid file is its port.
    fn url(&self) -> Result<String> {
        let pid_file = self.data().join("postmaster.pid");
        let text = fs::read_to_string(&pid_file).with_context(|| format!("could not read `{}`", pid_file.display()))?;
        let port: u16 = text
            .lines()
            .nth(3)
            .and_then(|line| line.trim().parse().ok())
            .with_context(|| format!("`{}` names no port", pid_file.display()))?;
        Ok(format!("postgres://{ROLE}@127.0.0.1:{port}/{DATABASE}"))
    }

    fn append(&self, file: &Path, text: &str) -> Result<()> {
        let mut command = self.user.command(Path::new("/bin/sh"));
        self.feed(command.args(["-c", "cat >> \"$1\"", "sh"]).arg(file), text)
    }

    fn replace(&self, file: &Path, text: &str) -> Result<()> {
        let mut command = self.user.command(Path::new("/bin/sh"));
        self.feed(command.args(["-c", "cat > \"$1\"", "sh"]).arg(file), text)
    }

    fn feed(&self, command: &mut Command, text: &str) -> Result<()> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("could not write below `{}`", self.home.display()))?;
        let mut stdin = child.stdin.take().context("a piped input")?;
        stdin.write_all(text.as_bytes())?;
        drop(stdin);
        let output = child.wait_with_output()?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            bail!("could not prepare PostgreSQL below `{}`: {said}", self.home.display());
        }
        Ok(())
    }
}

fn services_folder(root: &Path) -> Result<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let folder = root.join("services");
    fs::create_dir_all(&folder)?;
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755))?;
    Ok(folder)
}

/// For a repository below a folder that the service's user may not enter, such as root's home.
fn fallback_folder(root: &Path) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    root.hash(&mut hasher);
    PathBuf::from(format!("/var/tmp/fossick-services-{:016x}", hasher.finish()))
}

/// Where the certificate of the server's authority is, for tests of TLS.
pub(crate) fn authority_file(root: &Path) -> PathBuf {
    root.join("services/postgres.ca.pem")
}

fn url_file(root: &Path) -> PathBuf {
    root.join("services/postgres.url")
}

/// Two chores at once would both make the data folder. The lock ends with the returned file.
fn lock(root: &Path) -> Result<File> {
    let file = File::create(services_folder(root)?.join(".lock"))?;
    file.lock().context("could not lock the services folder")?;
    Ok(file)
}

fn free_port(first: u16) -> Option<u16> {
    (first..first + 200).find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
}

/// `15` of `initdb (PostgreSQL) 15.14 (Debian …)`.
fn major_version(answer: &str) -> Option<&str> {
    let version = answer.split_whitespace().nth(2)?;
    version.split(|c: char| !c.is_ascii_digit()).next()
}

fn tail(file: &Path, lines: usize) -> String {
    let text = fs::read(file).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let text = text.unwrap_or_else(|error| format!("(unreadable: {error})"));
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

#[cfg(test)]
mod tests;
