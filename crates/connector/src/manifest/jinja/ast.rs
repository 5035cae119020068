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
    List(Vec<Self>),
    Tuple(Vec<Self>),
    Dict(Vec<(Self, Self)>),
    /// `a.b`: an attribute of Python's, else a key.
    Attr(Box<Self>, Arc<str>),
    /// `a[b]`: a key, else an attribute of Python's.
    Item(Box<Self>, Box<Self>),
    Slice(Box<Self>, [Option<Box<Self>>; 3]),
    /// A call of a global function.
    Call(Arc<str>, Args),
    /// A call of a method.
    Method(Box<Self>, Arc<str>, Args),
    Filter(Box<Self>, Filter),
    /// `a is b`; the flag says `is not`.
    Test(Box<Self>, Arc<str>, Vec<Self>, bool),
    Not(Box<Self>),
    Minus(Box<Self>),
    Plus(Box<Self>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Binary(Binary, Box<Self>, Box<Self>),
    /// `a < b <= c`.
    Compare(Box<Self>, Vec<(Compare, Self)>),
    /// `~`.
    Concat(Vec<Self>),
    /// Value, condition, otherwise.
    If(Box<Self>, Box<Self>, Option<Box<Self>>),
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
    If(Vec<(Expr, Vec<Self>)>, Vec<Self>),
    For {
        targets: Vec<Arc<str>>,
        over: Expr,
        only_if: Option<Expr>,
        body: Vec<Self>,
        otherwise: Vec<Self>,
    },
    Set(Vec<Arc<str>>, Expr),
    SetBlock(Arc<str>, Vec<Self>),
}
