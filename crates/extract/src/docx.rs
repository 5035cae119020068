//! Word processors' documents in Office Open XML.

use crate::package::{Package, read_properties};
use crate::text::Outlet;
use crate::xml::walk::{Tag, Walker, attribute};
use crate::{Error, Extracted, File};

/// Elements whose content is no text of the document: instructions of fields, a second form of what came before,
/// and what was deleted while changes were being recorded.
const SILENT: &[&str] = &["instrText", "Fallback", "del", "moveFrom", "delText"];

/// Extracts: the body, then notes, comments, headers and footers.
pub(crate) fn extract(file: &File<'_>) -> Result<Extracted, Error> {
    let mut package = Package::open(file)?;
    let mut outlet = Outlet::new(file.limits.text_bytes_max);
    // Some programs number the main part.
    let main = package.numbered("word/document", ".xml");
    let main = main
        .first()
        .ok_or_else(|| file.damaged("its part `word/document.xml`, which holds its text, is missing"))?
        .clone();
    let mut parts = vec![main];
    for before in [
        "word/footnotes",
        "word/endnotes",
        "word/comments",
        "word/header",
        "word/footer",
    ] {
        parts.extend(package.numbered(before, ".xml"));
    }
    for (number, part) in parts.iter().enumerate() {
        let Some(text) = package.text(part)? else { continue };
        match read(file, &text, &mut outlet) {
            // The body is what matters; a broken footer is no reason to do without it.
            Err(Error::Damaged { .. }) if number > 0 => {}
            outcome => outcome?,
        }
        if outlet.is_full() {
            break;
        }
        outlet.end_block();
    }
    read_properties(&mut package, &mut outlet, "docProps/core.xml")?;
    read_properties(&mut package, &mut outlet, "docProps/app.xml")?;
    Ok(outlet.finish(file))
}

fn read(file: &File<'_>, text: &str, outlet: &mut Outlet) -> Result<(), Error> {
    let mut walker = Walker::new(file, text);
    let mut silent = 0_usize;
    let mut in_text = false;
    let mut cells = 0_usize;
    // The text of a paragraph in the style `Title`, while it lasts.
    let mut title = None::<String>;
    while let Some(tag) = walker.next()? {
        match tag {
            Tag::Open(open) => {
                let name = open.local_name().into_inner();
                if silent > 0 || SILENT.contains(&name) {
                    silent += 1;
                    continue;
                }
                match name {
                    "t" => in_text = true,
                    "tab" | "ptab" if cells == 0 => outlet.push("\t"),
                    "br" | "cr" if cells == 0 => outlet.end_line(),
                    "tab" | "ptab" | "br" | "cr" => outlet.push_collapsed(" "),
                    "noBreakHyphen" => outlet.push("-"),
                    "tc" => cells += 1,
                    "pStyle" if attribute(&open, "val").as_deref() == Some("Title") => title = Some(String::new()),
                    _ => {}
                }
            }
            Tag::Close(_) if silent > 0 => silent -= 1,
            Tag::Close(close) => match close.local_name().into_inner() {
                "t" => in_text = false,
                "p" => {
                    if let Some(title) = title.take() {
                        outlet.set_fallback_title(&title);
                    }
                    if cells == 0 {
                        outlet.end_line();
                    } else {
                        outlet.push_collapsed(" ");
                    }
                }
                "tc" => {
                    cells = cells.saturating_sub(1);
                    outlet.end_cell();
                }
                "tr" => outlet.end_line(),
                "tbl" => outlet.end_block(),
                _ => {}
            },
            Tag::Text(text) if in_text && silent == 0 => {
                if let Some(title) = &mut title {
                    title.push_str(&text);
                }
                outlet.push(&text);
            }
            Tag::Text(_) => {}
        }
        if outlet.is_full() {
            return Ok(());
        }
    }
    Ok(())
}
