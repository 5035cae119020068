//! Access tokens that all workers share: one obtains, the others wait for it.

use model::Timestamp;
use serde::{Deserialize, Serialize};

/// An access token as a provider granted it. Sealed wherever it is kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The token.
    pub access: String,
    /// It is not used after this.
    pub until: Timestamp,
    /// What asks for the next one, where it takes the place of the refresh token in the configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh: Option<String>,
}

impl std::fmt::Debug for Grant {
    /// When it ends; nothing of the tokens.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Grant")
            .field("until", &self.until)
            .field("is_single_use", &self.refresh.is_some())
            .finish_non_exhaustive()
    }
}

/// What somebody who asks for a token is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lent {
    /// Here is one.
    Token(Grant),
    /// It is the asker's turn to obtain one; with the last one that was granted.
    Obtain(Option<Grant>),
    /// Nobody keeps tokens here: it is the asker's alone.
    Alone,
}
