//! Experiments (engine.md 7): who gets which arm. Pure: the same unit, seed and settings give the same arm everywhere.
//!
//! A unit has one bucket, 0 to 9999. Control takes the first `control_bp`, the variants share the rest by weight, and
//! coverage shortens each arm's range from its start, so that raising it adds people and moves nobody.

use crate::Value;
use crate::bucketing::{self, WHOLE};
use crate::table::Table;
use crate::wire::{Fault, names, wire};

/// The name under which control is stored and forced.
pub(crate) const CONTROL: &str = "control";

wire! {
    /// An experiment as it is written in a campaign.
    #[derive(Clone, Debug, PartialEq)]
    pub(crate) struct ExperimentSource [deny_unknown_fields] {
        /// What the unit is hashed with; the campaign's id, if nothing is said.
        pub(crate) seed: Option<String>,
        /// How it is hashed.
        pub(crate) hash: Hash = Hash::Sha256,
        /// GrowthBook's version of `fnv1a`.
        pub(crate) hash_version: u32 = 1,
        /// What is hashed; the user id if there is one at the first assignment, else the profile id, if nothing is said.
        pub(crate) bucket_by: Option<BucketBy>,
        /// How much of each arm takes part.
        pub(crate) coverage_bp: u32 = WHOLE,
        /// How much goes to control.
        pub(crate) control_bp: u32 = 0,
        /// What control gets.
        pub(crate) on_control: OnControl = OnControl::ShowNothing,
        /// The part of the people that this experiment may have, so that experiments exclude each other.
        pub(crate) namespace: Option<Namespace>,
        /// Whether an arm stays with its unit when the settings change.
        pub(crate) sticky: bool = true,
        /// Written with each assignment.
        pub(crate) bucket_version: u32 = 0,
        /// Units that were assigned under a lower version leave the experiment.
        pub(crate) min_bucket_version: u32 = 0,
        /// Arms by unit, for tests.
        pub(crate) force: Table<String, String> = Table::new(),
        /// The variants; the first is the default.
        pub(crate) variants: Vec<Variant>,
    }

    /// An arm that shows a message.
    #[derive(Clone, Debug, PartialEq)]
    pub(crate) struct Variant [deny_unknown_fields] {
        /// Its id.
        pub(crate) id: String,
        /// Its share of what control leaves, against the other variants'.
        pub(crate) weight_bp: u32,
        /// The name of its message.
        pub(crate) message: String,
    }

    /// `[start_bp, end_bp)` of the people of a namespace.
    #[derive(Clone, Debug, PartialEq)]
    pub(crate) struct Namespace [deny_unknown_fields] {
        /// Its id: the same in every experiment that shares it.
        pub(crate) id: String,
        /// The first basis point.
        pub(crate) start_bp: u32,
        /// The first that is no longer in it.
        pub(crate) end_bp: u32,
    }

    /// People who are left out, to measure against.
    #[derive(Clone, Debug, PartialEq)]
    pub(crate) struct Holdout [deny_unknown_fields] {
        /// How many.
        pub(crate) bp: u32,
        /// What the unit is hashed with.
        pub(crate) seed: String,
        /// What is hashed.
        pub(crate) bucket_by: Option<BucketBy>,
    }
}

names! {
    /// A way of hashing.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub(crate) enum Hash {
        /// The first 32 bits of SHA-256.
        #[default]
        Sha256 = "sha256",
        /// GrowthBook's FNV-1a.
        Fnv1a = "fnv1a",
    }

    /// What is hashed.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum BucketBy {
        /// The user id: before one is known there is no arm, and the default variant.
        UserId = "user_id",
        /// The profile id.
        ProfileId = "profile_id",
    }

    /// What control gets.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub(crate) enum OnControl {
        /// Nothing, and it spends as a display would.
        #[default]
        ShowNothing = "show_nothing",
        /// The next campaign.
        ShowNext = "show_next",
    }

    /// Why a unit has its arm, or none.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum AssignmentReason {
        /// Its bucket lies in the arm's range.
        Hash = "hash",
        /// It had this arm before.
        Sticky = "sticky",
        /// The playbook says so.
        Forced = "forced",
        /// It lies outside of the namespace.
        Namespace = "namespace",
        /// Its bucket lies beyond the coverage.
        Coverage = "coverage",
        /// It was assigned under a version that is no longer valid.
        BucketVersion = "bucket_version",
        /// There is nothing to hash yet.
        NoUnit = "no_unit",
    }
}

