//! The success report.

use hearken::engine::success;

use crate::HearkenCore;
use crate::error::CoreError;

/// What a device says of its own person. Its numbers are those of this device alone.
#[derive(Clone, Debug, uniffi::Record)]
pub struct SuccessReport {
    /// The definition's id; nothing where the playbook brings none.
    pub definition: Option<String>,
    /// Its version.
    pub version: Option<u32>,
    /// The instant of the report, in milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// The currency of values, such as `USD`.
    pub currency: Option<String>,
    /// How many digits its minor unit has.
    pub digits: Option<u32>,
    /// The metrics, in the order of their names.
    pub metrics: Vec<MetricReport>,
}

/// One metric.
#[derive(Clone, Debug, uniffi::Record)]
pub struct MetricReport {
    /// Its name.
    pub metric: String,
    /// Its name for people.
    pub title: Option<String>,
    /// Names what it means: equal fingerprints are the same number, here and in a warehouse.
    pub fingerprint: String,
    /// How the value is to be read: `ratio`, `total`, `ms` or `change`.
    pub kind: String,
    /// The instant up to which it counts, exclusive.
    pub as_of_ms: i64,
    /// Whether that is now rather than the last midnight of the definition's calendar.
    pub live: bool,
    /// The numerator; nothing where the metric is unavailable or split.
    pub num: Option<i64>,
    /// The denominator; a total has none.
    pub den: Option<i64>,
    /// num / den, as the definition says to print it; nothing where den is 0.
    pub value: Option<f64>,
    /// The same by group, where the metric is split.
    pub groups: Vec<GroupReport>,
    /// How its goal stands: `met`, `missed`, `no_data` or `no_target`.
    pub goal: Option<String>,
    /// What the goal is for: `primary`, `secondary` or `guardrail`.
    pub role: Option<String>,
    /// Why there is no number: `history_incomplete`, `state_limit`, `clock` or `excluded`.
    pub unavailable: Option<String>,
}

/// One group of a metric.
#[derive(Clone, Debug, uniffi::Record)]
pub struct GroupReport {
    /// Its name; `(absent)` for events without the property.
    pub group: String,
    /// The numerator.
    pub num: i64,
    /// The denominator; a total has none.
    pub den: Option<i64>,
    /// num / den, as the definition says to print it.
    pub value: Option<f64>,
}

#[uniffi::export]
impl HearkenCore {
    /// Every metric of the playbook's success definition, now. Waits for the store to be open.
    ///
    /// # Errors
    /// The client is closed, or not the owner.
    pub fn success(&self) -> Result<SuccessReport, CoreError> {
        Ok(self.client()?.success()?.into())
    }

    /// The same as the engine prints it, as JSON.
    ///
    /// # Errors
    /// As `success`.
    pub fn success_document(&self) -> Result<String, CoreError> {
        Ok(self.client()?.success()?.to_json())
    }
}

impl From<success::SuccessReport> for SuccessReport {
    fn from(report: success::SuccessReport) -> Self {
        Self {
            definition: report.definition,
            version: report.version,
            at_ms: report.at.0,
            currency: report.currency,
            digits: report.digits,
            metrics: report.metrics.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<success::MetricReport> for MetricReport {
    fn from(of: success::MetricReport) -> Self {
        Self {
            metric: of.metric,
            title: of.title,
            fingerprint: of.fingerprint,
            kind: of.kind,
            as_of_ms: of.as_of.0,
            live: of.live,
            num: of.num,
            den: of.den,
            value: of.value,
            groups: of.groups.into_iter().map(Into::into).collect(),
            goal: of.goal,
            role: of.role,
            unavailable: of.unavailable,
        }
    }
}

impl From<success::GroupReport> for GroupReport {
    fn from(of: success::GroupReport) -> Self {
        Self { group: of.group, num: of.num, den: of.den, value: of.value }
    }
}
