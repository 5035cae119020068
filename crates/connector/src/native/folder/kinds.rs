//! What a file is by its name: media type, the kind that people filter by, and whether text can be read from it.
//!
//! Only names are looked at here; `extract` looks at the bytes and has the last word on how to read them.

use std::path::Path;

/// What the name of a file tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Form {
    /// The media type that is handed to `extract`; empty when nothing is known.
    pub media_type: &'static str,
    /// The facet and the icon: `pdf`, `document`, `sheet`, `slides`, `markdown`, `web`, `code`, `text`, `data`,
    /// `mail`, `book`, `image`, `audio`, `video`, `archive`, `other`.
    pub kind: &'static str,
    /// Whether it is worth asking `extract` for text.
    pub is_readable: bool,
}

/// Extensions (parted by blanks), media type, kind, readable.
const TABLE: &[(&str, &str, &str, bool)] = &[
    ("pdf", "application/pdf", "pdf", true),
    (
        "docx docm dotx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "document",
        true,
    ),
    ("doc dot", "application/msword", "document", true),
    ("odt ott", "application/vnd.oasis.opendocument.text", "document", true),
    ("rtf", "application/rtf", "document", true),
    ("pages", "application/vnd.apple.pages", "document", false),
    (
        "xlsx xlsm xltx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "sheet",
        true,
    ),
    (
        "xlsb",
        "application/vnd.ms-excel.sheet.binary.macroenabled.12",
        "sheet",
        true,
    ),
    ("xls", "application/vnd.ms-excel", "sheet", true),
    ("ods", "application/vnd.oasis.opendocument.spreadsheet", "sheet", true),
    ("numbers", "application/vnd.apple.numbers", "sheet", false),
    ("csv", "text/csv", "sheet", true),
    ("tsv tab", "text/tab-separated-values", "sheet", true),
    (
        "pptx pptm ppsx potx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "slides",
        true,
    ),
    ("ppt pps", "application/vnd.ms-powerpoint", "slides", true),
    ("odp", "application/vnd.oasis.opendocument.presentation", "slides", true),
    ("key", "application/vnd.apple.keynote", "slides", false),
    ("md markdown mdx mkd", "text/markdown", "markdown", true),
    ("html htm xhtml", "text/html", "web", true),
    ("eml", "message/rfc822", "mail", true),
    ("msg", "application/vnd.ms-outlook", "mail", true),
    ("mbox", "application/mbox", "mail", true),
    ("epub", "application/epub+zip", "book", true),
    (
        "txt text log rst adoc asciidoc org tex bib srt vtt",
        "text/plain",
        "text",
        true,
    ),
    (
        "json jsonl ndjson geojson ipynb webmanifest",
        "application/json",
        "data",
        true,
    ),
    (
        "xml xsd xsl xslt rss atom opml kml gpx plist",
        "application/xml",
        "data",
        true,
    ),
    ("yaml yml", "application/yaml", "data", true),
    (
        "toml ini cfg conf properties editorconfig desktop service",
        "text/plain",
        "data",
        true,
    ),
    (
        "sql rs py js mjs cjs jsx ts tsx go java kt kts scala c h cc cpp cxx hpp cs swift m mm rb php pl pm lua r jl hs ml mli \
      ex exs erl clj cljs elm dart zig nim v vhd sh bash zsh fish ps1 psm1 bat cmd awk sed vim el lisp scm rkt f90 f95 pas \
      asm s groovy gradle cmake mk proto graphql gql tf hcl css scss sass less vue svelte astro diff patch",
        "text/plain",
        "code",
        true,
    ),
    (
        "png jpg jpeg gif webp avif heic heif bmp tif tiff ico svg psd ai eps raw cr2 nef dng",
        "image/*",
        "image",
        false,
    ),
    (
        "mp3 wav flac ogg oga opus m4a aac wma aiff mid midi",
        "audio/*",
        "audio",
        false,
    ),
    (
        "mp4 m4v mkv webm mov avi wmv mpg mpeg flv 3gp",
        "video/*",
        "video",
        false,
    ),
    (
        "zip tar gz tgz bz2 xz zst 7z rar jar war iso dmg deb rpm cab lz4 br",
        "application/x-archive",
        "archive",
        false,
    ),
    (
        "exe dll so dylib a o obj lib class pyc pyo wasm bin dat db sqlite sqlite3 ttf otf woff woff2 apk msi img vmdk qcow2 \
      parquet arrow avro feather npy npz pickle pkl onnx safetensors gguf",
        "application/octet-stream",
        "other",
        false,
    ),
];

