//! The success definition over many users (docs/measure.md): rows from files, one pair of whole numbers per user, exact sums.
//!
//! ```
//! use std::sync::Arc;
//!
//! use hearken_core::success::Definition;
//! use hearken_measure::{Options, Outcome, Silent, measure};
//! use serde_json::json;
//!
//! let definition = Definition::compile(&json!({
//!     "spec": 1, "id": "shop", "version": 1,
//!     "facts": { "order": { "event": "order_completed" } },
//!     "metrics": { "repeat": { "num": { "has": "order", "at_least": 2 }, "den": { "has": "order" } } },
//! }), "success");
//! let definition = Arc::new(definition.expect("it is right"));
//! let file = tempfile::Builder::new().suffix(".jsonl").tempfile()?;
//! std::fs::write(file.path(), r#"{"id":"1","ts":1,"type":"order_completed","user":"ann"}
//! {"id":"2","ts":2,"type":"order_completed","user":"ann"}
//! {"id":"3","ts":3,"type":"order_completed","user":"bob"}
//! {"id":"","ts":4,"type":"order_completed","user":"bob"}
//! "#)?;
//! let outcome = measure(&definition, &[file.path().to_owned()], &Options::new(1_000), &Silent, None)?;
//! let Outcome::Measured(report) = outcome else { panic!("not strict") };
//! assert_eq!((report.metrics[0].sum.num, report.metrics[0].sum.den), (1, 2));
//! assert_eq!(report.codes().into_iter().collect::<Vec<_>>(), [("id.empty".to_owned(), 1)]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

mod cell;
mod draft;
mod duplicates;
pub mod explain;
mod fold;
mod ingest;
pub mod jcs;
mod keys;
mod naive;
mod people;
mod progress;
mod reason;
pub mod report;
mod row;
mod run;
mod source;
pub mod sql;
mod store;
mod totals;

pub use progress::{Phase, Progress, Silent};
pub use reason::{Place, Reason, Skipped};
pub use report::Report;
pub use run::{BUDGET, Emit, Options, Outcome, measure};
pub use source::{Failure, Format, Spec, SpecError};
pub use totals::{Sum, Total};
