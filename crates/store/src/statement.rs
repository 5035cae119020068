//! SQL statements: one file each, in `sql/`, portable by default.
//!
//! `sql/<name>.sql` serves both databases; where they must differ, `sql/<name>.postgres.sql` stands beside it and its
//! first line says why. Parameters are `$1`, `$2`, …: SQLite would take those as names, so they become `?1` on loading.

use std::sync::LazyLock;

/// A statement as both databases take it.
#[derive(Debug)]
pub(crate) struct Statement {
    /// The file's name, without ending.
    pub(crate) name: &'static str,
    pub(crate) sqlite: LazyLock<String>,
    pub(crate) postgres: &'static str,
}

/// Declares statements and the list of them: `NAME = "file_name";`, with `, postgres` where a dialect file exists.
macro_rules! statements {
    ($($name:ident = $file:literal $(, $dialect:ident)?;)+) => {
        $(static $name: $crate::statement::Statement = $crate::statement::Statement {
            name: $file,
            sqlite: std::sync::LazyLock::new(|| $crate::statement::for_sqlite(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/sql/", $file, ".sql")))),
            postgres: $crate::statement::statements!(@postgres $file $($dialect)?),
        };)+
        /// Every statement of this file, for the test that prepares them all.
        #[cfg(test)]
        pub(crate) static STATEMENTS: &[&$crate::statement::Statement] = &[$(&$name),+];
    };
    (@postgres $file:literal postgres) => { include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/sql/", $file, ".postgres.sql")) };
    (@postgres $file:literal) => { include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/sql/", $file, ".sql")) };
}
pub(crate) use statements;

/// Turns `$1` into `?1`.
pub(crate) fn for_sqlite(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let is_parameter = letter == '$' && letters.peek().is_some_and(char::is_ascii_digit);
        out.push(if is_parameter { '?' } else { letter });
    }
    out
}
