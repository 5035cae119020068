//! The table of media types. A new format is one line here and one file beside `text.rs`.

use super::Format;

/// One media type.
pub(super) struct Row {
    /// Its name, then other names for the same thing.
    pub names: &'static [&'static str],
    /// Extensions, lower case, without the dot.
    pub extensions: &'static [&'static str],
    /// Which reader takes it.
    pub format: Format,
}

const fn row(format: Format, names: &'static [&'static str], extensions: &'static [&'static str]) -> Row {
    Row {
        names,
        extensions,
        format,
    }
}

pub(super) static UNKNOWN: Row = row(Format::Unsupported, &["application/octet-stream"], &["bin"]);
pub(super) static TEXT: Row = row(
    Format::Text,
    &["text/plain"],
    &[
        "txt", "text", "log", "out", "err", "nfo", "asc", "srt", "vtt", "rst", "adoc", "asciidoc", "org", "textile",
    ],
);

/// Every media type that has a name here. The first row with an extension wins.
#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    row(Format::Text, &["text/plain"], TEXT.extensions),
    row(Format::Markdown, &["text/markdown", "text/x-markdown"], &["md", "markdown", "mkd", "mdown", "mdx"]),
    row(Format::Html, &["text/html", "application/xhtml+xml"], &["html", "htm", "xhtml", "shtml"]),
    row(Format::Json, &["application/json", "text/json"], &["json", "geojson", "webmanifest", "ipynb", "har", "map"]),
    row(Format::Json, &["application/x-ndjson", "application/jsonl", "application/jsonlines"], &["jsonl", "ndjson"]),
    row(Format::Delimited, &["text/csv", "application/csv"], &["csv"]),
    row(Format::Delimited, &["text/tab-separated-values"], &["tsv", "tab"]),
    row(Format::Mail, &["message/rfc822"], &["eml", "mht", "mhtml"]),
    row(Format::Rtf, &["application/rtf", "text/rtf"], &["rtf"]),
    row(Format::Pdf, &["application/pdf", "application/x-pdf"], &["pdf"]),

    // Office packages.
    row(Format::Docx, &["application/vnd.openxmlformats-officedocument.wordprocessingml.document"], &["docx"]),
    row(Format::Docx, &["application/vnd.openxmlformats-officedocument.wordprocessingml.template"], &["dotx"]),
    row(Format::Docx, &["application/vnd.ms-word.document.macroenabled.12"], &["docm"]),
    row(Format::Pptx, &["application/vnd.openxmlformats-officedocument.presentationml.presentation"], &["pptx"]),
    row(Format::Pptx, &["application/vnd.openxmlformats-officedocument.presentationml.slideshow"], &["ppsx"]),
    row(Format::Pptx, &["application/vnd.ms-powerpoint.presentation.macroenabled.12"], &["pptm"]),
    row(Format::Sheet, &["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"], &["xlsx"]),
    row(Format::Sheet, &["application/vnd.openxmlformats-officedocument.spreadsheetml.template"], &["xltx"]),
    row(Format::Sheet, &["application/vnd.ms-excel.sheet.macroenabled.12"], &["xlsm"]),
    row(Format::Sheet, &["application/vnd.ms-excel.sheet.binary.macroenabled.12"], &["xlsb"]),
    row(Format::Sheet, &["application/vnd.oasis.opendocument.spreadsheet"], &["ods"]),
    row(Format::Sheet, &["application/vnd.ms-excel"], &["xls"]),
    row(Format::OpenDocument, &["application/vnd.oasis.opendocument.text"], &["odt"]),
    row(Format::OpenDocument, &["application/vnd.oasis.opendocument.presentation"], &["odp"]),
    row(Format::Epub, &["application/epub+zip"], &["epub"]),
    row(Format::Unsupported, &["application/msword"], &["doc", "dot"]),
    row(Format::Unsupported, &["application/vnd.ms-powerpoint"], &["ppt", "pps"]),
    row(Format::Unsupported, &["application/vnd.ms-outlook"], &["msg"]),
    row(Format::Compound, &["application/x-ole-storage"], &[]),

    // Archives. A ZIP archive may be a package without a telling name, hence its own format.
    row(Format::Zip, &["application/zip", "application/x-zip-compressed"], &["zip", "jar", "war", "apk", "whl", "nupkg", "vsix"]),
    row(Format::Unsupported, &["application/gzip", "application/x-gzip"], &["gz", "tgz"]),
    row(Format::Unsupported, &["application/x-tar"], &["tar"]),
    row(Format::Unsupported, &["application/x-7z-compressed"], &["7z"]),
    row(Format::Unsupported, &["application/x-xz"], &["xz"]),
    row(Format::Unsupported, &["application/x-bzip2"], &["bz2"]),
    row(Format::Unsupported, &["application/zstd"], &["zst"]),
    row(Format::Unsupported, &["application/vnd.rar"], &["rar"]),

    // Pictures, sound, film, programs.
    row(Format::Unsupported, &["image/png"], &["png"]),
    row(Format::Unsupported, &["image/jpeg"], &["jpg", "jpeg"]),
    row(Format::Unsupported, &["image/gif"], &["gif"]),
    row(Format::Unsupported, &["image/webp"], &["webp"]),
    row(Format::Unsupported, &["image/tiff"], &["tif", "tiff"]),
    row(Format::Unsupported, &["image/bmp"], &["bmp"]),
    row(Format::Unsupported, &["image/vnd.microsoft.icon"], &["ico"]),
    row(Format::Unsupported, &["image/heif"], &["heic", "heif", "avif"]),
    row(Format::Unsupported, &["image/vnd.adobe.photoshop"], &["psd"]),
    row(Format::Unsupported, &["audio/mpeg"], &["mp3"]),
    row(Format::Unsupported, &["audio/ogg"], &["ogg", "oga", "opus"]),
    row(Format::Unsupported, &["audio/flac"], &["flac"]),
    row(Format::Unsupported, &["audio/wav"], &["wav"]),
    row(Format::Unsupported, &["video/mp4"], &["mp4", "m4v", "m4a", "mov"]),
    row(Format::Unsupported, &["video/x-matroska"], &["mkv", "webm"]),
    row(Format::Unsupported, &["video/x-msvideo"], &["avi"]),
    row(Format::Unsupported, &["application/vnd.sqlite3"], &["sqlite", "sqlite3", "db"]),
    row(Format::Unsupported, &["application/x-executable"], &["exe", "dll", "so", "dylib", "o", "a", "rlib", "elf"]),
    row(Format::Unsupported, &["application/java-vm"], &["class"]),
    row(Format::Unsupported, &["application/wasm"], &["wasm"]),
    row(Format::Unsupported, &["font/woff2"], &["woff", "woff2", "ttf", "otf", "eot"]),

    // XML of many kinds. SVG holds labels that people search for.
    row(Format::Xml, &["image/svg+xml"], &["svg"]),
    row(Format::Xml, &["application/rss+xml", "application/atom+xml"], &["rss", "atom"]),
    row(Format::Xml, &["application/xml", "text/xml"], &[
        "xml", "xsl", "xslt", "xsd", "rng", "wsdl", "opml", "kml", "gpx", "plist", "resx", "xliff", "xlf", "csproj", "vbproj",
        "vcxproj", "fsproj", "props", "targets", "storyboard", "xib", "fodt", "fods", "drawio", "graphml", "docbook", "dita",
    ]),

    // Source code and configuration.
    row(Format::Code, &["text/x-rust"], &["rs"]),
    row(Format::Code, &["text/x-python"], &["py", "pyi", "pyw", "pyx"]),
    row(Format::Code, &["text/javascript", "application/javascript"], &["js", "mjs", "cjs", "jsx"]),
    row(Format::Code, &["text/x-typescript", "application/typescript"], &["ts", "tsx", "mts", "cts"]),
    row(Format::Code, &["text/x-c"], &["c", "h"]),
    row(Format::Code, &["text/x-c++"], &["cc", "cpp", "cxx", "c++", "hh", "hpp", "hxx", "inl", "ipp", "ino", "cu", "cuh"]),
    row(Format::Code, &["text/x-csharp"], &["cs", "csx"]),
    row(Format::Code, &["text/x-java"], &["java"]),
    row(Format::Code, &["text/x-kotlin"], &["kt", "kts"]),
    row(Format::Code, &["text/x-scala"], &["scala", "sc", "sbt"]),
    row(Format::Code, &["text/x-go"], &["go"]),
    row(Format::Code, &["text/x-swift"], &["swift"]),
    row(Format::Code, &["text/x-objective-c"], &["m", "mm"]),
    row(Format::Code, &["text/x-ruby"], &["rb", "erb", "rake", "gemspec"]),
    row(Format::Code, &["text/x-php", "application/x-php"], &["php", "phtml"]),
    row(Format::Code, &["text/x-perl"], &["pl", "pm", "t"]),
    row(Format::Code, &["text/x-lua"], &["lua"]),
    row(Format::Code, &["text/x-shellscript", "application/x-sh"], &["sh", "bash", "zsh", "fish", "ksh"]),
    row(Format::Code, &["text/x-powershell"], &["ps1", "psm1", "psd1", "bat", "cmd"]),
    row(Format::Code, &["text/x-sql", "application/sql"], &["sql", "psql", "ddl"]),
    row(Format::Code, &["text/css"], &["css", "scss", "sass", "less", "styl"]),
    row(Format::Code, &["text/x-vue"], &["vue", "svelte", "astro"]),
    row(Format::Code, &["application/yaml", "text/yaml", "text/x-yaml", "application/x-yaml"], &["yaml", "yml"]),
    row(Format::Code, &["application/toml", "text/x-toml"], &["toml"]),
    row(Format::Code, &["application/json5"], &["json5", "jsonc"]),
    row(Format::Code, &["text/calendar"], &["ics"]),
    row(Format::Code, &["text/vcard"], &["vcf"]),
    row(Format::Code, &["text/x-diff"], &["diff", "patch"]),
    row(Format::Code, &["text/x-tex", "application/x-tex", "application/x-latex"], &["tex", "bib", "sty", "cls", "ltx"]),
    row(Format::Code, &["text/x-source"], &[
        "asm", "s", "bas", "vb", "vbs", "clj", "cljs", "cljc", "edn", "coffee", "cob", "cbl", "cr", "d", "dart", "elm", "ex", "exs",
        "erl", "hrl", "f", "f90", "f95", "for", "fs", "fsi", "fsx", "gd", "glsl", "frag", "vert", "hlsl", "wgsl", "graphql", "gql",
        "groovy", "gradle", "hcl", "tf", "tfvars", "hs", "lhs", "jl", "lisp", "el", "scm", "rkt", "ml", "mli", "nim", "nix", "pas",
        "pp", "proto", "thrift", "avdl", "prolog", "pug", "jade", "haml", "hbs", "mustache", "j2", "jinja", "jinja2", "tmpl", "tpl",
        "twig", "liquid", "ejs", "r", "rmd", "sas", "sol", "sv", "svh", "v", "vhd", "vhdl", "tcl", "vala", "vim", "zig", "cmake",
        "mk", "mak", "ninja", "bzl", "bazel", "star", "ini", "cfg", "conf", "config", "properties", "env", "editorconfig", "lock",
        "service", "socket", "timer", "desktop", "dockerfile", "awk", "sed", "po", "pot", "strings", "applescript", "ahk", "au3",
        "cfm", "abap", "apex", "cls", "cypher", "cue", "rego", "prisma", "feature", "snap", "gitignore", "gitattributes", "sum",
        "mod",
    ]),
    row(Format::Unsupported, &["application/octet-stream"], UNKNOWN.extensions),
];

/// Files whose whole name says what they are, lower case.
#[rustfmt::skip]
pub(super) static EXTENSIONLESS: &[(&str, &str)] = &[
    ("makefile", "text/x-source"), ("gnumakefile", "text/x-source"), ("dockerfile", "text/x-source"),
    ("containerfile", "text/x-source"), ("jenkinsfile", "text/x-source"), ("vagrantfile", "text/x-source"),
    ("gemfile", "text/x-ruby"), ("rakefile", "text/x-ruby"), ("procfile", "text/x-source"),
    ("cmakelists.txt", "text/x-source"), ("codeowners", "text/x-source"), ("justfile", "text/x-source"),
    ("build", "text/x-source"), ("workspace", "text/x-source"), (".gitignore", "text/x-source"),
    (".gitattributes", "text/x-source"), (".editorconfig", "text/x-source"), (".env", "text/x-source"),
    (".bashrc", "text/x-shellscript"), (".profile", "text/x-shellscript"), (".zshrc", "text/x-shellscript"),
    ("readme", "text/plain"), ("license", "text/plain"), ("copying", "text/plain"), ("changelog", "text/plain"),
    ("authors", "text/plain"), ("notice", "text/plain"), ("install", "text/plain"), ("todo", "text/plain"),
];
