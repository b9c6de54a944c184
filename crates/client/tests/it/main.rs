//! One binary for all integration tests: building it once costs less than building five.

mod faults;
mod kills;
mod person;
mod playbooks;
mod processes;
mod retention;
mod slice;
mod stores;
mod time;
mod vectors;