/// What a unit gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arm {
    /// No variant: see [`OnControl`].
    Control,
    /// The variant at this place.
    Variant(usize),
    /// It takes no part, and gets the default variant.
    Outside,
}

/// An arm and how it came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Assignment {
    pub(crate) arm: Arm,
    /// The unit's bucket, 0 to 9999; nothing where there was nothing to hash.
    pub(crate) bucket: Option<u32>,
    pub(crate) reason: AssignmentReason,
}

/// An assignment that was persisted: an arm's id, and the version it was made under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stored<'a> {
    pub(crate) arm: &'a str,
    pub(crate) bucket_version: u32,
}

/// An experiment, compiled.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Experiment {
    pub(crate) source: ExperimentSource,
    seed: String,
    /// `[start, end)` of control and then of each variant, shortened by the coverage.
    ranges: Vec<(u32, u32)>,
}

impl Experiment {
    /// Reads an experiment; `campaign` is the seed where none is written.
    ///
    /// # Errors
    /// Every fault, by its path.
    pub(crate) fn compile(source: &Value, path: &str, campaign: &str) -> Result<Self, Vec<Fault>> {
        let source: ExperimentSource = crate::wire::read(source, path)?;
        let faults = faults(&source, path);
        if !faults.is_empty() {
            return Err(faults);
        }
        let seed = source.seed.clone().unwrap_or_else(|| campaign.to_owned());
        let ranges = ranges(&source);
        Ok(Self { source, seed, ranges })
    }

    /// The arm of a unit. `stored` is what was persisted for it, if anything.
    pub(crate) fn assign(&self, unit: Option<&str>, stored: Option<Stored<'_>>) -> Assignment {
        let source = &self.source;
        let Some(unit) = unit.filter(|unit| !unit.is_empty()) else {
            return Assignment { arm: Arm::Outside, bucket: None, reason: AssignmentReason::NoUnit };
        };
        let bucket = self.bucket(&self.seed, unit, source.hash_version);
        let (arm, reason) = self.arm(unit, bucket, stored);
        Assignment { arm, bucket: Some(bucket), reason }
    }

    fn arm(&self, unit: &str, bucket: u32, stored: Option<Stored<'_>>) -> (Arm, AssignmentReason) {
        let source = &self.source;
        if let Some(arm) = source.force.get(unit).and_then(|id| self.arm_named(id)) {
            return (arm, AssignmentReason::Forced);
        }
        if let Some(stored) = stored.filter(|_| source.sticky) {
            if stored.bucket_version < source.min_bucket_version {
                return (Arm::Outside, AssignmentReason::BucketVersion);
            }
            // A higher version assigns anew.
            if let Some(arm) = self.arm_named(stored.arm).filter(|_| stored.bucket_version == source.bucket_version) {
                return (arm, AssignmentReason::Sticky);
            }
        }
        if let Some(namespace) = &source.namespace {
            let place = self.bucket(&["__", &namespace.id].concat(), unit, 1);
            if place < namespace.start_bp || place >= namespace.end_bp {
                return (Arm::Outside, AssignmentReason::Namespace);
            }
        }
        match self.ranges.iter().position(|(start, end)| *start <= bucket && bucket < *end) {
            Some(0) => (Arm::Control, AssignmentReason::Hash),
            Some(place) => (Arm::Variant(place - 1), AssignmentReason::Hash),
            None => (Arm::Outside, AssignmentReason::Coverage),
        }
    }

    fn bucket(&self, seed: &str, unit: &str, version: u32) -> u32 {
        match self.source.hash {
            Hash::Sha256 => bucketing::bucket(seed, unit),
            // The versions are checked when it is compiled.
            Hash::Fnv1a => bucketing::growthbook_bucket(seed, unit, version).unwrap_or(WHOLE),
        }
    }

    /// A variant's place by its id; control, if nothing else has its name.
    pub(crate) fn arm_named(&self, id: &str) -> Option<Arm> {
        match self.source.variants.iter().position(|variant| variant.id == id) {
            Some(place) => Some(Arm::Variant(place)),
            None => (id == CONTROL && self.source.control_bp > 0).then_some(Arm::Control),
        }
    }

