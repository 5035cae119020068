//! Tokens: long random texts that let their bearer in. The store keeps their hashes alone.

use rand::RngExt;

/// Letters and digits that nobody mistakes for another; 32 of them, so that a random byte maps to one without bias.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// 52 letters of 5 bits: 260 bits.
const LENGTH: usize = 52;

/// A token in the clear: shown once, never kept. `Debug` of it prints nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl std::fmt::Debug for Token {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}

impl Token {
    /// A new random token that begins with `prefix`. Draw it outside of the transaction that keeps its hash.
    pub fn fresh(prefix: &str) -> Self {
        let mut text = String::with_capacity(prefix.len() + LENGTH);
        text.push_str(prefix);
        let random: [u8; LENGTH] = rand::rng().random();
        text.extend(random.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])));
        Self(text)
    }

    /// The text to hand out.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What the store keeps of this token.
    pub fn hash(&self) -> Vec<u8> {
        Self::hash_of(&self.0)
    }

    /// What the store keeps of a token that somebody presents. A fast hash will do: there is nothing to guess.
    pub fn hash_of(text: &str) -> Vec<u8> {
        blake3::hash(text.as_bytes()).as_bytes().to_vec()
    }
}
