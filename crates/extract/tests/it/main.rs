//! Extraction from the outside: every format, bad input, and the pool of children.

#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod detection;
#[cfg(test)]
mod encodings;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod mail;
#[cfg(test)]
mod messages;
#[cfg(test)]
mod mutations;
#[cfg(test)]
mod office;
#[cfg(test)]
mod pdf;
#[cfg(test)]
mod pool;
#[cfg(test)]
mod text;
