//! The integration tests: one binary, so that they link once.

#[cfg(test)]
mod cli;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod first_minute;
#[cfg(test)]
mod names;
#[cfg(test)]
mod place;
#[cfg(test)]
mod provider;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod restricted;
#[cfg(test)]
mod road;
#[cfg(test)]
mod server;
#[cfg(test)]
mod support;
#[cfg(test)]
mod told;
#[cfg(test)]
mod workers;
