//! The command line parses as the guide says.

use clap::CommandFactory;

use super::*;

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(line.split_whitespace())
}

#[test]
fn the_command_line_is_well_formed() {
    Cli::command().debug_assert();
}

#[test]
fn every_line_of_the_guide_is_understood() {
    for line in [
        "fossick serve --data-dir ./data --try .",
        "fossick worker -Q fetch,parse",
        "fossick search invoice march",
        "fossick search --as user:ada@example.org --json x",
        "fossick source add folder /srv/team --name T --include *.pdf --exclude old/ --share everyone --sync",
        "fossick source add folder --name T --path /srv/team",
        "fossick source add http --name T --manifest m.yaml --config c.json -c since=2024 --secret token --search s.yaml",
        "fossick source list",
        "fossick source show 1",
        "fossick source check --manifest manifest.yaml --config config.json",
        "fossick source discover Tracker",
        "fossick source read folder /srv/team --limit 3",
        "fossick source sync Tracker --full --no-wait",
        "fossick source replay Tracker --parse",
        "fossick source replay Tracker --upload",
        "fossick source failures Tracker --reason x",
        "fossick source retry Tracker --all",
        "fossick source delete Tracker --yes",
        "fossick task list --state running --queue fetch",
        "fossick task retry 7",
        "fossick queue pause fetch",
        "fossick user add ada@example.org --role administrator",
        "fossick user reset-link ada@example.org",
        "fossick group add-member Sales user:ada@example.org",
        "fossick key list",
        "fossick explain access 7 ada@example.org",
        "fossick backup /backups/today.tar.zst",
        "fossick restore /backups/today --data-dir ./data --force",
        "fossick config --json",
        "fossick doctor",
        "fossick reindex -v",
        "fossick completions bash",
    ] {
        assert!(parse(line).is_ok(), "{line}: {}", parse(line).unwrap_err());
    }
}

#[test]
fn what_is_not_understood_is_a_usage_error() {
    for line in [
        "fossick",
        "fossick sync",
        "fossick source retry x --bogus",
        "fossick source retry x",
        "fossick source replay x --parse --upload",
        "fossick completions cmd",
    ] {
        assert_eq!(parse(line).unwrap_err().exit_code(), 2, "{line}");
    }
}

#[test]
fn settings_can_be_given_as_flags_and_unknown_ones_are_refused_with_a_suggestion() {
    let cli = parse("fossick config --listen 127.0.0.1:1 --set log_json=true").unwrap();
    assert_eq!(
        cli.global.flags().unwrap(),
        [("log_json", "true".to_owned()), ("listen", "127.0.0.1:1".to_owned())]
    );
    let error = parse("fossick config --set log_jsn=true")
        .unwrap()
        .global
        .flags()
        .unwrap_err();
    assert_eq!(crate::exit::code(&error), crate::exit::Exit::Usage);
    assert!(error.to_string().contains("did you mean `log_json`?"), "{error}");
}
