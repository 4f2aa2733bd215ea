//! The built binary, as an operator runs it: what it prints, and with which code it exits.

#[cfg(test)]
mod config;
#[cfg(test)]
#[cfg(feature = "sandbox")]
mod demo;
#[cfg(test)]
#[cfg(feature = "sandbox")]
mod offline;
#[cfg(test)]
mod serve;
#[cfg(test)]
mod shell;
#[cfg(test)]
mod store;
#[cfg(test)]
mod usage;
