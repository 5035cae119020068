//! Where the words of a query stand in a text, for a viewer that counts in UTF-16.

use index::Tags;

/// Noncharacters: no text that came through a parser holds them, and one that does is not marked.
const PRE: char = '\u{fdd0}';
const POST: char = '\u{fdd1}';

/// The tags to ask the index for.
pub(super) fn tags() -> Tags {
    Tags {
        pre: PRE.to_string(),
        post: POST.to_string(),
    }
}

/// The text without its tags, and the stretches that were tagged, in UTF-16 units.
pub(super) fn parted(tagged: &str) -> (String, Vec<[usize; 2]>) {
    let mut text = String::with_capacity(tagged.len());
    let (mut marks, mut at, mut open) = (Vec::new(), 0, None);
    for letter in tagged.chars() {
        match letter {
            PRE => open = Some(at),
            POST => {
                if let Some(from) = open.take() {
                    marks.push([from, at]);
                }
            }
            _ => {
                text.push(letter);
                at += letter.len_utf16();
            }
        }
    }
    (text, marks)
}

#[cfg(test)]
mod tests {
    //! Offsets.

    use super::parted;

    #[test]
    fn offsets_count_utf_16_units() {
        let (text, marks) = parted("a 😀 \u{fdd0}wörd\u{fdd1} \u{fdd0}b\u{fdd1}");
        assert_eq!(text, "a 😀 wörd b");
        assert_eq!(marks, [[5, 9], [10, 11]]);
        let units: Vec<u16> = text.encode_utf16().collect();
        assert_eq!(String::from_utf16(&units[5..9]).unwrap(), "wörd");
    }

    #[test]
    fn tags_without_a_partner_mark_nothing() {
        assert_eq!(parted("a\u{fdd1}b\u{fdd0}c"), ("abc".to_owned(), Vec::new()));
    }
}
