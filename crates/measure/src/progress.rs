//! Where a run says how far it is.

/// What a run tells while it works. Every method may be called from several threads.
pub trait Progress: Sync {
    /// A part of the work begins: how many bytes or users it has.
    fn begin(&self, what: Phase, size: u64);
    /// So many bytes more were read.
    fn read(&self, bytes: u64);
    /// So many users more were evaluated.
    fn users(&self, users: u64);
}

/// A part of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phase {
    /// Files are read; sizes are bytes.
    Reading,
    /// Users are evaluated; sizes are users.
    Measuring,
}

/// Says nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: Phase, _: u64) {}
    fn read(&self, _: u64) {}
    fn users(&self, _: u64) {}
}
