//! `hearken schema`: the JSON Schema for editors, and the closed tables.

use clap::{Args, ValueEnum};
use hearken_core::{KINDS, Reason, Transition};

use super::{Outcome, put};

/// Prints the JSON Schema of what people write, or the closed tables of records and reasons.
#[derive(Args, Debug)]
pub(crate) struct Schema {
    /// What to print.
    #[arg(value_enum, default_value = "playbook")]
    what: What,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    /// The JSON Schema of a playbook as it is written, short forms included.
    Playbook,
    /// The JSON Schema of a success definition.
    Success,
    /// The kinds of records that the engine writes, each with its purposes.
    Record,
    /// The reasons and the transitions, by name.
    Tables,
}

/// The schema of an authored playbook.
pub(crate) const AUTHORED: &str = include_str!("../../data/hearken.schema.json");

pub(crate) fn run(arguments: &Schema) -> Outcome {
    let text = match arguments.what {
        What::Playbook => AUTHORED.to_owned(),
        What::Success => include_str!("../../../../schema/success.schema.json").to_owned(),
        What::Record => records(),
        What::Tables => {
            let mut text = String::from("reasons\n");
            for name in Reason::NAMES {
                text += &format!("  {name}\n");
            }
            text += "transitions\n";
            for transition in Transition::all() {
                text += &format!("  {transition:?}\n");
            }
            text
        }
    };
    put(&text, None)?;
    Ok(0)
}

fn records() -> String {
    let line = |(name, purposes): &(&str, &[hearken_core::Purpose])| {
        let purposes: Vec<&str> = purposes.iter().map(|purpose| purpose.name()).collect();
        let purposes = if purposes.is_empty() { "always".to_owned() } else { purposes.join(" or ") };
        format!("{name}: {purposes}\n")
    };
    KINDS.iter().map(line).collect()
}
