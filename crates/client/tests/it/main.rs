//! One binary for all integration tests: building it once costs less than building five.

mod faults;
mod kills;
mod processes;
mod slice;
mod stores;
mod vectors;
