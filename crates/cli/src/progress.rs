//! How far a run is: a bar on a terminal, nothing anywhere else.

use hearken_measure::{Phase, Progress};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar with rate and time left.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    /// One that is seen, or one that is not.
    pub(crate) fn new(seen: bool) -> Self {
        let bar = ProgressBar::with_draw_target(
            None,
            if seen { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() },
        );
        Self(bar)
    }

    pub(crate) fn finish(&self) {
        self.0.finish_and_clear();
    }
}

impl Progress for Bar {
    fn begin(&self, what: Phase, size: u64) {
        let template = match what {
            Phase::Reading => "reading   {bar:32} {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left",
            _ => "measuring {bar:32} {human_pos}/{human_len} users  {per_sec}  {eta} left",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.0.set_style(style);
        }
        self.0.reset();
        self.0.set_length(size);
    }

    fn read(&self, bytes: u64) {
        self.0.inc(bytes);
    }

    fn users(&self, users: u64) {
        self.0.inc(users);
    }
}
