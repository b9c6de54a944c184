//! The host's clock: the machine's instant and the offset that the platform knows, or a time that a test moves.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicI64, Ordering};

use hearken::{Clock, System, Timestamp};

/// A time that stands still until it is moved: for tests of an app.
#[derive(Clone, Debug, uniffi::Record)]
pub struct ManualTime {
    /// Milliseconds since the Unix epoch.
    pub now_ms: i64,
    /// Makes every id a function of this text and the inputs.
    pub seed: String,
}

/// `manual` is negative while the machine's clock is used.
#[derive(Clone, Debug)]
pub(crate) struct HostClock {
    manual: Arc<AtomicI64>,
    offset_min: Arc<AtomicI32>,
}

impl HostClock {
    pub(crate) fn new(manual: Option<i64>, offset_min: i32) -> Self {
        let manual = Arc::new(AtomicI64::new(manual.map_or(-1, |now| now.max(0))));
        Self { manual, offset_min: Arc::new(AtomicI32::new(offset_min)) }
    }

    pub(crate) fn set_offset(&self, offset_min: i32) {
        self.offset_min.store(offset_min, Ordering::SeqCst);
    }

    /// Moves a manual time; false if the machine's clock is used.
    pub(crate) fn set_now(&self, now_ms: i64) -> bool {
        let manual = self.manual.load(Ordering::SeqCst) >= 0;
        if manual {
            self.manual.store(now_ms.max(0), Ordering::SeqCst);
        }
        manual
    }
}

impl Clock for HostClock {
    fn now(&self) -> Timestamp {
        match self.manual.load(Ordering::SeqCst) {
            manual if manual >= 0 => Timestamp(manual),
            _ => System.now(),
        }
    }

    fn offset_min(&self) -> i32 {
        self.offset_min.load(Ordering::SeqCst)
    }

    fn runs(&self) -> bool {
        self.manual.load(Ordering::SeqCst) < 0
    }
}
