//! What a builder hands to the client that it opens.

use std::sync::Arc;

use hearken_core::{Properties, Purposes};

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
    /// What `$host` knows before the app says anything.
    pub(crate) host: Properties,
    /// How often a write that fails is tried.
    pub(crate) attempts: u32,
    pub(crate) retention: Retention,
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
