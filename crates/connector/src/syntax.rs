//! Why a text can't be read as YAML, in words for a person.

/// Without the place, which callers name in their own way.
pub(crate) fn why(error: &serde_saphyr::Error) -> String {
    let error = error.without_snippet();
    if is_limit(error) {
        return "it holds more values, anchors or levels than are read; leave out what is not needed".to_owned();
    }
    // The library's own place follows its message on a line of its own.
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

/// Whether the text is too much, and not wrong.
pub(crate) fn is_limit(error: &serde_saphyr::Error) -> bool {
    matches!(error.without_snippet(), serde_saphyr::Error::Budget { .. })
}
