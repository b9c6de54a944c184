//! One binary for all integration tests of the engine.

mod folding;
mod frozen;
mod naughty;
mod properties;
mod replay;
mod schemas;
mod vectors;
