//! Percentages into basis points.

use crate::report::Problems;
use crate::tree::{Content, Node};

/// Replaces a field in percent by one in basis points. Two decimals are exact; more are a problem, and nothing stands in for them,
/// so that the field is not told to be missing as well.
pub(crate) fn to_basis_points(node: &mut Node, percent: &str, basis_points: &str, problems: &mut Problems) {
    let Some((mut key, value)) = node.take(percent) else { return };
    if node.get(basis_points).is_some() {
        let message = format!("`{percent}` and `{basis_points}` say the same thing");
        problems.span("HK0106", key.span, message, "keep one of the two");
        return;
    }
    let span = value.span;
    basis_points.clone_into(&mut key.name);
    let points = value.as_f64().map(exact);
    match points {
        Some(Some(_)) => {}
        Some(None) => {
            let message = format!("{} is not a percentage from 0 to 100 with at most two decimals", value.to_value());
            problems.span("HK0606", span, message, "write for example 12.5");
        }
        None => {
            let message = format!("`{percent}` is {}, not a percentage", value.words());
            problems.span("HK0606", span, message, "write a number from 0 to 100, such as 12.5");
        }
    }
    node.put(key, points.flatten().map_or(Node::new(span, Content::Null), |points| Node::number(span, points)));
}

/// A holdout of the playbook, or a campaign's own.
pub(crate) fn holdout(holdout: &mut Node, problems: &mut Problems) {
    super::document::without_nulls(holdout);
    to_basis_points(holdout, "percent", "bp", problems);
}

fn exact(percent: f64) -> Option<i64> {
    if !(0.0..=100.0).contains(&percent) {
        return None;
    }
    // The shortest text of a number is what was written, give or take zeros at the end.
    let text = format!("{percent}");
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    let decimals = format!("{decimals:0<2}");
    (decimals.len() == 2).then(|| format!("{whole}{decimals}").parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::exact;

    #[test]
    fn two_decimals_are_exact_and_three_are_refused() {
        assert_eq!([0.0, 0.01, 33.33, 12.5, 100.0, 29.29].map(exact), [0, 1, 3333, 1250, 10_000, 2929].map(Some));
        assert_eq!([12.345, -1.0, 100.01, 1e-7].map(exact), [None; 4]);
    }
}
