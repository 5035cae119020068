//! `fossick reference <part>`: the files of `docs/reference`, written from the code by `make gen`.

mod command_line;
mod connectors;
mod settings;

use clap::ValueEnum;

/// A part of the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// The HTTP API: OpenAPI 3.1.
    Openapi,
    /// Every setting.
    Config,
    /// Every command.
    Cli,
    /// Every built-in connector with its configuration.
    Connectors,
}

impl Part {
    /// The whole file.
    pub(crate) fn text(self) -> String {
        match self {
            Self::Openapi => api::reference(),
            Self::Config => settings::text(),
            Self::Cli => command_line::text(),
            Self::Connectors => connectors::text(),
        }
    }
}

/// The line under a page's title, so that nobody edits what is written over.
const MADE: &str = "*Written from the code by `make gen`.*\n\n";

#[cfg(test)]
mod tests {
    //! What is in the repository is what the code says.

    use super::*;

    #[test]
    fn the_reference_in_the_repository_is_current() {
        let kept = [
            (Part::Openapi, include_str!("../../../../docs/reference/openapi.json")),
            (Part::Config, include_str!("../../../../docs/reference/config.md")),
            (Part::Cli, include_str!("../../../../docs/reference/cli.md")),
            (
                Part::Connectors,
                include_str!("../../../../docs/reference/connectors.md"),
            ),
        ];
        for (part, kept) in kept {
            assert!(
                part.text() == kept,
                "the reference `{part:?}` is not current: `make gen`"
            );
        }
    }
}
