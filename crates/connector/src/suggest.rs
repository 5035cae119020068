//! "Did you mean …?": the nearest of the known words, for errors about unknown ones.

/// How many changes a suggestion may be away; more would be a wild guess.
const DISTANCE_MAX: usize = 3;

/// The known word that is nearest to `word`, if one is near enough to be meant.
pub(crate) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let mut best: Option<(usize, &str)> = None;
    for candidate in known {
        let distance = distance(&word.to_lowercase(), &candidate.to_lowercase());
        let near_enough = distance <= DISTANCE_MAX && distance * 2 <= candidate.chars().count().max(2);
        if near_enough && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// The end of a message about an unknown word: the nearest known one, or all of them.
pub(crate) fn hint(word: &str, known: &[&str]) -> String {
    match nearest(word, known) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("known are {}", quoted(known)),
    }
}

/// The words in backticks, parted by commas.
pub(crate) fn quoted(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}

/// The number of insertions, deletions and replacements that lead from one word to the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().take(100).collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (above, a) in from.chars().take(100).enumerate() {
        let mut diagonal = row[0];
        row[0] = above + 1;
        for (left, b) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[left + 1];
            row[left + 1] = replaced.min(diagonal + 1).min(row[left] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    //! What counts as near.

    use super::{hint, nearest};

    #[test]
    fn a_slip_of_the_finger_finds_the_word_that_was_meant() {
        let known = ["include", "exclude", "path", "hidden"];
        assert_eq!(nearest("inclde", &known), Some("include"));
        assert_eq!(nearest("Path", &known), Some("path"));
        assert_eq!(nearest("colour", &known), None);
        assert_eq!(nearest("", &known), None);
    }

    #[test]
    fn without_a_near_word_all_are_named() {
        assert_eq!(hint("zebra", &["path", "url"]), "known are `path`, `url`");
    }
}
