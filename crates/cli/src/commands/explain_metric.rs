//! stub
use super::Outcome;
/// stub
#[derive(clap::Args, Debug)]
pub(crate) struct ExplainMetric {}
pub(crate) fn run(_: &ExplainMetric) -> Outcome {
    Ok(2)
}
