//! What commands print: text for people, JSON for programs, progress on standard error.

mod progress;
mod table;
mod words;

use std::io::{self, IsTerminal, Write};

use serde_json::Value;

pub(crate) use progress::{AboveBars, Progress};
pub(crate) use table::{Align, Table};
pub(crate) use words::{bytes, clean, clock, count, duration, when};

/// Where answers go, and in which form.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    /// One JSON value (or one a line) instead of text.
    pub(crate) is_json: bool,
    /// Whether standard output is a terminal that shows colours.
    pub(crate) is_coloured: bool,
}

impl Output {
    /// As the flags and standard output say.
    pub(crate) fn new(is_json: bool) -> Self {
        let is_coloured = !is_json && io::stdout().is_terminal() && console::colors_enabled();
        Self { is_json, is_coloured }
    }

    /// Prints a line of text. The caller has cleaned what came from elsewhere.
    #[expect(clippy::unused_self, reason = "all that is printed goes through the output")]
    pub(crate) fn line(self, text: impl AsRef<str>) -> anyhow::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_ref().as_bytes())?;
        out.write_all(b"\n")?;
        Ok(())
    }

    /// Prints a value as JSON: indented on a terminal, on one line for programs.
    pub(crate) fn json(self, value: &Value) -> anyhow::Result<()> {
        let text = if io::stdout().is_terminal() {
            serde_json::to_string_pretty(value)?
        } else {
            value.to_string()
        };
        self.line(text)
    }

    /// Prints a table, or says what there is none of.
    pub(crate) fn table(self, table: &Table, when_empty: &str) -> anyhow::Result<()> {
        if table.is_empty() {
            return self.line(when_empty);
        }
        let mut out = io::stdout().lock();
        out.write_all(table.render(self.is_coloured).as_bytes())?;
        Ok(())
    }

    /// Says something besides the answer, on standard error; not for programs.
    pub(crate) fn note(self, text: impl AsRef<str>) {
        if !self.is_json {
            // Nobody reads it any more when this fails.
            drop(writeln!(io::stderr(), "{}", text.as_ref()));
        }
    }

    /// The answer for programs, or a line for people.
    pub(crate) fn answer(self, value: &Value, text: impl FnOnce() -> String) -> anyhow::Result<()> {
        if self.is_json {
            self.json(value)
        } else {
            self.line(text())
        }
    }
}

/// A field's text, with control characters taken out; empty when there is none.
pub(crate) fn text(value: &Value, field: &str) -> String {
    match value.get(field) {
        Some(Value::String(text)) => clean(text),
        Some(Value::Null) | None => String::new(),
        Some(other) => clean(&other.to_string()),
    }
}

/// A field's whole number; 0 when there is none.
pub(crate) fn number(value: &Value, field: &str) -> i64 {
    value.get(field).and_then(Value::as_i64).unwrap_or(0)
}

/// The items of a list.
pub(crate) fn items(value: &Value) -> &[Value] {
    value.get("items").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests;
