//! One binary for all integration tests of the engine.

mod device;
mod folding;
mod frozen;
mod host;
mod merge;
mod naughty;
mod properties;
mod records;
mod replay;
mod schemas;
mod tabs;
mod vectors;
