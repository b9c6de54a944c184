//! `hearken preset`: success definitions to begin with.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Outcome, put};

/// Prints a success definition to begin with.
#[derive(Args, Debug)]
pub(crate) struct Preset {
    /// Whose events it asks for.
    #[arg(value_enum)]
    name: Name,
    /// Writes here instead of to the standard output.
    #[arg(short, long)]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Name {
    /// A shop of one's own events, with every metric that is commonly asked for.
    Success,
    /// A shop that tracks by Segment's e-commerce events.
    Segment,
    /// A shop that tracks by the event names of Google Analytics 4.
    Ga4,
}

impl Name {
    fn text(self) -> &'static str {
        match self {
            Self::Success => include_str!("../../../../presets/success.yaml"),
            Self::Segment => include_str!("../../../../presets/segment.yaml"),
            Self::Ga4 => include_str!("../../../../presets/ga4.yaml"),
        }
    }
}

pub(crate) fn run(arguments: &Preset) -> Outcome {
    put(arguments.name.text(), arguments.output.as_deref())?;
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_a_definition_without_a_problem_and_has_goals_or_metrics_to_read() {
        for name in Name::value_variants() {
            let file = tempfile::Builder::new().suffix(".yaml").tempfile().unwrap();
            std::fs::write(file.path(), name.text()).unwrap();
            let loaded = crate::success::load(file.path()).unwrap_or_else(|failure| panic!("{name:?}: {failure}"));
            assert!(loaded.definition.metrics.len() >= 9, "{name:?}");
            assert!(loaded.definition.facts.iter().any(|fact| fact.value.is_some()), "{name:?}");
        }
    }
}
