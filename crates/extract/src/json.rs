//! JSON, one value or many: one line per value that a person could read, its name in front.
//!
//! Read as a stream, so that a large file needs no tree in memory.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::text::{Outlet, decode};
use crate::{Extracted, File, text};

/// Text without a space that is longer is a blob in base64 rather than something to read.
const WORD_BYTES_MAX: usize = 512;

/// Extracts; what is not JSON after all is taken as plain text.
pub(crate) fn extract(file: &File<'_>) -> Extracted {
    let text = decode(file.bytes, None);
    let mut outlet = Outlet::new(file.limits.text_bytes_max);
    let mut reader = serde_json::Deserializer::from_str(&text);
    loop {
        if reader.end().is_ok() {
            return outlet.finish(file);
        }
        let value = Value {
            outlet: &mut outlet,
            name: "",
            is_named: true,
            depth: 0,
            depth_max: file.limits.depth_max,
        };
        match value.deserialize(&mut reader) {
            Ok(()) => outlet.end_line(),
            Err(_full) if outlet.is_full() => return outlet.finish(file),
            Err(_malformed) => return text::extract(file),
        }
    }
}

/// A value on its way into the outlet, under the name of the nearest object around it.
struct Value<'a> {
    outlet: &'a mut Outlet,
    name: &'a str,
    /// Whether the name stands in the text, should the value turn out to be an object.
    is_named: bool,
    depth: usize,
    depth_max: usize,
}

impl Value<'_> {
    fn line(self, text: &str) {
        if is_blob(text) || text.is_empty() {
            return;
        }
        if !self.name.is_empty() {
            self.outlet.push_collapsed(self.name);
            self.outlet.push(": ");
        }
        self.outlet.push(text);
        self.outlet.end_line();
        if self.depth == 1 && self.name.eq_ignore_ascii_case("title") {
            self.outlet.set_title(text);
        }
    }

    /// A line for the name of an object, or of a list of such: its fields have names of their own.
    fn heading(&mut self) {
        // A blank line parts an object from what came before; its fields follow each other.
        self.outlet.end_block();
        if self.is_named || self.name.is_empty() || is_blob(self.name) {
            return;
        }
        self.outlet.push_collapsed(self.name);
        self.outlet.push(":");
        self.outlet.end_line();
    }
}

fn is_blob(text: &str) -> bool {
    text.len() > WORD_BYTES_MAX && !text.contains(char::is_whitespace)
}

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.outlet.is_full() || self.depth > self.depth_max {
            return Err(D::Error::custom("enough"));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.line(if value { "true" } else { "false" });
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.line(&value.to_string());
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.line(&value.to_string());
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.line(&value.to_string());
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.line(value);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut is_named = self.is_named;
        loop {
            let item = Value {
                outlet: &mut *self.outlet,
                name: self.name,
                is_named,
                depth: self.depth + 1,
                depth_max: self.depth_max,
            };
            if items.next_element_seed(item)?.is_none() {
                return Ok(());
            }
            is_named = true;
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut fields: A) -> Result<(), A::Error> {
        self.heading();
        while let Some(name) = fields.next_key::<String>()? {
            fields.next_value_seed(Value {
                outlet: &mut *self.outlet,
                name: &name,
                is_named: false,
                depth: self.depth + 1,
                depth_max: self.depth_max,
            })?;
        }
        Ok(())
    }
}
