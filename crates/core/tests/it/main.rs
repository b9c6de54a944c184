//! One binary for all integration tests of the engine.

mod device;
mod folding;
mod frozen;
mod host;
mod merge;
mod naughty;
mod promises;
mod promises_measured;
mod promises_people;
mod promises_spending;
mod promises_stages;
mod properties;
mod records;
mod replay;
mod replay_unknown;
mod schemas;
mod tabs;
mod vectors;
