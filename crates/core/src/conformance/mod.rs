//! For the runners of published test suites (`cargo xtask conformance`): the parts of the engine that they test, bare.
//! No part of the crate's interface.

pub mod liquid;
