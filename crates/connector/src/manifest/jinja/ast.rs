//! A parsed template.

use std::sync::Arc;

/// An expression.
#[derive(Debug, Clone)]
pub(super) enum Expr {
    None,
    Bool(bool),
    Int(i128),
    Float(f64),
    Str(Arc<str>),
    Name(Arc<str>),
    List(Vec<Expr>),
    Tuple(Vec<Expr>),
    Dict(Vec<(Expr, Expr)>),
    /// `a.b`: an attribute of Python's, else a key.
    Attr(Box<Expr>, Arc<str>),
    /// `a[b]`: a key, else an attribute of Python's.
    Item(Box<Expr>, Box<Expr>),
    Slice(Box<Expr>, [Option<Box<Expr>>; 3]),
    /// A call of a global function.
    Call(Arc<str>, Args),
    /// A call of a method.
    Method(Box<Expr>, Arc<str>, Args),
    Filter(Box<Expr>, Filter),
    /// `a is b`; the flag says `is not`.
    Test(Box<Expr>, Arc<str>, Vec<Expr>, bool),
    Not(Box<Expr>),
    Minus(Box<Expr>),
    Plus(Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    Binary(Binary, Box<Expr>, Box<Expr>),
    /// `a < b <= c`.
    Compare(Box<Expr>, Vec<(Compare, Expr)>),
    /// `~`.
    Concat(Vec<Expr>),
    /// Value, condition, otherwise.
    If(Box<Expr>, Box<Expr>, Option<Box<Expr>>),
}

/// A filter with its arguments.
#[derive(Debug, Clone)]
pub(super) struct Filter {
    pub(super) name: Arc<str>,
    pub(super) args: Args,
    /// The pattern of `regex_search` and `regex_replace`, where it is written out.
    pub(super) regex: Option<regex::Regex>,
}

/// Positional and named arguments.
#[derive(Debug, Clone, Default)]
pub(super) struct Args {
    pub(super) positional: Vec<Expr>,
    pub(super) named: Vec<(Arc<str>, Expr)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    FloorDiv,
    Rem,
    Pow,
}

impl Binary {
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::FloorDiv => "//",
            Self::Rem => "%",
            Self::Pow => "**",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compare {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    In,
    NotIn,
}

/// A piece of a template.
#[derive(Debug, Clone)]
pub(super) enum Piece {
    Text(Arc<str>),
    Print(Expr),
    /// Conditions with what they print, and what is printed otherwise.
    If(Vec<(Expr, Vec<Piece>)>, Vec<Piece>),
    For {
        targets: Vec<Arc<str>>,
        over: Expr,
        only_if: Option<Expr>,
        body: Vec<Piece>,
        otherwise: Vec<Piece>,
    },
    Set(Vec<Arc<str>>, Expr),
    SetBlock(Arc<str>, Vec<Piece>),
}
