//! A recorded result as a page that people read.

use std::fmt::Write;

use serde_json::Value;

/// The result as Markdown: where and how, then one table for each group of figures.
pub(super) fn markdown(result: &Value) -> String {
    let mut page = String::new();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let machine = &result["machine"];
    let mut line = |text: String| {
        // Writing to a text can't fail.
        writeln!(page, "{text}").ok();
    };
    line(format!("# `{}`\n", text(&result["name"])));
    line("Written by the command below; do not edit.\n".to_owned());
    line(format!("* command: `{}`", text(&result["command"])));
    let changed = if result["has_uncommitted_changes"] == true {
        ", with uncommitted changes"
    } else {
        ""
    };
    line(format!("* commit: {}{changed}", text(&result["commit"])));
    line(format!("* measured at: {}", text(&result["measured_at"])));
    line(format!(
        "* machine: {}, {} processors, {} memory, Linux {}, {}",
        text(&machine["processor"]),
        machine["processors"],
        text(&machine["memory"]),
        text(&machine["kernel"]),
        text(&machine["compiler"])
    ));
    line(format!(
        "* load before and after: {} and {} (idle machine and this benchmark alone: at most 2)",
        text(&result["load_before"]),
        text(&machine["load_after"])
    ));
    for note in list(&result["notes"]) {
        line(format!("* {}", text(note)));
    }
    for skipped in list(&result["skipped"]) {
        line(format!("* **skipped:** {}", text(skipped)));
    }
    let mut group = String::new();
    for figure in list(&result["figures"]) {
        let this = text(&figure["group"]);
        if this != group {
            line(format!("\n## {this}\n\n| | | aim | |\n| --- | ---: | --- | --- |"));
            group = this;
        }
        let verdict = match figure["is_met"].as_bool() {
            Some(true) => "met",
            Some(false) => "**missed**",
            None => "",
        };
        let aim = figure["aim"].as_str().unwrap_or_default();
        line(format!(
            "| {} | {} {} | {aim} | {verdict} |",
            text(&figure["name"]),
            figure["value"],
            text(&figure["unit"])
        ));
    }
    page
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::markdown;

    #[test]
    fn a_missed_aim_stands_out() {
        let figure = |value: f64, is_met: bool| json!({ "group": "tasks", "name": "rate", "value": value, "unit": "/s", "aim": "≥ 2", "is_met": is_met });
        let page = markdown(&json!({
            "name": "queue",
            "figures": [figure(3.5, true), figure(1.0, false)],
            "skipped": ["nobody was there"],
        }));
        assert!(page.contains("## tasks\n"), "{page}");
        assert!(page.contains("| rate | 3.5 /s | ≥ 2 | met |"), "{page}");
        assert!(page.contains("| rate | 1.0 /s | ≥ 2 | **missed** |"), "{page}");
        assert!(page.contains("**skipped:** nobody was there"), "{page}");
        assert_eq!(page.matches("## ").count(), 1, "one heading for a group");
    }
}
