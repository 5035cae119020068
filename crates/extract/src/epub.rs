//! Electronic books: their chapters, which are HTML, in reading order.

use crate::package::{Package, read_properties};
use crate::text::Outlet;
use crate::xml::walk::{Tag, Walker, attribute};
use crate::{Error, Extracted, File, html};

/// Extracts.
pub(crate) fn extract(file: &File<'_>) -> Result<Extracted, Error> {
    let mut package = Package::open(file)?;
    let mut outlet = Outlet::new(file.limits.text_bytes_max);
    let container = package
        .text("META-INF/container.xml")?
        .ok_or_else(|| file.damaged("its part `META-INF/container.xml`, which leads to its chapters, is missing"))?;
    let index = find_index(file, &container)?;
    let listing = package
        .text(&index)?
        .ok_or_else(|| file.damaged(format!("its part `{index}`, which lists its chapters, is missing")))?;
    // The book's own title comes before those of its chapters.
    read_properties(&mut package, &mut outlet, &index)?;
    let folder = index.rsplit_once('/').map_or("", |(folder, _)| folder);
    for chapter in chapters(file, &listing)? {
        let path = if folder.is_empty() {
            chapter
        } else {
            format!("{folder}/{chapter}")
        };
        if let Some(page) = package.text(&path)? {
            html::write(&page, &mut outlet);
            outlet.end_block();
        }
        if outlet.is_full() {
            break;
        }
    }
    Ok(outlet.finish(file))
}

fn find_index(file: &File<'_>, container: &str) -> Result<String, Error> {
    let mut walker = Walker::new(file, container);
    while let Some(tag) = walker.next()? {
        if let Tag::Open(open) = tag
            && open.local_name().into_inner() == "rootfile"
            && let Some(path) = attribute(&open, "full-path")
        {
            return Ok(path);
        }
    }
    Err(file.damaged("its part `META-INF/container.xml` names no list of chapters"))
}

/// The parts that hold the chapters, in reading order.
fn chapters(file: &File<'_>, listing: &str) -> Result<Vec<String>, Error> {
    let mut walker = Walker::new(file, listing);
    let mut items = std::collections::HashMap::new();
    let mut order = Vec::new();
    while let Some(tag) = walker.next()? {
        let Tag::Open(open) = tag else { continue };
        match open.local_name().into_inner() {
            "item" => {
                if let (Some(id), Some(path)) = (attribute(&open, "id"), attribute(&open, "href")) {
                    items.insert(id, path.replace("%20", " "));
                }
            }
            "itemref" => order.extend(attribute(&open, "idref")),
            _ => {}
        }
    }
    Ok(order.iter().filter_map(|id| items.get(id).cloned()).collect())
}
