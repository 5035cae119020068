//! The table of all codes that a problem document can carry. Codes are never renamed and never reused.

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $status:literal $code:literal $title:literal;)+) => {
        /// What kind of problem it is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code {
            $($(#[doc = $doc])+ $variant),+
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Status, code and title.
            pub fn row(self) -> (u16, &'static str, &'static str) {
                match self { $(Self::$variant => ($status, $code, $title)),+ }
            }

            /// What to make of it.
            pub fn explanation(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim_ascii()),+ }
            }
        }
    };
}

codes! {
    /// Nobody is signed in, or the session has ended: sign in.
    NotSignedIn = 401 "not_signed_in" "You are signed out";
    /// E-mail address and password do not belong together.
    WrongCredentials = 401 "wrong_credentials" "Wrong e-mail address or password";
    /// The API key is unknown, has ended, or belongs to an account that was disabled.
    WrongKey = 401 "wrong_key" "The API key is not valid";
    /// Somebody with more rights has to do this.
    NotAllowed = 403 "not_allowed" "You may not do this";
    /// The API key lacks the scope for this: make a key with it.
    MissingScope = 403 "missing_scope" "The API key lacks a scope";
    /// The request lacks the `x-fossick-csrf` header with the session's token, or comes from another site.
    WrongCsrf = 403 "wrong_csrf" "The request did not come from Fossick's own pages";
    /// There is no such thing, or the caller may not see it.
    NotFound = 404 "not_found" "There is no such thing";
    /// The link was used, has ended, or was replaced by a newer one: ask for another.
    LinkExpired = 404 "link_expired" "This link has expired";
    /// The address exists, but not with this method.
    MethodNotAllowed = 405 "method_not_allowed" "Not with this method";
    /// It contradicts what is there; the detail says how.
    Conflict = 409 "conflict" "It contradicts what is there";
    /// The request's body is larger than this endpoint takes.
    TooLarge = 413 "too_large" "The request is too large";
    /// The body is not sent as `application/json`.
    NotJson = 415 "not_json" "The body has to be JSON";
    /// Something in the request can't be used: `fields` says what, where it is a field.
    Invalid = 422 "invalid" "Some fields need another look";
    /// Too many attempts: wait as long as `Retry-After` says.
    Throttled = 429 "throttled" "Too many attempts";
    /// A fault in Fossick.
    Bug = 500 "bug" "A fault in Fossick";
    /// The database does not answer; nothing is lost.
    StoreUnavailable = 503 "store_unavailable" "The database does not answer";
    /// The search index does not answer; nothing is lost.
    IndexUnavailable = 503 "index_unavailable" "The search index does not answer";
    /// It took too long and was given up.
    TimedOut = 503 "timed_out" "It took too long";
    /// The disk that holds the database is full.
    DiskFull = 507 "disk_full" "The disk is full";
}
