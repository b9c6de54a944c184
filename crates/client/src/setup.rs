//! What a builder hands to the client that it opens.

use std::sync::Arc;

use hearken_core::{Input, Properties, Purposes};

use crate::client::Observer;
use crate::clock::{Clock, Entropy};
use crate::error::Error;
use crate::retention::Retention;
use crate::signature::Verifier;

/// What every new engine of this client needs.
#[derive(Clone)]
pub(crate) struct Setup {
    pub(crate) owner: String,
    pub(crate) channels: Vec<String>,
    pub(crate) playbook: Result<String, Error>,
    pub(crate) consent: Purposes,
    /// What `$host` knows: what the builder says, and then the app.
    pub(crate) host: Properties,
    /// Whether the app holds interruptive messages back.
    pub(crate) paused: Option<bool>,
    /// The places on the screen that are there.
    pub(crate) mounted: Vec<String>,
    /// How often a write that fails is tried.
    pub(crate) attempts: u32,
    pub(crate) retention: Retention,
}

impl Setup {
    /// Keeps what no journal has: an engine that is folded anew hears it again.
    pub(crate) fn keep(&mut self, input: &Input) {
        match input {
            Input::HostState { host, paused } => {
                self.host.extend(host.clone());
                self.paused = paused.or(self.paused);
            }
            Input::Mount { placement, mounted } => {
                self.mounted.retain(|known| known != placement);
                if *mounted {
                    self.mounted.push(placement.clone());
                }
            }
            _ => {}
        }
    }

    /// What it heard of the host, in inputs.
    pub(crate) fn said(&self) -> Vec<Input> {
        let mut said = Vec::new();
        if !self.host.is_empty() || self.paused.is_some() {
            said.push(Input::HostState { host: self.host.clone(), paused: self.paused });
        }
        said.extend(self.mounted.iter().map(|place| Input::Mount { placement: place.clone(), mounted: true }));
        said
    }
}

/// What the host brings.
pub(crate) struct Host {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Entropy,
    pub(crate) locale: String,
    pub(crate) can_display: bool,
    pub(crate) observer: Option<Arc<dyn Observer>>,
    pub(crate) verifier: Option<Verifier>,
}
