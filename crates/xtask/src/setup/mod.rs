//! What a command needs on the machine, installed where we may, named exactly where we may not.

pub(crate) mod apt;
pub(crate) mod chromium;
pub(crate) mod engines;
pub(crate) mod jvm;
pub(crate) mod npm;
pub(crate) mod python;
pub(crate) mod rust;
pub(crate) mod swift;
pub(crate) mod tools;
