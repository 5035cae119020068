//! What the tests talk to beside Fossick itself: started from the operating system's packages, on loopback, with
//! everything they keep below `services/`.

pub(crate) mod postgres;
pub(crate) mod user;
