//! The connector `http`: a manifest and its configuration become a source.

use serde_json::Value;

use super::{Built, Environment};
use crate::Error;

pub(super) fn build(
    _config: &Value,
    _secrets: &Value,
    manifest: Option<&str>,
    _search: Option<&str>,
    _environment: &Environment,
) -> Result<Built, Error> {
    match manifest {
        None => Err(Error::FixConfiguration(
            "the connector `http` needs a manifest: paste one, or name a file with `--manifest`".to_owned(),
        )),
        Some(_) => Err(Error::FixConfiguration(
            "manifests can't be run by this build".to_owned(),
        )),
    }
}
