//! Whether this process has the data folder that a shared database belongs to: the staged pages and the key file are
//! there, and a process with others would lose the one and fail to open what is sealed with the other.

use std::path::Path;

use crate::{Error, Sealer, postgres};

/// The setting that names the key without telling it.
const NAME: &str = "key_name";

/// Refuses a data folder with another key file than the one of the process that opened the database first.
pub(crate) fn check(database: &postgres::Database, sealer: &Sealer, data_dir: &Path) -> Result<(), Error> {
    let ours = sealer.name("data folder");
    let known = database.read::<_, Error>(&|tx| tx.find_setting(NAME))?;
    match known {
        None => database.write(&|tx| tx.put_setting(NAME, &ours)),
        Some(known) if known == ours => Ok(()),
        Some(_) => Err(Error::Setup(format!(
            "the data folder `{}` is not the one of this database: the key file in it is another. All processes of one \
             database share one data folder (`data_dir`), with its key file and its staged pages; give this one the same, \
             or put it back with `fossick restore`",
            data_dir.display()
        ))),
    }
}
