//! Numbers for people: grouped digits, money, percent, lengths of time.

use hearken_core::success::{Definition, Distinct, Kind, Metric, Operator, Term};
use hearken_measure::Sum;

/// A whole number in groups of three.
pub(crate) fn grouped(number: i128) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if number < 0 { format!("-{text}") } else { text }
}

/// What the numbers of a metric are to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Plain,
    Percent,
    Money,
    Time,
}

/// What a metric's value is: a share, money, a length of time, or just a number.
pub(crate) fn shape(metric: &Metric, definition: &Definition) -> Shape {
    let is_share = |term: &Term| matches!(term.operator, Operator::Has(..) | Operator::Lacks(..) | Operator::Reached);
    let is_whole = |term: &Term| matches!(term.operator, Operator::One | Operator::Has(..) | Operator::Each);
    let sums = |term: &Term| matches!(term.operator, Operator::Sum(_));
    let lasts = |term: &Term| matches!(term.operator, Operator::Span(_) | Operator::Elapsed);
    // `has` times a number of days, held against days.
    let of_days = |term: &Term| {
        let in_days = term.operator.selection().is_some_and(|selection| selection.distinct == Distinct::Day);
        in_days && metric.den.times > 1
    };
    match metric.kind {
        Kind::Ms => Shape::Time,
        Kind::Change => Shape::Percent,
        _ if lasts(&metric.num) && !lasts(&metric.den) => Shape::Time,
        _ if sums(&metric.num) && !sums(&metric.den) && is_money(&metric.num, definition) => Shape::Money,
        Kind::Ratio if metric.scale == 1 && is_whole(&metric.den) => {
            if is_share(&metric.num) && metric.num.times <= metric.den.times || of_days(&metric.num) {
                Shape::Percent
            } else {
                Shape::Plain
            }
        }
        _ => Shape::Plain,
    }
}

/// A sum is money where the fact's value names a currency, or is by its name in minor units.
fn is_money(term: &Term, definition: &Definition) -> bool {
    let fact = term.operator.selection().and_then(|selection| definition.facts.get(selection.fact));
    let Some(value) = fact.and_then(|fact| fact.value.as_ref()).filter(|_| definition.money.is_some()) else {
        return false;
    };
    let named = definition.properties.get(value.property).is_some_and(|name| name.ends_with("_minor"));
    value.currency.is_some() || named
}

/// The value of a sum; nothing where there is nothing to divide by.
pub(crate) fn value(metric: &Metric, definition: &Definition, sum: Sum, has_den: bool) -> Option<String> {
    let value = hearken_measure::report::value(metric, sum, has_den)?;
    Some(match (shape(metric, definition), &definition.money) {
        (Shape::Percent, _) if has_den => {
            let sign = if metric.kind == Kind::Change && value > 0.0 { "+" } else { "" };
            format!("{sign}{:.2} %", value * 100.0)
        }
        (Shape::Time, _) => time(value),
        (Shape::Money, Some(money)) => {
            let digits = usize::from(money.digits);
            let minor = (value.abs()).round() as i128;
            let unit = 10i128.pow(money.digits.into());
            let sign = if value < 0.0 && minor > 0 { "-" } else { "" };
            let fraction = if digits > 0 { format!(".{:0digits$}", minor % unit) } else { String::new() };
            format!("{sign}{}{fraction} {}", grouped(minor / unit), money.currency)
        }
        _ if !has_den => return None,
        _ => {
            let text = format!("{:.2}", value.abs());
            let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
            let sign = if value < 0.0 && text.bytes().any(|byte| (b'1'..=b'9').contains(&byte)) { "-" } else { "" };
            format!("{sign}{}.{fraction}", grouped(whole.parse().unwrap_or_default()))
        }
    })
}