/// File names without an extension that are well known to be text.
const NAMES: &[(&str, &str)] = &[
    ("readme", "text"),
    ("license", "text"),
    ("licence", "text"),
    ("copying", "text"),
    ("changelog", "text"),
    ("changes", "text"),
    ("authors", "text"),
    ("contributing", "text"),
    ("notice", "text"),
    ("todo", "text"),
    ("makefile", "code"),
    ("dockerfile", "code"),
    ("containerfile", "code"),
    ("jenkinsfile", "code"),
    ("vagrantfile", "code"),
    ("rakefile", "code"),
    ("gemfile", "code"),
    ("justfile", "code"),
    ("procfile", "code"),
];

/// What a file is, by its name and by whether its first bytes look binary.
pub(super) fn form_of(path: &Path, is_binary: bool) -> Form {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().to_lowercase())
        .unwrap_or_default();
    let extension = Path::new(&name).extension().and_then(|extension| extension.to_str());
    if let Some(extension) = extension {
        for &(extensions, media_type, kind, is_readable) in TABLE {
            if extensions.split_ascii_whitespace().any(|known| known == extension) {
                // An extension that says "text" over bytes that are none: `extract` would refuse it.
                return Form {
                    media_type: exact(media_type, extension),
                    kind,
                    is_readable,
                };
            }
        }
    }
    if let Some((_, kind)) = NAMES.iter().find(|(known, _)| *known == name) {
        return Form {
            media_type: "text/plain",
            kind,
            is_readable: !is_binary,
        };
    }
    if is_binary {
        Form {
            media_type: "application/octet-stream",
            kind: "other",
            is_readable: false,
        }
    } else {
        Form {
            media_type: "text/plain",
            kind: "text",
            is_readable: true,
        }
    }
}

/// The media types of pictures and the like, where one line of the table holds many.
fn exact(media_type: &'static str, extension: &str) -> &'static str {
    match (media_type, extension) {
        ("image/*", "png") => "image/png",
        ("image/*", "jpg" | "jpeg") => "image/jpeg",
        ("image/*", "gif") => "image/gif",
        ("image/*", "webp") => "image/webp",
        ("image/*", "svg") => "image/svg+xml",
        ("image/*", "tif" | "tiff") => "image/tiff",
        ("audio/*", "mp3") => "audio/mpeg",
        ("audio/*", "wav") => "audio/wav",
        ("audio/*", "ogg" | "oga" | "opus") => "audio/ogg",
        ("audio/*", "flac") => "audio/flac",
        ("audio/*", "m4a" | "aac") => "audio/mp4",
        ("video/*", "mp4" | "m4v") => "video/mp4",
        ("video/*", "webm") => "video/webm",
        ("video/*", "mov") => "video/quicktime",
        ("application/x-archive", "zip" | "jar" | "war") => "application/zip",
        ("application/x-archive", "gz" | "tgz") => "application/gzip",
        ("application/x-archive", "tar") => "application/x-tar",
        ("image/*" | "audio/*" | "video/*" | "application/x-archive", _) => "application/octet-stream",
        (other, _) => other,
    }
}

#[cfg(test)]
mod tests {
    //! Names and what they mean.

    use std::path::Path;

    use super::form_of;

    #[test]
    fn names_tell_the_kind() {
        for (name, kind, media_type) in [
            ("a/Report.PDF", "pdf", "application/pdf"),
            ("sums.csv", "sheet", "text/csv"),
            ("README", "text", "text/plain"),
            ("Makefile", "code", "text/plain"),
            ("main.rs", "code", "text/plain"),
            ("notes", "text", "text/plain"),
            ("photo.jpeg", "image", "image/jpeg"),
        ] {
            let found = form_of(Path::new(name), false);
            assert_eq!((found.kind, found.media_type), (kind, media_type), "{name}");
        }
        let unknown = form_of(Path::new("core.1234"), true);
        assert_eq!((unknown.kind, unknown.is_readable), ("other", false));
    }
}
