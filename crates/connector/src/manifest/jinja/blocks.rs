//! Statements: `{% if %}`, `{% for %}`, `{% set %}`.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Error;
use super::ast::{Expr, Piece};
use super::functions;
use super::lexer::{Part, Token, parts};
use super::parser::Parser;

/// Names that are no variables.
const WORDS: [&str; 15] = [
    "self", "true", "false", "none", "True", "False", "None", "and", "or", "not", "in", "is", "if", "else", "loop",
];

/// The pieces of a template, and the variables that it uses but nobody declares.
pub(super) fn parse(source: &str, variables: &[&str]) -> Result<(Vec<Piece>, Vec<String>), Error> {
    let parts = parts(source)?;
    let mut reader = Reader {
        parts: &parts,
        at: 0,
        declared: BTreeSet::new(),
        depth: 0,
    };
    let (pieces, end) = reader.body(&[])?;
    debug_assert!(
        end.is_none(),
        "without words to end at, the body ends with the template"
    );
    let mut known: BTreeSet<&str> = variables
        .iter()
        .copied()
        .chain(["config", "parameters"])
        .chain(WORDS)
        .collect();
    known.extend(reader.declared.iter().map(String::as_str));
    let mut unknown = BTreeSet::new();
    for part in &parts {
        if let Part::Print(tokens) | Part::Statement(tokens) = part {
            collect(tokens, &known, &mut unknown);
        }
    }
    Ok((pieces, unknown.into_iter().collect()))
}

/// Adds the names among `tokens` that stand for variables and are not known.
fn collect(tokens: &[Token], known: &BTreeSet<&str>, unknown: &mut BTreeSet<String>) {
    for (at, token) in tokens.iter().enumerate() {
        let Token::Name(name) = token else { continue };
        let before = at.checked_sub(1).and_then(|at| tokens.get(at));
        // Attributes, filters and tests have names of their own.
        let is_member = matches!(before, Some(Token::Op("." | "|")));
        let is_test = match before {
            Some(Token::Name(word)) if word == "is" => true,
            Some(Token::Name(word)) if word == "not" => {
                matches!(at.checked_sub(2).and_then(|at| tokens.get(at)), Some(Token::Name(word)) if word == "is")
            }
            _ => false,
        };
        let is_argument =
            matches!(tokens.get(at + 1), Some(Token::Op("="))) && matches!(before, Some(Token::Op("(" | ",")));
        let is_statement = at == 0 && matches!(name.as_str(), "set" | "for" | "elif" | "endif" | "endfor" | "endset");
        if is_member || is_test || is_argument || is_statement || known.contains(name.as_str()) {
            continue;
        }
        if matches!(tokens.get(at + 1), Some(Token::Op("("))) && functions::is_known(name) {
            continue;
        }
        unknown.insert(name.clone());
    }
}

struct Reader<'p> {
    parts: &'p [Part],
    at: usize,
    declared: BTreeSet<String>,
    depth: u32,
}

impl<'p> Reader<'p> {
    /// Pieces up to one of the statements `ends`, and the tokens of that statement.
    fn body(&mut self, ends: &[&str]) -> Result<(Vec<Piece>, Option<&'p [Token]>), Error> {
        self.depth += 1;
        if self.depth > 32 {
            return Err(Error::Syntax("statements nest deeper than 32".to_owned()));
        }
        let mut pieces = Vec::new();
        while let Some(part) = self.parts.get(self.at) {
            self.at += 1;
            match part {
                Part::Text(text) => pieces.push(Piece::Text(text.as_str().into())),
                Part::Print(tokens) => pieces.push(Piece::Print(whole(tokens)?)),
                Part::Statement(tokens) => {
                    let word = match tokens.first() {
                        Some(Token::Name(word)) => word.as_str(),
                        _ => return Err(Error::Syntax("`{%` is not followed by a word".to_owned())),
                    };
                    if ends.contains(&word) {
                        self.depth -= 1;
                        return Ok((pieces, Some(tokens)));
                    }
                    pieces.push(self.statement(word, &tokens[1..])?);
                }
            }
        }
        self.depth -= 1;
        match ends.last() {
            Some(end) => Err(Error::Syntax(format!("`{{% {end} %}}` is missing"))),
            None => Ok((pieces, None)),
        }
    }

