//! Sources read from a server on the loopback interface.
