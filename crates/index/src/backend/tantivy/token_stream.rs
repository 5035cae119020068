//! Our analysis, as Tantivy wants it.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use crate::analysis;

/// Gives out the tokens of [`analysis`].
#[derive(Debug, Clone, Default)]
pub(super) struct Analysis;

impl Tokenizer for Analysis {
    type TokenStream<'a> = Stream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Stream<'a> {
        let walk = analysis::Tokenizer::new(text, analysis::Purpose::Document);
        Stream {
            walk,
            ours: analysis::Token::default(),
            theirs: Token::default(),
        }
    }
}

/// The tokens of one text.
#[derive(Debug)]
pub(super) struct Stream<'a> {
    walk: analysis::Tokenizer<'a>,
    ours: analysis::Token,
    theirs: Token,
}

impl TokenStream for Stream<'_> {
    fn advance(&mut self) -> bool {
        // The text's buffer goes to and fro, so that no token allocates.
        std::mem::swap(&mut self.ours.text, &mut self.theirs.text);
        let is_found = self.walk.advance(&mut self.ours);
        std::mem::swap(&mut self.ours.text, &mut self.theirs.text);
        self.theirs.position = self.ours.position;
        self.theirs.offset_from = self.ours.range.start;
        self.theirs.offset_to = self.ours.range.end;
        is_found
    }

    fn token(&self) -> &Token {
        &self.theirs
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.theirs
    }
}
