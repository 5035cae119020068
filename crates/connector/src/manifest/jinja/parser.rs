//! Tokens to expressions, with Jinja's precedence.

use std::sync::Arc;

use super::Error;
use super::ast::{Args, Binary, Compare, Expr, Filter};
use super::lexer::Token;
use super::names::{know_filter, know_method, know_test};

/// How deep expressions may nest.
const DEPTH_MAX: u32 = 64;

/// Reads expressions from a list of tokens.
pub(super) struct Parser<'t> {
    tokens: &'t [Token],
    at: usize,
    depth: u32,
}

impl<'t> Parser<'t> {
    pub(super) fn new(tokens: &'t [Token]) -> Self {
        Self {
            tokens,
            at: 0,
            depth: 0,
        }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    pub(super) fn finish(&self) -> Result<(), Error> {
        match self.tokens.get(self.at) {
            None => Ok(()),
            Some(token) => Err(Error::Syntax(format!("{} is not expected here", show(token)))),
        }
    }

    fn peek_op(&self, op: &str) -> bool {
        matches!(self.tokens.get(self.at), Some(Token::Op(found)) if *found == op)
    }

    fn peek_name(&self, name: &str) -> bool {
        matches!(self.tokens.get(self.at), Some(Token::Name(found)) if found == name)
    }

    pub(super) fn take_op(&mut self, op: &str) -> bool {
        let found = self.peek_op(op);
        self.at += usize::from(found);
        found
    }

    pub(super) fn take_name(&mut self, name: &str) -> bool {
        let found = self.peek_name(name);
        self.at += usize::from(found);
        found
    }

    fn expect_op(&mut self, op: &str) -> Result<(), Error> {
        if self.take_op(op) {
            return Ok(());
        }
        let found = self.tokens.get(self.at).map_or("the end".to_owned(), show);
        Err(Error::Syntax(format!("`{op}` is expected instead of {found}")))
    }

    pub(super) fn any_name(&mut self) -> Result<Arc<str>, Error> {
        let token = self.tokens.get(self.at);
        self.at += 1;
        match token {
            Some(Token::Name(name)) => Ok(name.as_str().into()),
            Some(token) => Err(Error::Syntax(format!("a name is expected instead of {}", show(token)))),
            None => Err(Error::Syntax("a name is expected at the end".to_owned())),
        }
    }

    /// A whole expression, a tuple without parentheses included.
    pub(super) fn expression_list(&mut self) -> Result<Expr, Error> {
        let first = self.expression()?;
        if !self.peek_op(",") {
            return Ok(first);
        }
        let mut items = vec![first];
        while self.take_op(",") {
            if self.is_at_end() {
                break;
            }
            items.push(self.expression()?);
        }
        Ok(Expr::Tuple(items))
    }

    pub(super) fn expression(&mut self) -> Result<Expr, Error> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(Error::Syntax(format!("an expression nests deeper than {DEPTH_MAX}")));
        }
        let mut value = self.or()?;
        while self.take_name("if") {
            let condition = self.or()?;
            let otherwise = if self.take_name("else") {
                Some(Box::new(self.expression()?))
            } else {
                None
            };
            value = Expr::If(Box::new(value), Box::new(condition), otherwise);
        }
        self.depth -= 1;
        Ok(value)
    }

    pub(super) fn or(&mut self) -> Result<Expr, Error> {
        let mut left = self.and()?;
        while self.take_name("or") {
            left = Expr::Or(Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Expr, Error> {
        let mut left = self.not()?;
        while self.take_name("and") {
            left = Expr::And(Box::new(left), Box::new(self.not()?));
        }
        Ok(left)
    }

    fn not(&mut self) -> Result<Expr, Error> {
        let mut count = 0;
        while self.take_name("not") {
            count += 1;
        }
        let mut value = self.compare()?;
        for _ in 0..count {
            value = Expr::Not(Box::new(value));
        }
        Ok(value)
    }

    fn compare(&mut self) -> Result<Expr, Error> {
        let first = self.sum()?;
        let mut rest = Vec::new();
        loop {
            let op = if self.take_op("==") {
                Compare::Eq
            } else if self.take_op("!=") {
                Compare::Ne
            } else if self.take_op("<=") {
                Compare::Le
            } else if self.take_op(">=") {
                Compare::Ge
            } else if self.take_op("<") {
                Compare::Lt
            } else if self.take_op(">") {
                Compare::Gt
            } else if self.take_name("in") {
                Compare::In
            } else if self.peek_name("not") && self.next_is_in() {
                self.at += 2;
                Compare::NotIn
            } else {
                break;
            };
            rest.push((op, self.sum()?));
        }
        Ok(if rest.is_empty() {
            first
        } else {
            Expr::Compare(Box::new(first), rest)
        })
    }

    fn next_is_in(&self) -> bool {
        matches!(self.tokens.get(self.at + 1), Some(Token::Name(name)) if name == "in")
    }

    fn sum(&mut self) -> Result<Expr, Error> {
        let mut left = self.concat()?;
        loop {
            let op = if self.take_op("+") {
                Binary::Add
            } else if self.take_op("-") {
                Binary::Sub
            } else {
                return Ok(left);
            };
            left = Expr::Binary(op, Box::new(left), Box::new(self.concat()?));
        }
    }

    fn concat(&mut self) -> Result<Expr, Error> {
        let first = self.product()?;
        if !self.peek_op("~") {
            return Ok(first);
        }
        let mut items = vec![first];
        while self.take_op("~") {
            items.push(self.product()?);
        }
        Ok(Expr::Concat(items))
    }

    fn product(&mut self) -> Result<Expr, Error> {
        let mut left = self.power()?;
        loop {
            let op = if self.take_op("*") {
                Binary::Mul
            } else if self.take_op("//") {
                Binary::FloorDiv
            } else if self.take_op("/") {
                Binary::Div
            } else if self.take_op("%") {
                Binary::Rem
            } else {
                return Ok(left);
            };
            left = Expr::Binary(op, Box::new(left), Box::new(self.power()?));
        }
    }

    fn power(&mut self) -> Result<Expr, Error> {
        let mut left = self.unary(true)?;
        while self.take_op("**") {
            left = Expr::Binary(Binary::Pow, Box::new(left), Box::new(self.unary(true)?));
        }
        Ok(left)
    }

    fn unary(&mut self, with_filters: bool) -> Result<Expr, Error> {
        let value = if self.take_op("-") {
            Expr::Minus(Box::new(self.deeper(|parser| parser.unary(false))?))
        } else if self.take_op("+") {
            Expr::Plus(Box::new(self.deeper(|parser| parser.unary(false))?))
        } else {
            self.primary()?
        };
        let value = self.postfix(value)?;
        if with_filters { self.filters(value) } else { Ok(value) }
    }

    fn deeper(&mut self, read: impl FnOnce(&mut Self) -> Result<Expr, Error>) -> Result<Expr, Error> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(Error::Syntax(format!("an expression nests deeper than {DEPTH_MAX}")));
        }
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn primary(&mut self) -> Result<Expr, Error> {
        let Some(token) = self.tokens.get(self.at) else {
            return Err(Error::Syntax("a value is expected at the end".to_owned()));
        };
        self.at += 1;
        Ok(match token {
            Token::Int(value) => Expr::Int(*value),
            Token::Float(value) => Expr::Float(*value),
            Token::Str(value) => {
                let mut joined = value.clone();
                while let Some(Token::Str(more)) = self.tokens.get(self.at) {
                    joined.push_str(more);
                    self.at += 1;
                }
                Expr::Str(joined.into())
            }
            Token::Name(name) => match name.as_str() {
                "true" | "True" => Expr::Bool(true),
                "false" | "False" => Expr::Bool(false),
                "none" | "None" => Expr::None,
                name => Expr::Name(name.into()),
            },
            Token::Op("(") => {
                if self.take_op(")") {
                    return Ok(Expr::Tuple(Vec::new()));
                }
                let first = self.expression()?;
                if self.take_op(")") {
                    return Ok(first);
                }
                let mut items = vec![first];
                while self.take_op(",") && !self.peek_op(")") {
                    items.push(self.expression()?);
                }
                self.expect_op(")")?;
                Expr::Tuple(items)
            }
            Token::Op("[") => {
                let mut items = Vec::new();
                while !self.peek_op("]") {
                    items.push(self.expression()?);
                    if !self.take_op(",") {
                        break;
                    }
                }
                self.expect_op("]")?;
                Expr::List(items)
            }
            Token::Op("{") => {
                let mut items = Vec::new();
                while !self.peek_op("}") {
                    let key = self.expression()?;
                    self.expect_op(":")?;
                    items.push((key, self.expression()?));
                    if !self.take_op(",") {
                        break;
                    }
                }
                self.expect_op("}")?;
                Expr::Dict(items)
            }
            token @ Token::Op(_) => {
                return Err(Error::Syntax(format!("a value is expected instead of {}", show(token))));
            }
        })
    }

    fn postfix(&mut self, mut value: Expr) -> Result<Expr, Error> {
        loop {
            if self.take_op(".") {
                value = match self.tokens.get(self.at) {
                    Some(Token::Int(index)) => {
                        self.at += 1;
                        Expr::Item(Box::new(value), Box::new(Expr::Int(*index)))
                    }
                    _ => Expr::Attr(Box::new(value), self.any_name()?),
                };
            } else if self.take_op("[") {
                value = self.subscript(value)?;
            } else if self.take_op("(") {
                let args = self.args()?;
                value = match value {
                    Expr::Name(name) => Expr::Call(name, args),
                    Expr::Attr(of, name) => {
                        know_method(&name)?;
                        Expr::Method(of, name, args)
                    }
                    _ => return Err(Error::Syntax("only functions and methods can be called".to_owned())),
                };
            } else {
                return Ok(value);
            }
        }
    }

    fn subscript(&mut self, value: Expr) -> Result<Expr, Error> {
        let mut bounds = [None, None, None];
        let mut colons = 0;
        while !self.peek_op("]") {
            if self.take_op(":") {
                colons += 1;
                if colons > 2 {
                    return Err(Error::Syntax("a slice has at most two `:`".to_owned()));
                }
                continue;
            }
            if let Some(bound) = bounds.get_mut(colons) {
                *bound = Some(Box::new(self.expression()?));
            }
            if !self.peek_op(":") {
                break;
            }
        }
        self.expect_op("]")?;
        if colons > 0 {
            return Ok(Expr::Slice(Box::new(value), bounds));
        }
        let [Some(key), ..] = bounds else {
            return Err(Error::Syntax("`[]` names no key".to_owned()));
        };
        Ok(Expr::Item(Box::new(value), key))
    }

    fn args(&mut self) -> Result<Args, Error> {
        let mut args = Args::default();
        while !self.peek_op(")") {
            let is_named = matches!(self.tokens.get(self.at), Some(Token::Name(_)))
                && matches!(self.tokens.get(self.at + 1), Some(Token::Op("=")));
            if is_named {
                let name = self.any_name()?;
                self.at += 1;
                args.named.push((name, self.expression()?));
            } else {
                args.positional.push(self.expression()?);
            }
            if !self.take_op(",") {
                break;
            }
        }
        self.expect_op(")")?;
        Ok(args)
    }

    fn filters(&mut self, mut value: Expr) -> Result<Expr, Error> {
        loop {
            if self.take_op("|") {
                let name = self.any_name()?;
                let args = if self.take_op("(") {
                    self.args()?
                } else {
                    Args::default()
                };
                value = Expr::Filter(Box::new(value), filter(name, args)?);
            } else if self.take_name("is") {
                let is_not = self.take_name("not");
                let name = self.any_name()?;
                let args = if self.take_op("(") {
                    self.args()?.positional
                } else if self.starts_value() {
                    let value = self.primary()?;
                    vec![self.postfix(value)?]
                } else {
                    Vec::new()
                };
                know_test(&name)?;
                value = Expr::Test(Box::new(value), name, args, is_not);
            } else {
                return Ok(value);
            }
        }
    }

    fn starts_value(&self) -> bool {
        match self.tokens.get(self.at) {
            Some(Token::Name(name)) => !matches!(name.as_str(), "else" | "or" | "and" | "is" | "if" | "not" | "in"),
            Some(Token::Str(_) | Token::Int(_) | Token::Float(_) | Token::Op("[" | "{")) => true,
            _ => false,
        }
    }
}

/// A filter; a pattern that is written out is compiled here, once.
fn filter(name: Arc<str>, args: Args) -> Result<Filter, Error> {
    know_filter(&name, &args)?;
    let mut regex = None;
    if let ("regex_search" | "regex_replace", Some(Expr::Str(pattern))) = (&*name, args.positional.first()) {
        let compiled = regex::Regex::new(pattern)
            .map_err(|error| Error::Syntax(format!("the pattern `{pattern}` can't be read: {error}")))?;
        regex = Some(compiled);
    }
    Ok(Filter { name, args, regex })
}

fn show(token: &Token) -> String {
    match token {
        Token::Name(name) => format!("`{name}`"),
        Token::Str(text) => format!("`'{text}'`"),
        Token::Int(number) => format!("`{number}`"),
        Token::Float(number) => format!("`{number}`"),
        Token::Op(op) => format!("`{op}`"),
    }
}
