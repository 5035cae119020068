//! A running server over 100,000 documents: queries through HTTP as a browser sends them, start, memory at rest, size.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use model::Document;
use serde_json::json;

use crate::documents::{asker, documents};
use crate::gauge::{Memory, instant, pause, percentile, real, rested_cpu_s, threads_cpu_s, tree_cpu_s};
use crate::installation::make;
use crate::queries::{Kind, queries};
use crate::report::{Aim, Report};
use crate::server::{Request, Server};
use crate::texts::Texts;
use crate::{Bench, fresh_folder};

const STARTS: usize = 5;
const REST: Duration = Duration::from_secs(10);

/// Measures and reports.
pub(crate) fn run(bench: &Bench, report: &mut Report) -> Result<()> {
    let Some(program) = &bench.fossick else {
        report.skip("no binary of Fossick was named");
        return Ok(());
    };
    let texts = Texts::load(&bench.work)?;
    let documents = documents(&texts, bench.scale(100_000, 2_000));
    let folder = fresh_folder(&bench.work.join("serve"))?;
    let dir = folder.join("data");
    let started = instant();
    let token = make(&dir, &documents)?;
    report.note(format!(
        "{} documents (corpus {}), landed in the store in {:.1} s; the asker holds 200 principals",
        documents.len(),
        texts.hash,
        instant().duration_since(started).as_secs_f64()
    ));
    let mut server = Server::start(program, &dir)?;
    let key = search_key(&mut server, &token)?;
    index(report, &server, &key, &documents)?;
    through_http(report, bench, &server, &key, &documents)?;
    server.stop()?;
    starts(report, program, &dir, &key)?;
    at_rest(report, program, &dir, &key, "with these documents")?;
    let empty = folder.join("empty");
    let fresh = Server::start(program, &empty).and_then(|mut server| {
        server.first_answer(&HEALTH)?;
        rest(report, &server, "with an empty folder")?;
        server.stop()
    });
    fresh.context("a server over an empty folder")?;
    report.group("the binary");
    let bytes = std::fs::metadata(program)?.len();
    report.figure("size", real(bytes) / f64::from(1 << 20), "MiB", Aim::None);
    std::fs::remove_dir_all(folder)?;
    Ok(())
}

const HEALTH: Request<'static> = Request {
    method: "GET",
    path: "/healthz",
    headers: "",
    body: "",
};

/// The headers that a search client sends.
fn search_key(server: &mut Server, token: &str) -> Result<String> {
    server.first_answer(&HEALTH)?;
    let headers = format!("authorization: Bearer {token}\r\n");
    let request = Request {
        method: "GET",
        path: "/api/v1/search-key",
        headers: &headers,
        body: "",
    };
    let (status, answer) = server.connect()?.ask(&request)?;
    let text = |name: &str| answer[name].as_str().map(str::to_owned);
    let (Some(application), Some(key)) = (text("application_id"), text("key")) else {
        bail!("no search key, but status {status}: {answer}");
    };
    Ok(format!(
        "content-type: application/json\r\nx-algolia-application-id: {application}\r\nx-algolia-api-key: {key}\r\n"
    ))
}

fn body(text: &str) -> String {
    json!({ "requests": [{
        "indexName": "fossick",
        "query": text,
        "hitsPerPage": 20,
        "facets": ["source", "kind", "people"],
        "attributesToHighlight": ["title", "path", "people"],
        "attributesToSnippet": ["body:30"],
    }] })
    .to_string()
}

fn search<'r>(headers: &'r str, body: &'r str) -> Request<'r> {
    Request {
        method: "POST",
        path: "/1/indexes/*/queries",
        headers,
        body,
    }
}

