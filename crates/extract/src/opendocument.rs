//! Texts, slides and sheets in `OpenDocument`.
//!
//! Sheets are read here too: a cell's text is what its author saw, dates and currencies included, and a cell that claims
//! to be repeated a billion times costs nothing.

use crate::package::{Package, read_properties};
use crate::text::Outlet;
use crate::xml::walk::{Tag, Walker, attribute};
use crate::{Error, Extracted, File};

/// Elements whose content is no text of the document.
const SILENT: &[&str] = &[
    "tracked-changes",
    "binary-data",
    "script",
    "forms",
    "font-face-decls",
    "automatic-styles",
    "desc",
];

/// Extracts.
pub(crate) fn extract(file: &File<'_>) -> Result<Extracted, Error> {
    let mut package = Package::open(file)?;
    let mut outlet = Outlet::new(file.limits.text_bytes_max);
    if let Some(manifest) = package.text("META-INF/manifest.xml")?
        && manifest.contains("encryption-data")
    {
        return Err(file.protected());
    }
    let content = package
        .text("content.xml")?
        .ok_or_else(|| file.damaged("its part `content.xml`, which holds its text, is missing"))?;
    let mut content_reader = Content {
        walker: Walker::new(file, &content),
        outlet: &mut outlet,
        silent: 0,
        paragraphs: 0,
        cells: 0,
        notes: 0,
        parts: 0,
        parts_max: file.limits.pages_max,
    };
    content_reader.read()?;
    let parts = content_reader.parts;
    if parts > 0 && !file.media_type.as_str().ends_with("text") {
        outlet.set_pages(parts as usize);
    }
    read_properties(&mut package, &mut outlet, "meta.xml")?;
    Ok(outlet.finish(file))
}

struct Content<'a, 'f, 's> {
    walker: Walker<'a, 'f>,
    outlet: &'s mut Outlet,
    silent: usize,
    /// How many paragraphs are open: one, or more where a frame sits in one.
    paragraphs: usize,
    cells: usize,
    notes: usize,
    /// Sheets or slides so far.
    parts: u32,
    parts_max: u32,
}

impl Content<'_, '_, '_> {
    fn read(&mut self) -> Result<(), Error> {
        while let Some(tag) = self.walker.next()? {
            match tag {
                Tag::Open(open) => {
                    let name = open.local_name().into_inner();
                    if self.silent > 0 || SILENT.contains(&name) {
                        self.silent += 1;
                        continue;
                    }
                    let label = if name == "table" {
                        attribute(&open, "name")
                    } else {
                        None
                    };
                    self.open(name, label.as_deref());
                }
                Tag::Close(_) if self.silent > 0 => self.silent -= 1,
                Tag::Close(close) => self.close(close.local_name().into_inner()),
                Tag::Text(text) if self.silent == 0 && self.paragraphs > 0 => self.outlet.push_collapsed(&text),
                Tag::Text(_) => {}
            }
            if self.outlet.is_full() {
                return Ok(());
            }
        }
        Ok(())
    }

    fn open(&mut self, name: &str, label: Option<&str>) {
        match name {
            "p" | "h" => self.paragraphs += 1,
            "tab" if self.cells == 0 => self.outlet.push("\t"),
            "line-break" if self.cells == 0 => self.outlet.end_line(),
            "tab" | "s" | "line-break" => self.outlet.push_collapsed(" "),
            "table-cell" => self.cells += 1,
            "note" => {
                self.notes += 1;
                self.outlet.push_collapsed(" ");
            }
            "table" | "page" if self.cells == 0 => {
                self.parts += 1;
                if self.parts > self.parts_max {
                    self.outlet.mark_cut();
                    return;
                }
                self.outlet.end_block();
                if let Some(label) = label {
                    self.outlet.push_collapsed(label);
                    self.outlet.end_line();
                }
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "p" | "h" => {
                self.paragraphs = self.paragraphs.saturating_sub(1);
                if self.cells == 0 && self.notes == 0 {
                    self.outlet.end_line();
                } else {
                    self.outlet.push_collapsed(" ");
                }
            }
            "note" => self.notes = self.notes.saturating_sub(1),
            "table-cell" => {
                self.cells = self.cells.saturating_sub(1);
                self.outlet.end_cell();
            }
            "table-row" => self.outlet.end_line(),
            "table" | "page" => self.outlet.end_block(),
            _ => {}
        }
    }
}
