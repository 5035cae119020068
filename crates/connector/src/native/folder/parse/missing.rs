//! Why a file has no text, as far as the folder knows by itself: in words that say what to do.
//!
//! What a person could have read and would look for is a failure, listed by its reason; the file is found by name and
//! path all the same, and no sweep waits for it. Kinds that nothing reads are only told of in the preview: a folder of
//! pictures would drown the list.

use model::Size;

use super::super::config::FILE_BYTES_MAX;
use super::super::kinds::Form;
use super::super::page::Line;
use crate::{ExtractFailure, ExtractFailureKind, ExtractedFile};

/// What is wrong before anybody has read the file.
pub(super) fn before_reading(line: &Line, form: &Form, bytes_max: u64) -> Option<ExtractFailure> {
    if let Some(said) = &line.error {
        return Some(failure(
            "unreadable file",
            format!(
                "`{}` can't be read; let the account that runs Fossick read it, or leave it out with `exclude` ({said})",
                line.path
            ),
        ));
    }
    if line.hash.is_some() || !form.is_readable {
        return None;
    }
    Some(failure("too large", too_large(line, form, bytes_max)))
}

/// Why a file that nobody will read has no text.
pub(super) fn as_it_should_be(line: &Line, form: &Form) -> Option<String> {
    if line.size == 0 {
        return Some(format!("`{}` is empty", line.path));
    }
    let remark = || {
        format!(
            "`{}` is of a kind that is not read: only its name and path are searched; `exclude` leaves it out",
            line.path
        )
    };
    (!form.is_readable).then(remark)
}

/// What is wrong with a file that was read to the end.
pub(super) fn after_reading(line: &Line, form: &Form, found: &ExtractedFile) -> Option<ExtractFailure> {
    let is_blank = form.kind == "pdf" && found.pages.is_some_and(|pages| pages > 0) && found.text.trim().is_empty();
    let words = || {
        let detail = format!(
            "`{}` has no text on any page; if it is scanned, save a copy with its text recognised (OCR)",
            line.path
        );
        failure("no text", detail)
    };
    is_blank.then(words)
}

fn too_large(line: &Line, form: &Form, bytes_max: u64) -> String {
    let (size, limit) = (Size(line.size), Size(bytes_max));
    let way_out = if line.size <= FILE_BYTES_MAX || !is_document(form) {
        "raise `max_file_bytes` in the source's settings".to_owned()
    } else {
        // A higher limit would not help: documents above it are refused by whoever reads them.
        format!(
            "split it, because documents above {} are not read",
            Size(FILE_BYTES_MAX)
        )
    };
    // Next to each other, the two look alike in large units.
    let (size, limit) = if size.to_string() == limit.to_string() {
        (format!("{} bytes", line.size), format!("{bytes_max} bytes"))
    } else {
        (size.to_string(), limit.to_string())
    };
    format!(
        "`{}` is too large: it has {size}, and `max_file_bytes` of this source is {limit}; {way_out}, or leave it out with \
         `exclude`",
        line.path
    )
}

/// Whether the file is read as a whole or not at all. Of text the beginning is read, however long it is.
fn is_document(form: &Form) -> bool {
    let is_text = form.media_type.starts_with("text/") || form.media_type == "application/rtf";
    matches!(form.kind, "pdf" | "document" | "sheet" | "slides" | "book") && !is_text
}

fn failure(reason: &str, detail: String) -> ExtractFailure {
    ExtractFailure {
        reason: reason.to_owned(),
        detail,
        kind: ExtractFailureKind::File,
    }
}
