//! Conditions as SQL that is never NULL (rule 12).

use hearken_core::success::{Filter, Literal, Operand, Order, Test};

use super::dialect::Dialect;
use super::staging::Staging;

pub(super) struct Conditions<'a> {
    pub(super) staging: &'a Staging<'a>,
    pub(super) dialect: Dialect,
}

impl Conditions<'_> {
    pub(super) fn of(&self, filter: &Filter) -> String {
        match filter {
            Filter::All(all) => self.joined(all, " AND ", "1 = 1"),
            Filter::Any(any) => self.joined(any, " OR ", "1 = 0"),
            Filter::Not(filter) => format!("NOT ({})", self.of(filter)),
            Filter::Test { of, test } => self.test(*of, test),
        }
    }

    fn joined(&self, filters: &[Filter], with: &str, none: &str) -> String {
        if filters.is_empty() {
            return none.to_owned();
        }
        let parts: Vec<String> = filters.iter().map(|filter| format!("({})", self.of(filter))).collect();
        parts.join(with)
    }

    fn test(&self, of: Operand, test: &Test) -> String {
        match test {
            Test::Exists(wanted) => {
                let there = match of {
                    Operand::Property(property) => format!("{} = 1", self.staging.there(property)),
                    Operand::Value | Operand::Event => "1 = 1".to_owned(),
                };
                if *wanted { there } else { format!("NOT ({there})") }
            }
            Test::Order(order, constant) => {
                let order = match order {
                    Order::Less => "<",
                    Order::LessOrEqual => "<=",
                    Order::Greater => ">",
                    Order::GreaterOrEqual => ">=",
                };
                match self.column(of, constant) {
                    Some((column, nullable, constant)) => {
                        let bytes = if constant.starts_with('\'') { self.dialect.bytes() } else { "" };
                        guarded(nullable, &column, &format!("{column}{bytes} {order} {constant}"))
                    }
                    None => "1 = 0".to_owned(),
                }
            }
            Test::OneOf { constants, negated } => {
                // One list for each type; a type that the operand cannot have meets nothing.
                let mut lists: Vec<(String, bool, Vec<String>)> = Vec::new();
                for constant in constants {
                    let Some((column, nullable, constant)) = self.column(of, constant) else { continue };
                    match lists.iter_mut().find(|(known, ..)| *known == column) {
                        Some((_, _, list)) => list.push(constant),
                        None => lists.push((column, nullable, vec![constant])),
                    }
                }
                let met: Vec<String> = lists
                    .iter()
                    .map(|(column, nullable, list)| {
                        guarded(*nullable, column, &format!("{column} IN ({})", list.join(", ")))
                    })
                    .collect();
                let met = if met.is_empty() { "1 = 0".to_owned() } else { met.join(" OR ") };
                if *negated { format!("NOT ({met})") } else { format!("({met})") }
            }
        }
    }

    /// The column of an operand that has the constant's type, whether it may be NULL, and the constant.
    fn column(&self, of: Operand, constant: &Literal) -> Option<(String, bool, String)> {
        let written = match constant {
            Literal::Text(text) => self.dialect.text(text),
            Literal::Int(int) => self.dialect.int(*int),
            Literal::Bool(bool) => i64::from(*bool).to_string(),
        };
        Some(match (of, constant) {
            (Operand::Property(property), Literal::Text(_)) => (self.staging.text(property), true, written),
            (Operand::Property(property), Literal::Int(_)) => (self.staging.int(property), true, written),
            (Operand::Property(property), Literal::Bool(_)) => (self.staging.bool(property), true, written),
            (Operand::Value, Literal::Int(_)) => ("value".to_owned(), false, written),
            (Operand::Event, Literal::Text(_)) => ("event".to_owned(), false, written),
            (Operand::Value | Operand::Event, _) => return None,
        })
    }
}

fn guarded(nullable: bool, column: &str, comparison: &str) -> String {
    if nullable { format!("({column} IS NOT NULL AND {comparison})") } else { format!("({comparison})") }
}
