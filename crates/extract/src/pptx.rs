//! Slides in Office Open XML: each slide's text, then its notes.

use crate::package::{Package, read_properties};
use crate::text::Outlet;
use crate::xml::walk::{Tag, Walker, attribute};
use crate::{Error, Extracted, File};

/// Extracts. The slides come in the order of their parts' numbers, which is the order in which they were made.
pub(crate) fn extract(file: &File<'_>) -> Result<Extracted, Error> {
    let mut package = Package::open(file)?;
    let mut outlet = Outlet::new(file.limits.text_bytes_max);
    if !package.has("ppt/presentation.xml") {
        return Err(file.damaged("its part `ppt/presentation.xml`, which lists its slides, is missing"));
    }
    let slides = package.numbered("ppt/slides/slide", ".xml");
    outlet.set_pages(slides.len());
    let slides_max = usize::try_from(file.limits.pages_max).unwrap_or(usize::MAX);
    for (number, slide) in slides.iter().enumerate() {
        if number >= slides_max {
            outlet.mark_cut();
            break;
        }
        for part in [
            slide.clone(),
            slide.replace("ppt/slides/slide", "ppt/notesSlides/notesSlide"),
        ] {
            if let Some(text) = package.text(&part)? {
                read(file, &text, &mut outlet)?;
                outlet.end_block();
            }
        }
        if outlet.is_full() {
            break;
        }
    }
    read_properties(&mut package, &mut outlet, "docProps/core.xml")?;
    Ok(outlet.finish(file))
}

fn read(file: &File<'_>, text: &str, outlet: &mut Outlet) -> Result<(), Error> {
    let mut walker = Walker::new(file, text);
    let mut in_text = false;
    let mut silent = 0_usize;
    let mut cells = 0_usize;
    // The text of a shape that holds the slide's title, while it lasts.
    let mut title = None::<String>;
    while let Some(tag) = walker.next()? {
        match tag {
            Tag::Open(open) => {
                let name = open.local_name().into_inner();
                if silent > 0 || name == "Fallback" {
                    silent += 1;
                    continue;
                }
                match name {
                    "t" => in_text = true,
                    "br" if cells == 0 => outlet.end_line(),
                    "br" => outlet.push_collapsed(" "),
                    "tc" => cells += 1,
                    "ph" => {
                        let kind = attribute(&open, "type").unwrap_or_default();
                        match kind.as_str() {
                            "title" | "ctrTitle" => title = Some(String::new()),
                            // The slide's number and date, repeated on every slide and its notes.
                            "sldNum" | "dt" | "sldImg" => outlet.push_collapsed(" "),
                            _ => {}
                        }
                    }
                    _ => {}
                }
            }
            Tag::Close(_) if silent > 0 => silent -= 1,
            Tag::Close(close) => match close.local_name().into_inner() {
                "t" => in_text = false,
                "p" if cells == 0 => outlet.end_line(),
                "p" => outlet.push_collapsed(" "),
                "tc" => {
                    cells = cells.saturating_sub(1);
                    outlet.end_cell();
                }
                "tr" => outlet.end_line(),
                "sp" => {
                    if let Some(title) = title.take() {
                        outlet.set_fallback_title(&title);
                    }
                }
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