    fn statement(&mut self, word: &str, tokens: &'p [Token]) -> Result<Piece, Error> {
        // Python's colon at the end of a line is allowed.
        let tokens = tokens.strip_suffix(&[Token::Op(":")]).unwrap_or(tokens);
        match word {
            "if" => self.condition(tokens),
            "for" => self.repetition(tokens),
            "set" => self.assignment(tokens),
            other => Err(Error::Syntax(format!("`{{% {other} %}}` is not supported"))),
        }
    }

    fn condition(&mut self, tokens: &'p [Token]) -> Result<Piece, Error> {
        let mut branches = Vec::new();
        let mut condition = whole(tokens)?;
        loop {
            let (body, end) = self.body(&["elif", "else", "endif"])?;
            branches.push((condition, body));
            match end {
                Some([Token::Name(word), rest @ ..]) if word == "elif" => condition = whole(rest)?,
                Some([Token::Name(word), ..]) if word == "else" => {
                    let (otherwise, _) = self.body(&["endif"])?;
                    return Ok(Piece::If(branches, otherwise));
                }
                _ => return Ok(Piece::If(branches, Vec::new())),
            }
        }
    }

    fn targets(&mut self, parser: &mut Parser<'_>) -> Result<Vec<Arc<str>>, Error> {
        let has_bracket = parser.take_op("(");
        let mut targets = vec![parser.any_name()?];
        while parser.take_op(",") {
            targets.push(parser.any_name()?);
        }
        if has_bracket && !parser.take_op(")") {
            return Err(Error::Syntax("`)` is missing".to_owned()));
        }
        self.declared.extend(targets.iter().map(ToString::to_string));
        Ok(targets)
    }

    fn repetition(&mut self, tokens: &'p [Token]) -> Result<Piece, Error> {
        let mut parser = Parser::new(tokens);
        let targets = self.targets(&mut parser)?;
        if !parser.take_name("in") {
            return Err(Error::Syntax("`in` is missing after `{% for`".to_owned()));
        }
        let over = parser.or()?;
        let only_if = if parser.take_name("if") {
            Some(parser.expression()?)
        } else {
            None
        };
        parser.finish()?;
        let (body, end) = self.body(&["else", "endfor"])?;
        let otherwise = match end {
            Some([Token::Name(word), ..]) if word == "else" => self.body(&["endfor"])?.0,
            _ => Vec::new(),
        };
        Ok(Piece::For {
            targets,
            over,
            only_if,
            body,
            otherwise,
        })
    }

    fn assignment(&mut self, tokens: &'p [Token]) -> Result<Piece, Error> {
        let mut parser = Parser::new(tokens);
        let targets = self.targets(&mut parser)?;
        if parser.take_op("=") {
            let value = parser.expression_list()?;
            parser.finish()?;
            return Ok(Piece::Set(targets, value));
        }
        parser.finish()?;
        let (body, _) = self.body(&["endset"])?;
        match targets.as_slice() {
            [name] => Ok(Piece::SetBlock(Arc::clone(name), body)),
            _ => Err(Error::Syntax("a block can be set to one name only".to_owned())),
        }
    }
}

fn whole(tokens: &[Token]) -> Result<Expr, Error> {
    let mut parser = Parser::new(tokens);
    if parser.is_at_end() {
        return Err(Error::Syntax("there is nothing between the brackets".to_owned()));
    }
    let expr = parser.expression_list()?;
    parser.finish()?;
    Ok(expr)
}