    /// The id of an arm, as it is stored; nothing for who takes no part.
    pub(crate) fn arm_id(&self, arm: Arm) -> Option<&str> {
        match arm {
            Arm::Control => Some(CONTROL),
            Arm::Variant(place) => self.source.variants.get(place).map(|variant| variant.id.as_str()),
            Arm::Outside => None,
        }
    }
}

/// Control's range, then each variant's.
fn ranges(source: &ExperimentSource) -> Vec<(u32, u32)> {
    let covered = |start: u32, end: u32| {
        // Both factors are at most 10,000.
        (start, start + (end - start) * source.coverage_bp / WHOLE)
    };
    let mut ranges = vec![covered(0, source.control_bp)];
    let mut total = 0u64;
    for variant in &source.variants {
        total += u64::from(variant.weight_bp);
    }
    let rest = u64::from(WHOLE - source.control_bp);
    let mut weight = 0u64;
    let mut start = source.control_bp;
    for variant in &source.variants {
        weight += u64::from(variant.weight_bp);
        let end = source.control_bp + (rest * weight / total.max(1)) as u32;
        ranges.push(covered(start, end));
        start = end;
    }
    ranges
}

fn faults(source: &ExperimentSource, path: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut fault = |at: &str, message: &[&str]| {
        faults.push(Fault { path: [path, at].concat(), message: message.concat() });
    };
    if !matches!(source.hash_version, 1 | 2) {
        fault(".hash_version", &["1 or 2 is needed here"]);
    }
    for (name, bp) in [(".coverage_bp", source.coverage_bp), (".control_bp", source.control_bp)] {
        if bp > WHOLE {
            fault(name, &["basis points go from 0 to 10000"]);
        }
    }
    if source.min_bucket_version > source.bucket_version {
        fault(".min_bucket_version", &["at most bucket_version is needed here, or nobody can take part"]);
    }
    if let Some(namespace) = &source.namespace
        && (namespace.start_bp >= namespace.end_bp || namespace.end_bp > WHOLE)
    {
        fault(".namespace", &["start_bp lies below end_bp, both from 0 to 10000"]);
    }
    if source.variants.is_empty() {
        fault(".variants", &["at least one variant is needed here"]);
    }
    let mut total = 0u64;
    for (place, variant) in source.variants.iter().enumerate() {
        let at = [".variants[", &place.to_string(), "]"].concat();
        total += u64::from(variant.weight_bp);
        if variant.weight_bp > WHOLE {
            fault(&[&at, ".weight_bp"].concat(), &["basis points go from 0 to 10000"]);
        }
        if variant.id.is_empty() {
            fault(&[&at, ".id"].concat(), &["an id is needed here"]);
        }
        if variant.id == CONTROL && source.control_bp > 0 {
            fault(&[&at, ".id"].concat(), &["`control` is the arm of control_bp: give the variant another id"]);
        }
        if source.variants.iter().take(place).any(|earlier| earlier.id == variant.id) {
            fault(&[&at, ".id"].concat(), &["`", &variant.id, "` is the id of an earlier variant"]);
        }
    }
    if total == 0 && !source.variants.is_empty() {
        fault(".variants", &["at least one weight above 0 is needed here"]);
    }
    for (unit, arm) in source.force.iter() {
        let control = arm == CONTROL && source.control_bp > 0;
        if !control && !source.variants.iter().any(|variant| variant.id == *arm) {
            fault(&[".force.", unit].concat(), &["`", arm, "` is no arm of this experiment"]);
        }
    }
    faults
}

impl Holdout {
    /// Reads a holdout.
    ///
    /// # Errors
    /// Every fault, by its path.
    pub(crate) fn compile(source: &Value, path: &str) -> Result<Self, Vec<Fault>> {
        let holdout: Self = crate::wire::read(source, path)?;
        if holdout.bp > WHOLE {
            let message = "basis points go from 0 to 10000".to_owned();
            return Err(vec![Fault { path: [path, ".bp"].concat(), message }]);
        }
        Ok(holdout)
    }

    /// Whether a unit is held out, and its bucket.
    pub(crate) fn held_out(&self, unit: &str) -> (bool, u32) {
        let bucket = bucketing::bucket(&self.seed, unit);
        (bucket < self.bp, bucket)
    }
}

#[cfg(test)]
mod tests;
