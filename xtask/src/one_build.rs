//! Nothing is built twice: `make run` builds one package, the tests build all of them, and cargo builds a dependency
//! again for each set of features that it is asked for. So both must ask for the same.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Result, bail};

use crate::{programs, say};

/// Fails when the binary alone needs a dependency with other features than the tests do.
pub(crate) fn check(root: &Path) -> Result<()> {
    let run = units(root, &["-p", "fossick", "-e", "normal,build"])?;
    let test = units(root, &["--workspace", "-e", "normal,build,dev"])?;
    let twice = built_twice(&run, &test);
    for line in &twice {
        say::line(&format!(
            "{line}: `make run` builds it with other features than `make test`"
        ));
    }
    if !twice.is_empty() {
        bail!("name the missing features in the workspace's table, so that all builds are one");
    }
    Ok(())
}

/// Every package of a build, with its features, one line each.
fn units(root: &Path, which: &[&str]) -> Result<BTreeSet<String>> {
    let mut command = programs::cargo(root);
    command
        .args(["tree", "--locked", "--prefix", "none", "-f", "{p} {f}"])
        .args(which);
    let tree = programs::output(&mut command)?;
    Ok(tree
        .lines()
        .map(|line| line.trim_end_matches(" (*)").to_owned())
        .filter(|line| !line.is_empty())
        .collect())
}

fn built_twice<'a>(run: &'a BTreeSet<String>, test: &'a BTreeSet<String>) -> Vec<&'a str> {
    run.difference(test).map(String::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_with_fewer_features_is_built_twice() {
        let units = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<BTreeSet<_>>();
        let test = units(&["serde v1.0.0 derive,std", "insta v1.0.0 json"]);
        assert!(built_twice(&units(&["serde v1.0.0 derive,std"]), &test).is_empty());
        assert_eq!(built_twice(&units(&["serde v1.0.0 std"]), &test), ["serde v1.0.0 std"]);
    }
}
