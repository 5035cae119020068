//! ZIP archives that are documents: parts by name, unpacked under limits.

use std::borrow::Cow;
use std::io::{Cursor, Read};

use model::Size;
use zip::ZipArchive;
use zip::result::ZipError;

use crate::text::decode;
use crate::xml::walk::{Tag, Walker};
use crate::{Error, File, MediaType};

/// Archives may unpack to this much, in bytes, whatever their ratio: a few kilobytes of spaces harm nobody.
const RATIO_FREE_BYTES: u64 = 16 << 20;

/// An open archive.
pub(crate) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    file: &'a File<'a>,
    names: Vec<String>,
    unpacked: u64,
}

impl<'a> Package<'a> {
    /// Opens a file that must be an archive.
    pub(crate) fn open(file: &'a File<'a>) -> Result<Self, Error> {
        let archive = ZipArchive::new(Cursor::new(file.bytes)).map_err(|error| damaged(file, None, &error))?;
        let names = archive.file_names().flatten().map(Cow::into_owned).collect();
        Ok(Self {
            archive,
            file,
            names,
            unpacked: 0,
        })
    }

    /// Whether there is a part of that name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.archive.index_for_name(name).is_some()
    }

    /// The names of parts such as `ppt/slides/slide7.xml`, in the order of their numbers.
    pub(crate) fn numbered(&self, before: &str, after: &str) -> Vec<String> {
        let mut numbered: Vec<(u32, &String)> = self
            .names
            .iter()
            .filter_map(|name| {
                let number = name.strip_prefix(before)?.strip_suffix(after)?;
                let number = if number.is_empty() { 0 } else { number.parse().ok()? };
                Some((number, name))
            })
            .collect();
        numbered.sort();
        numbered.into_iter().map(|(_, name)| name.clone()).collect()
    }

    /// The text of a part that is XML; `None` when there is no such part.
    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>, Error> {
        let Some(bytes) = self.bytes(name)? else {
            return Ok(None);
        };
        Ok(Some(match String::from_utf8(bytes) {
            Ok(text) if !text.starts_with('\u{FEFF}') => text,
            Ok(text) => text['\u{FEFF}'.len_utf8()..].to_owned(),
            Err(other) => decode(other.as_bytes(), None).into_owned(),
        }))
    }

    /// The bytes of a part; `None` when there is no such part.
    pub(crate) fn bytes(&mut self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        if !self.has(name) {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        self.unpack(name, &mut bytes)?;
        Ok(Some(bytes))
    }

    /// Unpacks every part but media to nowhere, to see that they keep the limits: for readers that unpack for
    /// themselves and ask nobody.
    pub(crate) fn try_out(&mut self) -> Result<(), Error> {
        for name in self.names.clone() {
            if !name.contains("/media/") {
                self.unpack(&name, &mut std::io::sink())?;
            }
        }
        Ok(())
    }

    fn unpack(&mut self, name: &str, into: &mut impl std::io::Write) -> Result<(), Error> {
        let (file, limits) = (self.file, self.file.limits);
        // Half the memory is left to whoever reads what is unpacked here.
        let bytes_max = (file.bytes.len() as u64).saturating_mul(limits.ratio_max).clamp(
            RATIO_FREE_BYTES.min(limits.memory_bytes_max / 2),
            limits.memory_bytes_max / 2,
        );
        let unpackable = file.budget.unpacked_bytes.get();
        let left = bytes_max.saturating_sub(self.unpacked).min(unpackable);
        let part = self
            .archive
            .by_name(name)
            .map_err(|error| damaged(file, Some(name), &error))?;
        // What the archive says of its parts' sizes is not believed.
        let unpacked = std::io::copy(&mut part.take(left + 1), into)
            .map_err(|error| file.damaged_as(format!("its part `{name}` can't be unpacked"), &error))?;
        self.unpacked += unpacked;
        file.budget.unpacked_bytes.set(unpackable.saturating_sub(unpacked));
        if unpacked > left {
            let why = if left == unpackable {
                format!(
                    "all that is attached to its message unpacks to more than {}",
                    Size(limits.memory_bytes_max / 2)
                )
            } else {
                format!("it unpacks to more than {}", Size(bytes_max))
            };
            return Err(Error::TooLarge {
                name: file.name.to_owned(),
                why,
            });
        }
        Ok(())
    }
}

fn damaged(file: &File<'_>, part: Option<&str>, error: &ZipError) -> Error {
    match error {
        ZipError::UnsupportedArchive(why) if *why == ZipError::PASSWORD_REQUIRED => file.protected(),
        ZipError::InvalidPassword => file.protected(),
        _ => match part {
            Some(part) => file.damaged_as(format!("its part `{part}` can't be unpacked"), error),
            None => file.damaged_as("it is no whole archive, as after a copy that was cut short", error),
        },
    }
}

/// What an archive without a telling name is, by the parts in it.
pub(crate) fn find_type(file: &File<'_>) -> Option<MediaType> {
    const TELLING: &[(&str, &str)] = &[
        (
            "word/document.xml",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        (
            "ppt/presentation.xml",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ),
        (
            "xl/workbook.xml",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        (
            "xl/workbook.bin",
            "application/vnd.ms-excel.sheet.binary.macroenabled.12",
        ),
    ];
    let mut package = Package::open(file).ok()?;
    let by_part = TELLING
        .iter()
        .find(|(part, _)| package.has(part))
        .map(|(_, name)| *name);
    if let Some(name) = by_part {
        return Some(MediaType::from_name(name));
    }
    // OpenDocument and EPUB say what they are in a part of their own.
    let stated = package.text("mimetype").ok()??;
    let stated = MediaType::from_name(&stated);
    (stated != MediaType::UNKNOWN).then_some(stated)
}

/// Title, authors and page count from the parts that office programs keep them in.
pub(crate) fn read_properties(
    package: &mut Package<'_>,
    outlet: &mut crate::text::Outlet,
    part: &str,
) -> Result<(), Error> {
    let file = package.file;
    let Some(text) = package.text(part)? else {
        return Ok(());
    };
    let mut walker = Walker::new(file, &text);
    let mut value = String::new();
    // Properties that can't be read are no reason to do without the text.
    while let Ok(Some(tag)) = walker.next() {
        match tag {
            Tag::Open(_) => value.clear(),
            Tag::Text(text) => value.push_str(&text),
            Tag::Close(close) => match close.local_name().into_inner() {
                "title" => outlet.set_title(&value),
                "creator" | "initial-creator" => value.split(';').for_each(|author| outlet.add_author(author)),
                "Pages" => {
                    if let Ok(pages) = value.trim().parse() {
                        outlet.set_pages(pages);
                    }
                }
                _ => {}
            },
        }
    }
    Ok(())
}
