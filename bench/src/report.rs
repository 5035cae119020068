//! What a run found: figures with their aims, notes, and what was left out and why.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;

use crate::say;

/// What a figure should be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Aim {
    AtLeast(f64),
    AtMost(f64),
    /// Measured, and nothing was promised.
    None,
}

/// One measured figure.
#[derive(Debug, Serialize)]
struct Figure {
    group: String,
    name: String,
    value: f64,
    unit: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    aim: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_met: Option<bool>,
}

/// Everything that one benchmark found.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    name: String,
    is_small: bool,
    load_before: String,
    figures: Vec<Figure>,
    notes: Vec<String>,
    skipped: Vec<String>,
    #[serde(skip)]
    group: String,
}

impl Report {
    pub(crate) fn new(name: &str, is_small: bool) -> Self {
        let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        Self {
            name: name.to_owned(),
            is_small,
            load_before: load.split_whitespace().next().unwrap_or("unknown").to_owned(),
            figures: Vec::new(),
            notes: Vec::new(),
            skipped: Vec::new(),
            group: String::new(),
        }
    }

    /// What the figures that follow are about.
    pub(crate) fn group(&mut self, name: impl Into<String>) {
        self.group = name.into();
        say::line(&format!("── {}: {}", self.name, self.group));
    }

    /// A figure, `unit` after it.
    pub(crate) fn figure(&mut self, name: impl Into<String>, value: f64, unit: &'static str, aim: Aim) {
        let (text, is_met) = match aim {
            Aim::AtLeast(least) => (Some(format!("≥ {least}")), Some(value >= least)),
            Aim::AtMost(most) => (Some(format!("≤ {most}")), Some(value <= most)),
            Aim::None => (None, None),
        };
        let name = name.into();
        let verdict = match (&text, is_met) {
            (Some(text), Some(true)) => format!("  (aim {text}: met)"),
            (Some(text), _) => format!("  (aim {text}: MISSED)"),
            _ => String::new(),
        };
        say::line(&format!("   {name:<52} {value:>12.3} {unit}{verdict}"));
        let digits = if value.abs() < 10.0 { 1e4 } else { 1e2 };
        self.figures.push(Figure {
            group: self.group.clone(),
            name,
            value: (value * digits).round() / digits,
            unit,
            aim: text,
            is_met,
        });
    }

    /// A sentence that belongs to the figures.
    pub(crate) fn note(&mut self, text: impl Into<String>) {
        let text = text.into();
        say::line(&format!("   note: {text}"));
        self.notes.push(text);
    }

    /// What was not measured, and why.
    pub(crate) fn skip(&mut self, text: impl Into<String>) {
        let text = text.into();
        say::line(&format!("   SKIPPED: {text}"));
        self.skipped.push(text);
    }

    /// Writes the report for the chore that records it.
    pub(crate) fn write(&self, file: &Path) -> Result<()> {
        let text = serde_json::to_string_pretty(self)? + "\n";
        fs::write(file, text).with_context(|| format!("could not write `{}`", file.display()))
    }
}
