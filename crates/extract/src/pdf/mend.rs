//! Makes documents fit what the library behind `pdf.rs` can read.

use pdf_extract::content::Content;
use pdf_extract::{Dictionary, Document, Object, ObjectId, Stream};

/// Most widths that one font may have: its letters are numbered with two bytes.
const WIDTHS_MAX: usize = 65_536;
/// The operators that place and show text. Colours, paths and the like show none and can only go wrong.
const TEXT_OPERATORS: &[&str] = &[
    "BT", "ET", "Tj", "TJ", "'", "\"", "Td", "TD", "Tm", "T*", "Tf", "Tc", "Tw", "Tz", "TL", "Ts", "Tr", "q", "Q",
    "cm", "Do",
];
/// Maps letters that are UTF-16 to themselves.
const IDENTITY_MAP: &str = "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /I def \
    1 begincodespacerange <0000> <FFFF> endcodespacerange 1 beginbfrange <0000> <FFFF> <0000> endbfrange \
    endcmap end end";

/// Spells out the widths that fonts give for ranges of letters: the library takes the first letter's number for the
/// width, and then sees gaps in the middle of words (pdf-extract 0.12).
pub(super) fn spell_out_widths(document: &mut Document) {
    let fonts: Vec<ObjectId> = fonts(document, |font| {
        matches!(
            font.get(b"Subtype").and_then(Object::as_name),
            Ok(b"CIDFontType0" | b"CIDFontType2")
        )
    });
    for id in fonts {
        let widths = document
            .get_dictionary(id)
            .ok()
            .and_then(|font| spelled_out(document, font));
        if let (Some(widths), Ok(font)) = (widths, document.get_dictionary_mut(id)) {
            font.set("W", widths);
        }
    }
}

fn spelled_out(document: &Document, font: &Dictionary) -> Option<Vec<Object>> {
    let value = |object| document.dereference(object).ok().map(|(_, value)| value);
    let widths = value(font.get(b"W").ok()?)?.as_array().ok()?;
    let mut out = Vec::with_capacity(widths.len());
    let mut total = 0;
    let mut at = 0;
    while let (Some(first), Some(second)) = (widths.get(at), widths.get(at + 1)) {
        let first_letter = value(first)?.as_i64().ok()?;
        let second = value(second)?;
        if second.as_array().is_ok() {
            out.extend([Object::Integer(first_letter), second.clone()]);
            at += 2;
            continue;
        }
        let last_letter = second.as_i64().ok()?;
        let width = value(widths.get(at + 2)?)?.clone();
        let count = usize::try_from(last_letter.checked_sub(first_letter)?.checked_add(1)?).ok()?;
        total += count;
        if total > WIDTHS_MAX {
            return None;
        }
        out.extend([Object::Integer(first_letter), Object::Array(vec![width; count])]);
        at += 3;
    }
    Some(out)
}

/// Takes out whatever the library is known to fall over and text can do without. For documents over which it fell:
/// what is changed here may cost a letter in others.
pub(super) fn simplify(document: &mut Document) {
    simplify_fonts(document);
    let forms: Vec<ObjectId> = document
        .objects
        .iter()
        .filter(|(_, object)| {
            object
                .as_stream()
                .is_ok_and(|stream| matches!(stream.dict.get(b"Subtype").and_then(Object::as_name), Ok(b"Form")))
        })
        .map(|(id, _)| *id)
        .collect();
    for id in forms {
        if let Ok(Object::Stream(form)) = document.get_object_mut(id)
            && let Ok(content) = form.decompressed_content()
            && let Some(content) = only_text(&content)
        {
            form.set_plain_content(content);
        }
    }
    for page in document.get_pages().into_values() {
        let content = document
            .get_page_content(page)
            .ok()
            .and_then(|content| only_text(&content));
        let content = content.map(|content| document.add_object(Stream::new(Dictionary::new(), content)));
        let Ok(page) = document.get_dictionary_mut(page) else {
            continue;
        };
        if let Some(content) = content {
            page.set("Contents", Object::Reference(content));
        }
        // Nobody looks at it here, but the library insists.
        page.set(
            "MediaBox",
            vec![
                Object::Integer(0),
                Object::Integer(0),
                Object::Integer(612),
                Object::Integer(792),
            ],
        );
    }
}

fn only_text(content: &[u8]) -> Option<Vec<u8>> {
    let mut content = Content::decode(content).ok()?;
    content
        .operations
        .retain(|operation| TEXT_OPERATORS.contains(&operation.operator.as_str()));
    content.encode().ok()
}

fn simplify_fonts(document: &mut Document) {
    for id in fonts(document, |font| {
        matches!(font.get(b"Type").and_then(Object::as_name), Ok(b"Font"))
    }) {
        let Ok(font) = document.get_dictionary(id) else {
            continue;
        };
        let subtype = font.get(b"Subtype").and_then(Object::as_name).unwrap_or_default();
        let encoding = font
            .get(b"Encoding")
            .ok()
            .and_then(|encoding| document.dereference(encoding).ok());
        let encoding = encoding.map(|(_, encoding)| encoding.clone());
        let named = encoding
            .as_ref()
            .map_or(&b""[..], |encoding| encoding.as_name().unwrap_or(b"other"));
        match subtype {
            b"CIDFontType0" | b"CIDFontType2" => {
                if let Ok(font) = document.get_dictionary_mut(id)
                    && !font.has(b"FontDescriptor")
                {
                    font.set("FontDescriptor", Dictionary::new());
                }
            }
            b"Type0" => {
                let is_unicode = named.starts_with(b"Uni") && (contains(named, b"UCS2") || contains(named, b"UTF16"));
                let has_map = font.has(b"ToUnicode");
                if is_unicode {
                    let map = Stream::new(Dictionary::new(), IDENTITY_MAP.into());
                    let map = (!has_map).then(|| document.add_object(map));
                    if let Ok(font) = document.get_dictionary_mut(id) {
                        font.set("Encoding", Object::Name(b"Identity-H".to_vec()));
                        if let Some(map) = map {
                            font.set("ToUnicode", Object::Reference(map));
                        }
                    }
                }
            }
            _ => {
                let is_known = matches!(
                    named,
                    b"WinAnsiEncoding" | b"MacRomanEncoding" | b"MacExpertEncoding" | b"other"
                );
                if !is_known && let Ok(font) = document.get_dictionary_mut(id) {
                    font.set("Encoding", Object::Name(b"WinAnsiEncoding".to_vec()));
                }
            }
        }
    }
}

fn fonts(document: &Document, is_wanted: impl Fn(&Dictionary) -> bool) -> Vec<ObjectId> {
    document
        .objects
        .iter()
        .filter(|(_, object)| object.as_dict().is_ok_and(&is_wanted))
        .map(|(id, _)| *id)
        .collect()
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
