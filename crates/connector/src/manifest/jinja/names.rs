//! The names of filters, tests and methods: what is unknown is told when a manifest is read, not on some later day.

use super::Error;
use super::ast::{Args, Expr};
use crate::suggest;

const FILTERS: [&str; 44] = [
    "default",
    "d",
    "length",
    "count",
    "string",
    "tojson",
    "int",
    "float",
    "bool",
    "abs",
    "round",
    "lower",
    "upper",
    "title",
    "capitalize",
    "trim",
    "safe",
    "e",
    "escape",
    "replace",
    "urlencode",
    "hash",
    "hmac",
    "base64encode",
    "base64decode",
    "base64binascii_decode",
    "regex_search",
    "regex_replace",
    "list",
    "first",
    "last",
    "reverse",
    "join",
    "sum",
    "max",
    "min",
    "sort",
    "unique",
    "items",
    "map",
    "selectattr",
    "rejectattr",
    "select",
    "reject",
];

const TESTS: [&str; 30] = [
    "defined",
    "undefined",
    "none",
    "None",
    "true",
    "false",
    "boolean",
    "integer",
    "float",
    "number",
    "string",
    "mapping",
    "sequence",
    "iterable",
    "odd",
    "even",
    "divisibleby",
    "in",
    "eq",
    "equalto",
    "sameas",
    "ne",
    "lt",
    "lessthan",
    "le",
    "gt",
    "greaterthan",
    "ge",
    "lower",
    "upper",
];

/// Of whatever type: which one a value has is known only when it is there.
const METHODS: [&str; 47] = [
    "append",
    "capitalize",
    "casefold",
    "copy",
    "count",
    "date",
    "endswith",
    "extend",
    "find",
    "format",
    "get",
    "index",
    "isalnum",
    "isalpha",
    "isdecimal",
    "isdigit",
    "islower",
    "isnumeric",
    "isoformat",
    "isoweekday",
    "isupper",
    "items",
    "join",
    "keys",
    "lower",
    "lstrip",
    "partition",
    "removeprefix",
    "removesuffix",
    "replace",
    "rfind",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strftime",
    "strip",
    "timestamp",
    "title",
    "toordinal",
    "total_seconds",
    "update",
    "upper",
    "values",
    "weekday",
    "zfill",
];

/// How tests are written where they are named in quotes.
const SIGNS: [(&str, &str); 6] = [
    ("==", "eq"),
    ("!=", "ne"),
    ("<", "lt"),
    ("<=", "le"),
    (">", "gt"),
    (">=", "ge"),
];

/// The name of a test that a filter is given: `select('==', 1)`.
pub(super) fn test_named(name: &str) -> &str {
    SIGNS
        .iter()
        .find(|(sign, _)| *sign == name)
        .map_or(name, |(_, test)| test)
}

/// An error for a filter that does not exist, or that names a filter or test that does not.
pub(super) fn know_filter(name: &str, args: &Args) -> Result<(), Error> {
    know("filter", name, &FILTERS)?;
    let named = |place: usize| match args.positional.get(place) {
        Some(Expr::Str(name)) => Some(name),
        _ => None,
    };
    let test = match name {
        "map" => return named(0).map_or(Ok(()), |name| know("filter", name, &FILTERS)),
        "select" | "reject" => named(0),
        "selectattr" | "rejectattr" => named(1),
        _ => None,
    };
    test.map_or(Ok(()), |name| know_test(test_named(name)))
}

/// An error for a test that does not exist.
pub(super) fn know_test(name: &str) -> Result<(), Error> {
    know("test", name, &TESTS)
}

/// An error for a method that no type has.
pub(super) fn know_method(name: &str) -> Result<(), Error> {
    know("method", name, &METHODS)
}

fn know(what: &str, name: &str, known: &[&str]) -> Result<(), Error> {
    if known.contains(&name) {
        return Ok(());
    }
    let hint = suggest::nearest(name, known).map_or(String::new(), |near| format!("; did you mean `{near}`?"));
    Err(Error::Syntax(format!("there is no {what} `{name}`{hint}")))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use model::Timestamp;
    use serde_json::json;

    use super::{FILTERS, METHODS, TESTS};
    use crate::manifest::jinja::{Kind, Scope, Template};

    #[test]
    fn what_is_known_is_there() {
        let config = json!({"text": "a", "list": [1], "dict": {"a": 1}});
        let values = ["text", "list", "dict"].map(|name| format!("config.{name}"));
        let mut sources: Vec<String> = Vec::new();
        for value in &values {
            // These take the names of others.
            let takes = |name: &str| name == "map" || name.starts_with("select") || name.starts_with("reject");
            let filters = FILTERS.iter().filter(|name| !takes(name));
            sources.extend(filters.map(|name| format!("{{{{ {value} | {name}(config.text, 1) }}}}")));
            sources.extend(TESTS.iter().map(|name| format!("{{{{ {value} is {name}(1) }}}}")));
        }
        for source in sources {
            let template = Template::compile(&source, &[], &Arc::new(json!({}))).unwrap();
            if let Err(error) = template.value(&Scope::new(&config, Timestamp(0)), Kind::Any) {
                assert!(!error.to_string().contains("not supported"), "{source}: {error}");
            }
        }
        let all = values
            .into_iter()
            .chain(["now_utc()", "today_utc()", "duration('P1D')"].map(str::to_owned));
        let all: Vec<String> = all.collect();
        for name in METHODS
            .iter()
            .filter(|name| !["append", "extend", "update"].contains(name))
        {
            let knows = all.iter().any(|value| {
                let source = format!("{{{{ {value}.{name}('a', 'b') is defined }}}}");
                let template = Template::compile(&source, &[], &Arc::new(json!({}))).unwrap();
                !matches!(template.value(&Scope::new(&config, Timestamp(0)), Kind::Any), Ok(None))
            });
            assert!(knows, "{name}");
        }
    }

    #[test]
    fn what_is_unknown_is_told_before_anything_runs() {
        for (source, expected) in [
            ("{{ 1 | jion }}", "there is no filter `jion`; did you mean `join`?"),
            (
                "{% if false %}{{ 1 | zzzzzzzz }}{% endif %}",
                "there is no filter `zzzzzzzz`",
            ),
            (
                "{{ [1] | map('lowr') }}",
                "there is no filter `lowr`; did you mean `lower`?",
            ),
            (
                "{{ [1] | select('evn') }}",
                "there is no test `evn`; did you mean `even`?",
            ),
            ("{{ 1 is evn }}", "there is no test `evn`; did you mean `even`?"),
            ("{{ 'a'.uper() }}", "there is no method `uper`; did you mean `upper`?"),
        ] {
            let error = Template::compile(source, &[], &Arc::new(json!({})))
                .unwrap_err()
                .to_string();
            assert!(error.ends_with(expected), "{source}: {error}");
        }
        Template::compile("{{ [1] | select('==', 1) | list }}", &[], &Arc::new(json!({}))).unwrap();
    }
}
