//! Who may see what.
//!
//! A document belongs to a source and carries a conjunction of any-of sets of principals. An asker sees it if they
//! hold the source **and** meet every set. Principals stay unexpanded on the document and are expanded (nested groups
//! included) on the asker, so that a change of membership re-indexes nothing.

use std::collections::{BTreeSet, HashSet};

use serde::{Deserialize, Serialize};

use crate::{GroupId, SourceId, UserId};

/// Somebody or some group, as an authority knows them: `<authority>/<kind>/<id>`, such as `fossick/user/7`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Principal(String);

impl Principal {
    /// Everyone who has an account here.
    pub fn everyone() -> Self {
        Self("fossick/everyone/1".to_owned())
    }

    /// One user of this installation.
    pub fn user(id: UserId) -> Self {
        Self(format!("fossick/user/{id}"))
    }

    /// One group of this installation.
    pub fn group(id: GroupId) -> Self {
        Self(format!("fossick/group/{id}"))
    }

    /// The text form, as stored and indexed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text that is not `<authority>/<kind>/<id>`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a principal: expected `<authority>/<kind>/<id>`, such as `fossick/user/7`")]
pub struct NotAPrincipal(pub String);

impl std::str::FromStr for Principal {
    type Err = NotAPrincipal;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.splitn(3, '/');
        let whole = (0..3).all(|_| parts.next().is_some_and(|part| !part.is_empty()));
        if whole && !text.contains(char::is_control) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAPrincipal(text.to_owned()))
        }
    }
}

impl TryFrom<String> for Principal {
    type Error = NotAPrincipal;

    fn try_from(text: String) -> Result<Self, NotAPrincipal> {
        text.parse()
    }
}

impl<'de> Deserialize<'de> for Principal {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl std::fmt::Display for Principal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A document's own permissions: every set must be met, a set is met by any one of its principals.
///
/// No set at all means that holding the source is enough. An *empty* set can be met by nobody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Acl(Vec<BTreeSet<Principal>>);

impl Acl {
    /// Whoever holds the source.
    pub fn source_only() -> Self {
        Self::default()
    }

    /// Whoever is one of `principals`.
    pub fn any_of(principals: impl IntoIterator<Item = Principal>) -> Self {
        Self(vec![principals.into_iter().collect()])
    }

    /// This, and one of `principals` as well. A set that is there already is not added again.
    #[must_use]
    pub fn and_any_of(mut self, principals: impl IntoIterator<Item = Principal>) -> Self {
        let set = principals.into_iter().collect();
        if !self.0.contains(&set) {
            self.0.push(set);
        }
        self
    }

    /// The any-of sets, all of which must be met.
    pub fn sets(&self) -> &[BTreeSet<Principal>] {
        &self.0
    }
}

/// Who asks, with everything they hold already expanded. Every search and every read of content takes one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asker {
    /// Themselves, their groups (nested ones included), their identities elsewhere.
    pub principals: HashSet<Principal>,
    /// The sources that they hold: their own, those shared with them, minus deleted ones.
    pub sources: BTreeSet<SourceId>,
}

impl Asker {
    /// The rule itself, for one document.
    pub fn may_see(&self, source: SourceId, acl: &Acl) -> bool {
        self.sources.contains(&source)
            && acl
                .sets()
                .iter()
                .all(|set| set.iter().any(|one| self.principals.contains(one)))
    }
}

#[cfg(test)]
mod tests;
