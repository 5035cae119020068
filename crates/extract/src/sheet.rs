//! Sheets of the Excel family: one row per line, cells parted by tabs, each sheet under its name.

use std::io::Cursor;

use calamine::{Data, DataRef, Reader, Xls, XlsError, Xlsb, XlsbError, Xlsx, XlsxError};

use crate::package::{Package, read_properties};
use crate::text::Outlet;
use crate::{Error, Extracted, File, compound, opendocument};

/// Extracts any of the formats, by what the bytes are.
pub(crate) fn extract(file: &File<'_>) -> Result<Extracted, Error> {
    let mut outlet = Outlet::new(file.limits.text_bytes_max);
    if compound::is_compound(file.bytes) {
        if compound::is_encrypted(file.bytes) {
            return Err(file.protected());
        }
        read_xls(file, &mut outlet)?;
        return Ok(outlet.finish(file));
    }
    let mut package = Package::open(file)?;
    if package.has("content.xml") {
        return opendocument::extract(file);
    }
    package.try_out()?;
    if package.has("xl/workbook.bin") {
        read_xlsb(file, &mut outlet)?;
    } else {
        read_xlsx(file, &mut outlet)?;
    }
    read_properties(&mut package, &mut outlet, "docProps/core.xml")?;
    Ok(outlet.finish(file))
}

fn read_xlsx(file: &File<'_>, outlet: &mut Outlet) -> Result<(), Error> {
    let failed = |error: XlsxError| match error {
        XlsxError::Password => file.protected(),
        other => unreadable(file, &other),
    };
    let mut book = Xlsx::new(Cursor::new(file.bytes)).map_err(failed)?;
    let names = book.sheet_names();
    for name in sheets(file, outlet, &names) {
        let mut rows = Rows::new(outlet, name);
        // Sheets of charts have no cells; they are worth their name.
        let Ok(mut cells) = book.worksheet_cells_reader(name) else {
            continue;
        };
        while let Some(cell) = cells.next_cell().map_err(failed)? {
            if !rows.cell(cell.get_position(), &show(cell.get_value())) {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn read_xlsb(file: &File<'_>, outlet: &mut Outlet) -> Result<(), Error> {
    let failed = |error: XlsbError| match error {
        XlsbError::Password => file.protected(),
        other => unreadable(file, &other),
    };
    let mut book = Xlsb::new(Cursor::new(file.bytes)).map_err(failed)?;
    let names = book.sheet_names();
    for name in sheets(file, outlet, &names) {
        let mut rows = Rows::new(outlet, name);
        let Ok(mut cells) = book.worksheet_cells_reader(name) else {
            continue;
        };
        while let Some(cell) = cells.next_cell().map_err(failed)? {
            if !rows.cell(cell.get_position(), &show(cell.get_value())) {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn read_xls(file: &File<'_>, outlet: &mut Outlet) -> Result<(), Error> {
    let failed = |error: XlsError| match error {
        XlsError::Password => file.protected(),
        other => unreadable(file, &other),
    };
    let mut book = Xls::new(Cursor::new(file.bytes)).map_err(failed)?;
    let names = book.sheet_names();
    for name in sheets(file, outlet, &names) {
        let mut rows = Rows::new(outlet, name);
        let Ok(range) = book.worksheet_range(name) else {
            continue;
        };
        let (first_row, first_column) = range.start().unwrap_or_default();
        for (row, column, value) in range.used_cells() {
            let row = first_row.saturating_add(u32::try_from(row).unwrap_or(u32::MAX));
            let column = first_column.saturating_add(u32::try_from(column).unwrap_or(u32::MAX));
            if !rows.cell((row, column), &show(&borrowed(value))) {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The sheets that are read; notes how many there are.
fn sheets<'a>(file: &File<'_>, outlet: &mut Outlet, names: &'a [String]) -> impl Iterator<Item = &'a String> + use<'a> {
    outlet.set_pages(names.len());
    let sheets_max = usize::try_from(file.limits.pages_max).unwrap_or(usize::MAX);
    if names.len() > sheets_max {
        outlet.note_missing();
    }
    names.iter().take(sheets_max)
}

/// Writes cells, which come row by row.
struct Rows<'a> {
    outlet: &'a mut Outlet,
    row: Option<u32>,
}

impl<'a> Rows<'a> {
    fn new(outlet: &'a mut Outlet, sheet: &str) -> Self {
        outlet.end_block();
        outlet.push_collapsed(sheet);
        outlet.end_line();
        Self { outlet, row: None }
    }

    /// Writes one cell; false once nothing more fits.
    fn cell(&mut self, (row, _column): (u32, u32), text: &str) -> bool {
        if text.is_empty() {
            return true;
        }
        if self.row == Some(row) {
            self.outlet.push("\t");
        } else {
            self.outlet.end_line();
        }
        self.row = Some(row);
        self.outlet.push_collapsed(text);
        !self.outlet.is_full()
    }
}

impl Drop for Rows<'_> {
    fn drop(&mut self) {
        self.outlet.end_line();
    }
}

/// A value of the old format as one of the new.
fn borrowed(value: &Data) -> DataRef<'_> {
    match value {
        Data::Int(number) => DataRef::Int(*number),
        Data::Float(number) => DataRef::Float(*number),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => DataRef::SharedString(text),
        Data::Bool(value) => DataRef::Bool(*value),
        Data::DateTime(instant) => DataRef::DateTime(*instant),
        Data::Error(_) | Data::Empty => DataRef::Empty,
    }
}

fn show(value: &DataRef<'_>) -> String {
    match value {
        DataRef::DateTime(instant) if instant.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = instant.to_ymd_hms_milli();
            if (hour, minute, second) == (0, 0, 0) {
                format!("{year:04}-{month:02}-{day:02}")
            } else {
                format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
            }
        }
        DataRef::DateTime(other) => other.as_f64().to_string(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(value) => value.to_string(),
        // `#DIV/0!` is nothing that anybody searches.
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

fn unreadable(file: &File<'_>, said: &dyn std::fmt::Display) -> Error {
    file.damaged_as("its sheets can't be read", said)
}