/// Waits until everything that the asker may see is found.
fn index(report: &mut Report, server: &Server, key: &str, documents: &[Document]) -> Result<()> {
    let asker = asker(0);
    let visible = documents
        .iter()
        .filter(|document| asker.may_see(document.source, &document.acl))
        .count();
    let started = instant();
    let everything = body("");
    loop {
        let (status, answer) = server.connect()?.ask(&search(key, &everything))?;
        let found = answer["results"][0]["nbHits"].as_u64();
        match found {
            Some(found) if found == visible as u64 => break,
            Some(found) if found > visible as u64 => bail!("{found} are found, but the asker may see {visible}"),
            Some(_) if instant().duration_since(started) < Duration::from_mins(4) => pause(Duration::from_millis(50)),
            _ => bail!("status {status}, and {found:?} of {visible} documents are found: {answer}"),
        }
    }
    report.group("index built from the store by a starting server");
    let seconds = instant().duration_since(started).as_secs_f64();
    report.figure("until all is found", seconds, "s", Aim::None);
    report.figure(
        "documents per second, wall",
        real(documents.len()) / seconds,
        "/s",
        Aim::None,
    );
    Ok(())
}

fn through_http(report: &mut Report, bench: &Bench, server: &Server, key: &str, documents: &[Document]) -> Result<()> {
    let mut connection = server.connect()?;
    for kind in Kind::ALL {
        let count = bench.scale(400, 40);
        let texts = queries(kind, documents, count);
        let (cpu_s, mut walls, mut bytes) = (tree_cpu_s(server.pid())?, Vec::new(), 0);
        for text in &texts {
            let body = body(text);
            let started = instant();
            let (status, answer) = connection.ask_bytes(&search(key, &body))?;
            walls.push(instant().duration_since(started).as_secs_f64() * 1e3);
            bytes += answer.len();
            if status != 200 {
                bail!("status {status}: {}", String::from_utf8_lossy(&answer));
            }
        }
        let each_ms = (tree_cpu_s(server.pid())? - cpu_s) * 1e3 / real(count);
        report.group(format!(
            "through HTTP: {} ({count} searches, one after the other)",
            kind.name()
        ));
        report.figure("wall p50", percentile(&mut walls, 0.5), "ms", Aim::None);
        report.figure("wall p95", percentile(&mut walls, 0.95), "ms", Aim::AtMost(15.0));
        report.figure("CPU of the server, mean", each_ms, "ms", Aim::None);
        report.figure("answer, mean", real(bytes) / real(count) / 1024.0, "KiB", Aim::None);
    }
    Ok(())
}

/// From starting the process to the first search that is answered.
fn starts(report: &mut Report, program: &Path, dir: &Path, key: &str) -> Result<()> {
    let body = body("data");
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let started = instant();
        let mut server = Server::start(program, dir)?;
        server.first_answer(&search(key, &body))?;
        times.push(instant().duration_since(started).as_secs_f64());
        server.stop()?;
    }
    report.group(format!("start with these documents ({STARTS} times)"));
    report.figure(
        "to the first search answered, p50",
        percentile(&mut times, 0.5),
        "s",
        Aim::AtMost(0.3),
    );
    report.figure(
        "to the first search answered, longest",
        percentile(&mut times, 1.0),
        "s",
        Aim::None,
    );
    Ok(())
}

fn at_rest(report: &mut Report, program: &Path, dir: &Path, key: &str, what: &str) -> Result<()> {
    let mut server = Server::start(program, dir)?;
    server.first_answer(&search(key, &body("data")))?;
    rest(report, &server, what)?;
    let mut connection = server.connect()?;
    for text in ["package", "lib", "library dev", "game", "python mod"] {
        connection.ask_bytes(&search(key, &body(text)))?;
    }
    pause(Duration::from_secs(2));
    let memory = Memory::of(&server.pid().to_string())?;
    report.figure(
        "anonymous memory after a few searches",
        memory.anonymous_mib,
        "MiB",
        Aim::None,
    );
    server.stop()
}

fn rest(report: &mut Report, server: &Server, what: &str) -> Result<()> {
    // Threads that have nothing to do end after ten seconds.
    pause(Duration::from_secs(12));
    let before = threads_cpu_s(server.pid())?;
    pause(REST);
    let share = rested_cpu_s(server.pid(), &before)? / REST.as_secs_f64() * 100.0;
    let memory = Memory::of(&server.pid().to_string())?;
    report.group(format!("a server at rest, {what}"));
    report.figure("anonymous memory", memory.anonymous_mib, "MiB", Aim::AtMost(50.0));
    report.figure(
        "resident memory, mapped files included",
        memory.resident_mib,
        "MiB",
        Aim::None,
    );
    report.figure("CPU of one core", share, "%", Aim::AtMost(0.1));
    Ok(())
}
