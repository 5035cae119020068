//! CSV and its kin: one row per line, cells parted by tabs.

use csv::ByteRecord;

use crate::text::{Outlet, decode};
use crate::{Extracted, File};

/// What may part cells, by preference.
const DELIMITERS: &[u8] = b",;\t|";
/// How many lines the guess looks at.
const GUESS_LINES_MAX: usize = 20;

/// Extracts. Whatever the rows look like, nothing is refused.
pub(crate) fn extract(file: &File<'_>) -> Extracted {
    let text = decode(file.bytes, None);
    let mut outlet = Outlet::new(file.limits.text_bytes_max);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(file, &text))
        .from_reader(text.as_bytes());
    let mut row = ByteRecord::new();
    while let Ok(true) = reader.read_byte_record(&mut row) {
        for (column, cell) in row.iter().enumerate() {
            if column > 0 {
                outlet.push("\t");
            }
            // The text was valid before it was cut at ASCII letters.
            outlet.push_collapsed(&String::from_utf8_lossy(cell));
        }
        outlet.push("\n");
        if outlet.is_full() {
            break;
        }
    }
    outlet.finish(file)
}

/// The delimiter that the first lines hold most evenly.
fn delimiter(file: &File<'_>, text: &str) -> u8 {
    if file.media_type.as_str() == "text/tab-separated-values" {
        return b'\t';
    }
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.is_empty())
        .take(GUESS_LINES_MAX)
        .collect();
    let evenness = |delimiter: u8| {
        let counts = lines
            .iter()
            .map(|line| line.bytes().filter(|byte| *byte == delimiter).count());
        let least = counts.clone().min().unwrap_or(0);
        (least, counts.filter(|count| *count > 0).count())
    };
    let mut best = (b',', (0, 0));
    for delimiter in DELIMITERS {
        let score = evenness(*delimiter);
        if score > best.1 {
            best = (*delimiter, score);
        }
    }
    best.0
}
