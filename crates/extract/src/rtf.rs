//! Rich text: its words, without fonts, colours and pictures.

use encoding_rs::{Encoding, WINDOWS_1252};

use crate::text::Outlet;
use crate::{Extracted, File, text};

/// Groups whose content is no text.
const SILENT: &[&str] = &[
    "fonttbl",
    "colortbl",
    "stylesheet",
    "pict",
    "objdata",
    "themedata",
    "colorschememapping",
    "datastore",
    "latentstyles",
    "listtable",
    "listoverridetable",
    "rsidtbl",
    "generator",
    "xmlnstbl",
    "fldinst",
    "filetbl",
    "revtbl",
    "info",
];

/// Extracts; what does not begin like rich text is plain text.
pub(crate) fn extract(file: &File<'_>) -> Extracted {
    if !file.bytes.starts_with(b"{\\rtf") {
        return text::extract(file);
    }
    let mut reader = Reader {
        outlet: Outlet::new(file.limits.text_bytes_max),
        rest: file.bytes,
        encoding: WINDOWS_1252,
        depth: 0,
        silent_from: None,
        fallback_letters: 1,
        to_skip: 0,
        pending: Vec::new(),
        field: None,
    };
    reader.read();
    reader.outlet.finish(file)
}

struct Reader<'a> {
    outlet: Outlet,
    rest: &'a [u8],
    encoding: &'static Encoding,
    depth: usize,
    /// The depth of the outermost group that is being passed over.
    silent_from: Option<usize>,
    /// How many letters follow a `\u` for programs that do not know it.
    fallback_letters: usize,
    to_skip: usize,
    /// Bytes in `encoding` that have not been decoded yet; letters may take two.
    pending: Vec<u8>,
    /// Title or author, while its group lasts: which, its depth and its bytes.
    field: Option<(Field, usize, String)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Field {
    Title,
    Author,
}

impl Reader<'_> {
    fn read(&mut self) {
        while let Some((first, rest)) = self.rest.split_first() {
            self.rest = rest;
            match first {
                b'{' => {
                    self.flush();
                    self.depth += 1;
                    self.to_skip = 0;
                }
                b'}' => self.close(),
                b'\\' => self.control(),
                b'\r' | b'\n' => {}
                byte => self.byte(*byte),
            }
            if self.outlet.is_full() {
                return;
            }
        }
        self.flush();
    }

    fn close(&mut self) {
        self.flush();
        if self.silent_from.is_some_and(|from| self.depth <= from) {
            self.silent_from = None;
        }
        if self.field.as_ref().is_some_and(|(_, depth, _)| self.depth <= *depth)
            && let Some((field, _, text)) = self.field.take()
        {
            match field {
                Field::Title => self.outlet.set_title(&text),
                Field::Author => self.outlet.add_author(&text),
            }
        }
        self.depth = self.depth.saturating_sub(1);
        self.to_skip = 0;
    }

    fn byte(&mut self, byte: u8) {
        if self.to_skip > 0 {
            self.to_skip -= 1;
        } else {
            self.pending.push(byte);
        }
    }

    fn control(&mut self) {
        let Some((first, rest)) = self.rest.split_first() else {
            return;
        };
        if !first.is_ascii_alphabetic() {
            self.rest = rest;
            self.symbol(*first);
            return;
        }
        let end = self
            .rest
            .iter()
            .position(|byte| !byte.is_ascii_alphabetic())
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        let digits = rest
            .iter()
            .enumerate()
            .position(|(at, byte)| !(byte.is_ascii_digit() || at == 0 && *byte == b'-'))
            .unwrap_or(rest.len());
        let (number, rest) = rest.split_at(digits);
        self.rest = rest.strip_prefix(b" ").unwrap_or(rest);
        let number = std::str::from_utf8(number)
            .ok()
            .and_then(|number| number.parse::<i32>().ok());
        self.word(&String::from_utf8_lossy(word), number);
    }

    fn symbol(&mut self, symbol: u8) {
        match symbol {
            b'\'' => {
                let (digits, rest) = self.rest.split_at(self.rest.len().min(2));
                self.rest = rest;
                let byte = std::str::from_utf8(digits)
                    .ok()
                    .and_then(|digits| u8::from_str_radix(digits, 16).ok());
                if let Some(byte) = byte {
                    self.byte(byte);
                }
            }
            b'*' => self.silence(),
            b'~' => self.byte(b' '),
            b'_' => self.byte(b'-'),
            b'\\' | b'{' | b'}' => self.byte(symbol),
            b'\r' | b'\n' => self.write("\n"),
            _ => {}
        }
    }

    fn word(&mut self, word: &str, number: Option<i32>) {
        match word {
            "par" | "sect" | "page" | "row" | "line" => self.write("\n"),
            "tab" | "cell" => self.write("\t"),
            "emdash" => self.write("—"),
            "endash" => self.write("–"),
            "lquote" | "rquote" => self.write("'"),
            "ldblquote" | "rdblquote" => self.write("\""),
            "bullet" => self.write("•"),
            "uc" => self.fallback_letters = usize::try_from(number.unwrap_or(1)).unwrap_or(1),
            "u" => {
                // Numbers above 32767 are written as negative ones.
                let code = number.unwrap_or(0);
                let code = u32::try_from(if code < 0 { code + 65_536 } else { code }).unwrap_or(0);
                let letter = char::from_u32(code).unwrap_or('\u{FFFD}');
                self.write(letter.encode_utf8(&mut [0; 4]));
                self.to_skip = self.fallback_letters;
            }
            "ansicpg" => {
                let label = format!("windows-{}", number.unwrap_or(1252));
                self.encoding = Encoding::for_label(label.as_bytes()).unwrap_or(WINDOWS_1252);
            }
            "bin" => {
                let length = usize::try_from(number.unwrap_or(0)).unwrap_or(0).min(self.rest.len());
                self.rest = &self.rest[length..];
            }
            "title" if self.silent_from.is_some() => self.field = Some((Field::Title, self.depth, String::new())),
            "author" if self.silent_from.is_some() => self.field = Some((Field::Author, self.depth, String::new())),
            word if SILENT.contains(&word) => self.silence(),
            _ => {}
        }
    }

    fn silence(&mut self) {
        self.flush();
        if self.silent_from.is_none() {
            self.silent_from = Some(self.depth);
        }
    }

    fn flush(&mut self) {
        if !self.pending.is_empty() {
            let pending = std::mem::take(&mut self.pending);
            let text = self.encoding.decode_without_bom_handling(&pending).0;
            self.keep(&text);
        }
    }

    fn write(&mut self, text: &str) {
        self.flush();
        self.to_skip = 0;
        self.keep(text);
    }

    fn keep(&mut self, text: &str) {
        if let Some((_, _, field)) = &mut self.field {
            field.push_str(text);
        } else if self.silent_from.is_none() {
            self.outlet.push(text);
        }
    }
}
