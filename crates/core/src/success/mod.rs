//! The success definition (docs/success.md): facts, metrics, goals; one pair of whole numbers per user, the same on the
//! device, in `hearken measure` and in SQL.

mod canonical;
mod definition;
mod filter;
mod forget;
mod grid;
mod keyed;
mod pack;
mod person;
mod plan;
mod read;
mod read_metric;
mod reading;
mod report;
mod scalar;
mod source;
mod standard;
mod tally;

pub use definition::{
    AfterSpan, AsOf, Attribution, By, Definition, DefinitionError, Direction, Distinct, Each, Fact, Goal, GoalStatus,
    Kind, Metric, Money, Operator, Place, Range, Reach, Role, Selection, Take, Term, ValueRule,
};
pub use filter::{Filter, Literal, Operand, Order, Test};
pub use grid::{DAY, END, MAX_OFFSET, day, midnight};
pub use person::{Faults, MOST_EVENTS, MOST_GROUPS, Observed, Person};
pub use plan::Plan;
pub use reading::{Pair, Reading};
pub use report::{ABSENT, GroupReport, MetricReport, SuccessReport};
pub use scalar::{Scalar, ValueFault};
#[cfg(feature = "schema")]
pub(crate) use source::DefinitionSource;
pub use standard::Standard;
pub(crate) use tally::Tally;
pub use tally::Unavailable;

#[cfg(test)]
mod tests;
