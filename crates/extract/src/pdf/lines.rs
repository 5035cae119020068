//! Letters at places on a page become words and lines.

use pdf_extract::{MediaBox, OutputDev, OutputError, Transform};

use crate::text::{Mark, Outlet};

/// A gap that is wider than this part of the font size is a space.
const SPACE: f64 = 0.1;
/// A step down by more than this part of the font size, and back to the left, is a new line.
const LINE: f64 = 0.5;
/// A step by more than this part of the font size is a new line in any case.
const FAR: f64 = 1.5;

/// Letters that are drawn as one, and what people type.
const LIGATURES: &[(&str, &str)] = &[
    ("ﬀ", "ff"),
    ("ﬁ", "fi"),
    ("ﬂ", "fl"),
    ("ﬃ", "ffi"),
    ("ﬄ", "ffl"),
    ("ﬅ", "st"),
    ("ﬆ", "st"),
];

/// Writes letters to a outlet as they come.
pub(super) struct Lines<'a> {
    outlet: &'a mut Outlet,
    last_page: u32,
    page: u32,
    pages_done: u32,
    is_open: bool,
    is_finished: bool,
    /// Where the letter before ended; `None` at the beginning of a page.
    end: Option<(f64, f64)>,
    starts_word: bool,
    page_start: Mark,
}

impl<'a> Lines<'a> {
    /// Writes the pages up to `last_page`.
    pub(super) fn new(outlet: &'a mut Outlet, last_page: u32) -> Self {
        Self {
            outlet,
            last_page,
            page: 0,
            pages_done: 0,
            is_open: false,
            is_finished: false,
            end: None,
            starts_word: false,
            page_start: Mark::default(),
        }
    }

    /// How many pages were written to their end.
    pub(super) fn pages_done(&self) -> u32 {
        self.pages_done
    }

    /// The page that something went wrong on, after something did.
    pub(super) fn failed_page(&self) -> u32 {
        if self.is_open { self.page } else { self.page + 1 }
    }

    /// Whether no more is wanted: that too comes as an error through the library.
    pub(super) fn is_finished(&self) -> bool {
        self.is_finished
    }

    /// Ends a page that was left in the middle.
    pub(super) fn page_break(&mut self) {
        self.outlet.end_block();
        self.end = None;
    }

    /// Takes back what was written of a page that was left in the middle: it is about to be read again.
    pub(super) fn take_back_page(&mut self) {
        if self.is_open {
            self.outlet.rewind(&self.page_start);
        }
        self.is_open = false;
        self.end = None;
    }

    fn stop(&mut self) -> OutputError {
        self.is_finished = true;
        OutputError::FormatError(std::fmt::Error)
    }
}

impl OutputDev for Lines<'_> {
    fn begin_page(
        &mut self,
        page: u32,
        _size: &MediaBox,
        _art: Option<(f64, f64, f64, f64)>,
    ) -> Result<(), OutputError> {
        if page > self.last_page {
            return Err(self.stop());
        }
        self.page = page;
        self.is_open = true;
        self.page_break();
        self.page_start = self.outlet.mark();
        Ok(())
    }

    fn end_page(&mut self) -> Result<(), OutputError> {
        self.is_open = false;
        self.pages_done += 1;
        self.page_break();
        Ok(())
    }

    fn output_character(
        &mut self,
        place: &Transform,
        width: f64,
        _spacing: f64,
        font_size: f64,
        letters: &str,
    ) -> Result<(), OutputError> {
        let (x, y) = (place.m31, place.m32);
        // The side of a square that is as large as the transformed letter's.
        let across = font_size * (place.m11 + place.m21);
        let down = font_size * (place.m12 + place.m22);
        let size = (across * down).abs().sqrt();
        if self.starts_word
            && let Some((end_x, end_y)) = self.end
        {
            let step = (y - end_y).abs();
            if step > size * FAR || x < end_x && step > size * LINE {
                self.outlet.end_line();
            } else if x > end_x + size * SPACE {
                self.outlet.push_collapsed(" ");
            }
        }
        match LIGATURES.iter().find(|(ligature, _)| *ligature == letters) {
            Some((_, letters)) => self.outlet.push_collapsed(letters),
            None => self.outlet.push_collapsed(letters),
        }
        self.starts_word = false;
        self.end = Some((x + width * size, y));
        if self.outlet.is_full() {
            Err(self.stop())
        } else {
            Ok(())
        }
    }

    fn begin_word(&mut self) -> Result<(), OutputError> {
        self.starts_word = true;
        Ok(())
    }

    fn end_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_line(&mut self) -> Result<(), OutputError> {
        Ok(())
    }
}
