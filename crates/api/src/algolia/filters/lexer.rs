//! The words of `filters`.

/// One word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    And,
    Or,
    Not,
    Open,
    Close,
    /// `name:value`, the value without its quotes. A bare word is a tag: `_tags:word`.
    Facet {
        name: String,
        value: String,
    },
    /// A comparison with its operator, as text.
    Comparison(String),
}

impl std::fmt::Display for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::And => f.write_str("AND"),
            Self::Or => f.write_str("OR"),
            Self::Not => f.write_str("NOT"),
            Self::Open => f.write_str("("),
            Self::Close => f.write_str(")"),
            Self::Facet { name, value } => write!(f, "{name}:{value}"),
            Self::Comparison(text) => f.write_str(text),
        }
    }
}

const OPERATORS: &[char] = &['<', '>', '=', '!'];
const NAME_ENDS: &[char] = &[':', '(', ')', '<', '>', '=', '!'];
/// A value may hold colons, as times do.
const VALUE_ENDS: &[char] = &['(', ')'];

/// What begins the score of a condition.
pub(super) const SCORE: &str = "<score=";

pub(super) struct Lexer<'a> {
    rest: &'a str,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    /// All words, or what is wrong.
    pub(super) fn all(mut self) -> Result<Vec<Token>, String> {
        let mut tokens = Vec::new();
        loop {
            self.rest = self.rest.trim_start();
            let Some(first) = self.rest.chars().next() else {
                return Ok(tokens);
            };
            tokens.push(match first {
                '(' => self.single(Token::Open),
                ')' => self.single(Token::Close),
                _ => self.condition()?,
            });
        }
    }

    fn single(&mut self, token: Token) -> Token {
        self.rest = &self.rest[1..];
        token
    }

    fn condition(&mut self) -> Result<Token, String> {
        let name = self.word(NAME_ENDS)?;
        match name.as_str() {
            "AND" => return Ok(Token::And),
            "OR" => return Ok(Token::Or),
            "NOT" => return Ok(Token::Not),
            _ => {}
        }
        let after = self.rest.trim_start();
        if let Some(rest) = after.strip_prefix(':') {
            self.rest = rest.trim_start();
            let value = self.word(VALUE_ENDS)?;
            self.skip_score();
            return self.range_or_facet(name, value);
        }
        if after.starts_with(OPERATORS) {
            let operator: String = after.chars().take_while(|c| OPERATORS.contains(c)).collect();
            self.rest = after[operator.len()..].trim_start();
            let value = self.word(NAME_ENDS)?;
            self.skip_score();
            return Ok(Token::Comparison(format!("{name}{operator}{value}")));
        }
        Ok(Token::Facet {
            name: "_tags".to_owned(),
            value: name,
        })
    }

    /// `1 TO 5` is one value.
    fn range_or_facet(&mut self, name: String, value: String) -> Result<Token, String> {
        let after = self.rest.trim_start();
        let Some(rest) = after
            .strip_prefix("TO")
            .filter(|rest| rest.starts_with(char::is_whitespace))
        else {
            return Ok(Token::Facet { name, value });
        };
        self.rest = rest.trim_start();
        let to = self.word(NAME_ENDS)?;
        Ok(Token::Facet {
            name,
            value: format!("{value} TO {to}"),
        })
    }

    /// `<score=2>` after a condition only changes the order of hits.
    fn skip_score(&mut self) {
        if let Some(rest) = self.rest.strip_prefix(SCORE) {
            let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            self.rest = rest.strip_prefix('>').unwrap_or(self.rest);
        }
    }

    /// A quoted word, or a bare one that goes on to one of `ends` or to a space.
    fn word(&mut self, ends: &[char]) -> Result<String, String> {
        let Some(quote @ ('"' | '\'')) = self.rest.chars().next() else {
            let end = self.rest.find(|c: char| c.is_whitespace() || ends.contains(&c));
            let end = end.into_iter().chain(self.rest.find(SCORE)).min();
            let end = end.unwrap_or(self.rest.len());
            let (word, rest) = self.rest.split_at(end);
            if word.is_empty() {
                let next: String = rest.chars().take(1).collect();
                return Err(format!("`{next}` where a word was expected"));
            }
            self.rest = rest;
            return Ok(word.to_owned());
        };
        let mut word = String::new();
        let mut letters = self.rest.char_indices().skip(1);
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\\' => word.extend(letters.next().map(|(_, escaped)| escaped)),
                _ if letter == quote => {
                    self.rest = &self.rest[at + quote.len_utf8()..];
                    return Ok(word);
                }
                _ => word.push(letter),
            }
        }
        Err("a quote is not closed".to_owned())
    }
}
