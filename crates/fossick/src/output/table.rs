//! Aligned columns.

use console::{Style, measure_text_width, truncate_str};

/// The widest that one column becomes; longer texts are cut with `…`.
const COLUMN_WIDTH_MAX: usize = 60;
/// What parts two columns.
const GAP: &str = "  ";

/// On which side of its column a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// Rows under headings.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<(&'static str, Align)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table with these columns.
    pub(crate) fn new(columns: &[(&'static str, Align)]) -> Self {
        Self {
            columns: columns.to_vec(),
            rows: Vec::new(),
        }
    }

    /// Adds a row: one text a column.
    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Whether it has no rows.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table as text, its headings dimmed where there are colours. No line ends in a blank.
    pub(crate) fn render(&self, is_coloured: bool) -> String {
        let headings: Vec<String> = self.columns.iter().map(|(heading, _)| heading.to_uppercase()).collect();
        let widths: Vec<usize> = (0..self.columns.len()).map(|at| self.width(at, &headings)).collect();
        let heading = self.line(&headings, &widths);
        let mut text = if is_coloured {
            Style::new().dim().force_styling(true).apply_to(heading).to_string()
        } else {
            heading
        };
        text.push('\n');
        for row in &self.rows {
            text.push_str(&self.line(row, &widths));
            text.push('\n');
        }
        text
    }

    fn width(&self, at: usize, headings: &[String]) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(at)).chain(headings.get(at));
        let widest = cells.map(|cell| measure_text_width(cell)).max().unwrap_or(0);
        // The last column may take the rest of the line.
        if at + 1 == self.columns.len() {
            widest
        } else {
            widest.min(COLUMN_WIDTH_MAX)
        }
    }

    fn line(&self, cells: &[String], widths: &[usize]) -> String {
        let mut line = String::new();
        for ((cell, width), (_, align)) in cells.iter().zip(widths).zip(&self.columns) {
            let cell = truncate_str(cell, *width, "…");
            let blank = " ".repeat(width.saturating_sub(measure_text_width(&cell)));
            if !line.is_empty() {
                line.push_str(GAP);
            }
            match align {
                Align::Left => line.extend([cell.as_ref(), blank.as_str()]),
                Align::Right => line.extend([blank.as_str(), cell.as_ref()]),
            }
        }
        line.truncate(line.trim_end().len());
        line
    }
}
