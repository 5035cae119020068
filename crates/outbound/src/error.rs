//! Why no answer came.

/// Why no answer came. No message carries a query string, a header or a credential.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The network or the other side failed; may work in a while.
    #[error("{0}")]
    Unreachable(String),
    /// A limit on time was reached; may work in a while.
    #[error("{0}")]
    TimedOut(String),
    /// The address, host or scheme is not allowed. Only the configuration or the operator can change that.
    #[error("{0}")]
    NotAllowed(String),
    /// The other side sends to another host, which was not followed: it is out of order, which passes, or
    /// it has moved, and the configuration has to name another address.
    #[error("{0}")]
    SentElsewhere(String),
    /// The answer is larger than the limit. Smaller pages or a higher limit help.
    #[error("{0}")]
    TooLarge(String),
    /// The request itself is malformed: a header with a line break, a URL without a host.
    #[error("{0}")]
    Malformed(String),
    /// This machine can't make the client, usually for want of certificates.
    #[error("{0}")]
    Machine(String),
}

impl Error {
    /// Whether the same request may succeed later with nothing changed.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::TimedOut(_) | Self::SentElsewhere(_))
    }
}
