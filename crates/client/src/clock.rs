//! Time and entropy: the only places where the outside world reaches an engine.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use hearken_core::Timestamp;
use sha2::{Digest, Sha256};

/// A clock: the instant, and how far local time is ahead of UTC.
pub trait Clock: Send + Sync {
    /// The instant, in milliseconds since the Unix epoch.
    fn now(&self) -> Timestamp;

    /// Minutes that local time is ahead of UTC.
    fn offset_min(&self) -> i32 {
        0
    }

    /// Whether time passes by itself. If not, nothing happens by time alone until [`crate::Client::tick`] is called.
    fn runs(&self) -> bool {
        true
    }
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct System;

impl Clock for System {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    #[cfg(feature = "local-time")]
    fn offset_min(&self) -> i32 {
        use chrono::Offset;
        chrono::Local::now().offset().fix().local_minus_utc() / 60
    }
}

/// A clock that stands still until it is moved: for tests. Clones show the same time.
///
/// ```
/// use hearken::{Clock, Manual, Span, Timestamp};
/// let clock = Manual::at(Timestamp(1_000), 120);
/// clock.advance(Span::seconds(2));
/// assert_eq!(clock.now(), Timestamp(3_000));
/// ```
#[derive(Clone, Debug)]
pub struct Manual {
    now: Arc<AtomicI64>,
    offset_min: i32,
}

impl Manual {
    /// A clock that shows `now`, with local time `offset_min` minutes ahead of UTC.
    #[must_use]
    pub fn at(now: Timestamp, offset_min: i32) -> Self {
        Self { now: Arc::new(AtomicI64::new(now.0)), offset_min }
    }

    /// Sets it forward.
    pub fn advance(&self, by: hearken_core::Span) {
        self.now.fetch_add(by.0, Ordering::SeqCst);
    }

    /// Sets it to an instant, also an earlier one.
    pub fn set(&self, now: Timestamp) {
        self.now.store(now.0, Ordering::SeqCst);
    }
}

impl Clock for Manual {
    fn now(&self) -> Timestamp {
        Timestamp(self.now.load(Ordering::SeqCst))
    }

    fn offset_min(&self) -> i32 {
        self.offset_min
    }

    fn runs(&self) -> bool {
        false
    }
}

/// A stream of entropy from one seed: the first 16 bytes of SHA-256 of `seed:k`, k from 0.
#[derive(Clone, Debug)]
pub(crate) struct Entropy {
    /// The seed and a colon, and after them the number that was drawn last.
    text: String,
    seed: usize,
    k: u64,
}

impl Entropy {
    pub(crate) fn seeded(seed: String) -> Self {
        let text = seed + ":";
        Self { seed: text.len(), text, k: 0 }
    }

    /// Seeded once by the operating system.
    pub(crate) fn random() -> Result<Self, crate::Error> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|error| crate::Error::Entropy { message: error.to_string() })?;
        Ok(Self::seeded(seed.iter().map(|byte| format!("{byte:02x}")).collect()))
    }

    pub(crate) fn next(&mut self) -> [u8; 16] {
        self.text.truncate(self.seed);
        // Writing to a text does not fail.
        let _ = write!(self.text, "{}", self.k);
        let digest = Sha256::digest(&self.text);
        self.k += 1;
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        bytes
    }

    /// A random id in hex: an owner's.
    pub(crate) fn id(&mut self) -> String {
        self.next().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
