//! PDF: the letters of each page, put back into lines.
//!
//! The library behind it panics over many a strange file. A panic costs the page that it happened on, not the file.

mod lines;
mod mend;
mod rebuild;

use std::panic::{AssertUnwindSafe, catch_unwind};

use pdf_extract::{Dictionary, Document, Error as PdfError, LoadOptions, OutputError, decode_text_string};

use crate::child::panic_text;
use crate::text::Outlet;
use crate::{Error, Extracted, File};
use lines::Lines;

/// Extracts. Fails only if no page at all can be read.
pub(crate) fn extract(file: &File<'_>) -> Result<Extracted, Error> {
    let mut document = load(file)?;
    mend::spell_out_widths(&mut document);
    let mut outlet = Outlet::new(file.limits.text_bytes_max);
    read_properties(&document, &mut outlet);
    let pages = document.get_pages().len();
    outlet.set_pages(pages);
    let pages = u32::try_from(pages).unwrap_or(u32::MAX);
    if pages > file.limits.pages_max {
        outlet.note_missing();
    }
    read_pages(file, &mut document, pages.min(file.limits.pages_max), &mut outlet)?;
    Ok(outlet.finish(file))
}

fn load(file: &File<'_>) -> Result<Document, Error> {
    let outcome = load_bytes(file, file.bytes);
    let is_whole = match &outcome {
        Ok(document) => !document.get_pages().is_empty(),
        Err(error) => matches!(error, Error::Protected { .. }),
    };
    if is_whole {
        return outcome;
    }
    let rebuilt = rebuild::rebuild(file.bytes).and_then(|bytes| load_bytes(file, &bytes).ok());
    match rebuilt.filter(|document| !document.get_pages().is_empty()) {
        Some(document) => Ok(document),
        None => outcome,
    }
}

fn load_bytes(file: &File<'_>, bytes: &[u8]) -> Result<Document, Error> {
    let load = || Document::load_mem_with_options(bytes, LoadOptions::default());
    let document = match catch_unwind(AssertUnwindSafe(load)) {
        Ok(Ok(document)) => document,
        Ok(Err(PdfError::InvalidPassword | PdfError::Decryption(_))) => return Err(file.protected()),
        Ok(Err(error)) => return Err(file.damaged_as("it is no whole PDF, as after a copy that was cut short", &error)),
        Err(panic) => return Err(crashed(file, panic_text(panic.as_ref()))),
    };
    if document.is_encrypted() && !document.was_encrypted() {
        return Err(file.protected());
    }
    Ok(document)
}

/// Writes the pages up to `last`. All in one go, since a page by its number costs a walk through all of them; page by
/// page, and simplified, only from one on that can't be read.
fn read_pages(file: &File<'_>, document: &mut Document, last: u32, outlet: &mut Outlet) -> Result<(), Error> {
    let mut lines = Lines::new(outlet, last);
    let Some(why) = attempt(|| pdf_extract::output_doc(document, &mut lines)) else {
        return Ok(());
    };
    if lines.is_finished() {
        return Ok(());
    }
    let failed = lines.failed_page();
    lines.take_back_page();
    // Whatever goes wrong here goes wrong again below.
    let _also_bad = catch_unwind(AssertUnwindSafe(|| mend::simplify(document)));
    let mut bad_pages = 0;
    for page in failed..=last {
        bad_pages += u32::from(attempt(|| pdf_extract::output_doc_page(document, &mut lines, page)).is_some());
        if lines.is_finished() {
            return Ok(());
        }
        lines.page_break();
    }
    if lines.pages_done() == 0 {
        return Err(crashed(file, &why));
    }
    if bad_pages > 0 {
        outlet.note_missing();
    }
    Ok(())
}

/// What went wrong, if anything did.
fn attempt(read: impl FnOnce() -> Result<(), OutputError>) -> Option<String> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(panic) => Some(panic_text(panic.as_ref()).to_owned()),
    }
}

fn read_properties(document: &Document, outlet: &mut Outlet) {
    let info = document.trailer.get(b"Info").ok();
    let info = info
        .and_then(|info| document.dereference(info).ok())
        .and_then(|(_, info)| info.as_dict().ok());
    let Some(info) = info else { return };
    if let Some(title) = text_of(document, info, b"Title") {
        outlet.set_title(&title);
    }
    if let Some(authors) = text_of(document, info, b"Author") {
        authors.split(';').for_each(|author| outlet.add_author(author));
    }
}

fn text_of(document: &Document, info: &Dictionary, key: &[u8]) -> Option<String> {
    let (_, value) = document.dereference(info.get(key).ok()?).ok()?;
    decode_text_string(value).ok()
}

fn crashed(file: &File<'_>, why: &str) -> Error {
    Error::Crashed {
        name: file.name.to_owned(),
        why: why.to_owned(),
    }
}
