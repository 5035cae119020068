//! Every setting, from the one list of them.

use super::MADE;
use crate::config::settings::{ALL, variable};

/// The page.
pub(super) fn text() -> String {
    let mut text = format!(
        "# Settings\n\n{MADE}How they are layered is in [Configuration](../guide/configuration.md). Lists are \
         `[\"a\", \"b\"]` in files, and parted by commas in the environment and in flags.\n"
    );
    for setting in ALL {
        let default = match setting.default {
            "" => "empty".to_owned(),
            default => format!("`{default}`"),
        };
        text.extend([format!(
            "\n## `{}`\n\n{}\n\n| takes | default | in the environment | as a flag |\n| --- | --- | --- | --- |\n\
             | {} | {default} | `{}` | `{}` |\n",
            setting.name,
            setting.about,
            setting.takes,
            variable(setting),
            setting.flag(),
        )]);
    }
    text
}