/// Milliseconds in the two largest units that they fill.
pub(crate) fn time(ms: f64) -> String {
    const UNITS: [(i128, &str); 5] = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s"), (1, "ms")];
    let whole = ms.abs().round() as i128;
    let sign = if ms < 0.0 && whole > 0 { "-" } else { "" };
    let first = UNITS.iter().position(|(unit, _)| whole >= *unit).unwrap_or(UNITS.len() - 1);
    let mut rest = whole;
    let mut parts = Vec::new();
    for (unit, name) in UNITS.iter().skip(first).take(2) {
        let count = rest / unit;
        rest %= unit;
        if count > 0 || parts.is_empty() {
            parts.push(format!("{} {name}", grouped(count)));
        }
    }
    sign.to_owned() + &parts.join(" ")
}

/// A ratio that a goal asks for, in the metric's own terms.
pub(crate) fn target(metric: &Metric, definition: &Definition, (num, den): (i64, i64)) -> String {
    value(metric, definition, Sum { num: num.into(), den: den.into() }, true).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn digits_stand_in_threes() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (-1_234_567, "-1,234,567"),
            (i128::from(i64::MAX), "9,223,372,036,854,775,807"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn a_length_of_time_has_its_two_largest_units() {
        for (ms, text) in [
            (0.0, "0 ms"),
            (999.4, "999 ms"),
            (61_000.0, "1 min 1 s"),
            (3_600_000.0, "1 h"),
            (93_784_000.0, "1 d 2 h"),
            (-1_500.0, "-1 s 500 ms"),
        ] {
            assert_eq!(time(ms), text);
        }
    }

    #[test]
    fn a_value_is_printed_as_what_it_is() {
        let printed = |metric: Value, num: i128, den: i128| {
            let source = json!({"spec": 1, "id": "a", "version": 1, "money": {"currency": "USD", "digits": 2},
                "facts": {"buy": {"event": "b", "value": {"property": "revenue_minor", "min": 0, "max": 9}}, "mood": {"event": "m", "value": {"property": "mood", "min": -9, "max": 9}},
                    "first": {"of": "buy", "take": "first"}},
                "metrics": {"m": metric}});
            let definition = Definition::compile(&source, "").unwrap();
            let metric = &definition.metrics[0];
            value(metric, &definition, Sum { num, den }, metric.kind != Kind::Total)
        };
        let text = |metric, num, den| printed(metric, num, den).unwrap();
        assert_eq!(
            text(json!({"window": "1d", "num": {"sum": "buy"}, "den": {"count": "buy"}}), 171_220_934, 47_702),
            "35.89 USD"
        );
        assert_eq!(text(json!({"window": "1d", "num": {"sum": "mood"}, "den": {"count": "mood"}}), -7, 2), "-3.50");
        assert_eq!(
            text(json!({"after": "first", "within": "1d", "num": {"has": "buy"}, "den": "one"}), 3_121, 7_801),
            "40.01 %"
        );
        assert_eq!(
            text(json!({"window": "1d", "num": {"count": "buy"}, "den": {"has": "buy"}}), 12_345, 2),
            "6,172.50"
        );
        assert_eq!(
            text(
                json!({"window": "30d", "num": {"count": "buy", "distinct": "day"}, "den": {"has": "buy", "times": 30}}),
                9,
                30
            ),
            "30.00 %"
        );
        assert_eq!(
            text(
                json!({"window": "1d", "num": {"has": "buy"}, "den": {"has": "buy", "in": "previous"}, "read": "change"}),
                3,
                2
            ),
            "+50.00 %"
        );
        assert_eq!(text(json!({"num": {"span": "buy"}, "den": {"has": "buy"}, "read": "ms"}), 7_200_000, 2), "1 h");
        assert_eq!(printed(json!({"window": "1d", "num": {"sum": "buy"}, "den": {"count": "buy"}}), 0, 0), None);
        assert_eq!(printed(json!({"window": "1d", "num": {"has": "buy"}, "den": "one", "read": "total"}), 5, 0), None);
    }
}
