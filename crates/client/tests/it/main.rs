//! One binary for all integration tests: building it once costs less than building five.

mod slice;
mod stores;
