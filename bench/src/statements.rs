//! The product's own SQL, read from its files, for loops that run it bare.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// For which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

/// The statement of this name, as `store` would run it.
pub(crate) fn statement(name: &str, dialect: Dialect) -> Result<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/store/sql");
    let special = folder.join(format!("{name}.postgres.sql"));
    let file = match dialect {
        Dialect::Postgres if special.exists() => special,
        _ => folder.join(format!("{name}.sql")),
    };
    let text = fs::read_to_string(&file)
        .with_context(|| format!("`{}`: has the statement another name now?", file.display()))?;
    Ok(match dialect {
        Dialect::Sqlite => for_sqlite(&text),
        Dialect::Postgres => text,
    })
}

/// `$1` becomes `?1`: SQLite would take it as a name.
fn for_sqlite(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let is_parameter = letter == '$' && letters.peek().is_some_and(char::is_ascii_digit);
        out.push(if is_parameter { '?' } else { letter });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_numbered_as_the_database_wants_them() {
        assert_eq!(for_sqlite("a = $12 AND b = '$'"), "a = ?12 AND b = '$'");
    }

    #[test]
    fn a_statement_that_is_gone_is_named() {
        let error = statement("no_such_statement", Dialect::Sqlite).expect_err("no such file");
        assert!(format!("{error:#}").contains("no_such_statement"), "{error:#}");
    }
}
