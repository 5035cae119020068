//! What a server and its work tell of themselves: lines of the log, figures.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::place::{Ended, Place};

#[test]
fn what_a_sync_and_its_tasks_said_is_read_afterwards() {
    let place = Place::new();
    place.write("broken.pdf", "%PDF-1.4 this is none");
    place.add();
    let log = place.done(&["source", "log", "Team"]).out;
    let begins = log.find("full sync begins").unwrap_or_else(|| panic!("{log}"));
    let ends = log
        .find("full sync completed: 1 pages, 3 records seen")
        .unwrap_or_else(|| panic!("{log}"));
    assert!(
        begins < ends && log.contains("warn  sync 1: page `1` of stream `files`"),
        "{log}"
    );
    let lines = place
        .done(&["source", "log", "Team", "--level", "warn", "--json"])
        .json();
    assert_eq!(lines["items"].as_array().map(Vec::len), Some(1), "{lines}");
    let task = place.done(&["task", "list", "--json"]).json()["items"][0]["id"].to_string();
    assert!(place.done(&["task", "show", &task, "--json"]).json()["log"].is_array());
    assert_eq!(place.run(&["source", "log", "nope"]).code, 3);
}

#[test]
fn figures_are_read_by_a_parser_that_is_not_ours() {
    let place = Place::new();
    let server = place.serve();
    place.add();
    let get = |path: &str| {
        let mut stream = std::net::TcpStream::connect(&server.address).unwrap();
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n",
            server.address
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        std::io::Read::read_to_string(&mut stream, &mut answer).unwrap();
        answer
    };
    get("/api/v1/session");
    let answer = get("/metrics");
    let (head, text) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    for part in [
        "fossick_http_requests_total{method=\"GET\",route=\"/api/v1/session\",status=\"200\"} 1\n",
        "fossick_http_request_duration_seconds_bucket{method=\"GET\",route=\"/api/v1/session\",le=\"0.015\"}",
        "fossick_task_attempts_total{kind=\"plan_sync\",outcome=\"completed\"} 1\n",
        "fossick_sync_records_total{what=\"seen\"} 2\n",
        "fossick_index_documents 2\n",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let python = "import sys\nfrom prometheus_client.parser import text_string_to_metric_families as read\n\
        names = [family.name for family in read(sys.stdin.read())]\n\
        assert len(names) == len(set(names)) > 10, names\n";
    let parsers: [(&str, &[&str]); 2] = [("promtool", &["check", "metrics"]), ("python3", &["-c", python])];
    let mut has_parsed = false;
    for (program, arguments) in parsers {
        let has_it = Command::new(program)
            .args(if program == "python3" {
                &["-c", "import prometheus_client"][..]
            } else {
                &["--version"]
            })
            .output()
            .is_ok_and(|output| output.status.success());
        if has_it {
            let mut parser = Command::new(program)
                .args(arguments)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            // A body in chunks has their sizes between its lines.
            let plain: Vec<&str> = text.lines().filter(|line| line.contains(' ')).collect();
            let text = plain.join("\n") + "\n";
            parser.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
            let ended = Ended::new(&parser.wait_with_output().unwrap());
            assert_eq!(ended.code, 0, "{program}: {ended:?}");
            has_parsed = true;
        }
    }
    if !has_parsed {
        testkit::skip("neither promtool nor Python's prometheus_client is here to read the figures");
    }
}
