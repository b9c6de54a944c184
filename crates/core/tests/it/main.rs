//! One binary for all integration tests of the engine.

mod folding;
mod schemas;
mod vectors;
