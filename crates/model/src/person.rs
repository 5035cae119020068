//! People: roles, states, what their keys may do, and the kinds of links that are handed to them.

use serde::{Deserialize, Serialize};

use crate::sync::states;

states! {
    /// What somebody may do besides using what is theirs and what is shared with them.
    Role {
        /// Manages people, sources, queues and the installation. Sees no more content than anybody else.
        Administrator = "administrator",
        /// Adds sources and searches.
        Member = "member",
    }
}

states! {
    /// Whether somebody can sign in.
    UserState {
        /// They can.
        Active = "active",
        /// They were invited and have not chosen a password yet.
        Invited = "invited",
        /// They can't: an administrator said so. What they own stays.
        Disabled = "disabled",
    }
}

states! {
    /// What an API key may be used for.
    Scope {
        /// Searching, as the person it belongs to.
        Search = "search",
        /// Reading everything that the person may read.
        Read = "read",
        /// Changing everything that the person may change.
        Manage = "manage",
    }
}

states! {
    /// What a one-time link is for.
    LinkKind {
        /// Making the first administrator.
        Setup = "setup",
        /// Choosing a name and password after an invitation.
        Invitation = "invitation",
        /// Choosing a new password.
        Reset = "reset",
    }
}
