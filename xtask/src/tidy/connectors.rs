//! A connector's folder holds all that the catalogue, the documentation and the UI take from it.

use super::Finding;
use super::tree::Tree;

const FILES: [&str; 2] = ["README.md", "icon.svg"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in tree.folders_in("connectors") {
        let folder = format!("connectors/{name}");
        for file in FILES {
            if !tree.root.join(&folder).join(file).is_file() {
                findings.push(Finding::new(&folder, 0, format!("`{file}` is missing")));
            }
        }
    }
    findings
}
