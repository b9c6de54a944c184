//! One metric as one query: the facts that it reads, the people it is about, numerator and denominator, the pair.

use hearken_core::success::{
    AfterSpan, By, Definition, Distinct, Each, Fact, Kind, Metric, Operator, Place, Range, Selection, Take, Term,
};

use super::dialect::Dialect;
use super::filter::Conditions;
use super::staging::Staging;
use super::{Options, window};
use hearken_core::success::DAY;

/// Days are counted from so far back that no number of them is negative (rule 10).
const SHIFT: i64 = 1_000_000;

pub(super) struct Query<'a> {
    definition: &'a Definition,
    metric: &'a Metric,
    staging: &'a Staging<'a>,
    options: &'a Options,
    dialect: Dialect,
    /// Common table expressions, in the order in which they are needed: name and text.
    tables: Vec<(String, String)>,
}

impl<'a> Query<'a> {
    pub(super) fn new(
        definition: &'a Definition,
        metric: &'a Metric,
        staging: &'a Staging<'a>,
        options: &'a Options,
    ) -> Self {
        Self { definition, metric, staging, options, dialect: options.dialect, tables: Vec::new() }
    }

    pub(super) fn statement(mut self) -> String {
        self.people();
        let mut pairs = Vec::new();
        let columns = |num: &str, den: &str| format!("SELECT user_key, grp, {num} AS num, {den} AS den");
        let zero = self.dialect.int(0);
        for (from, times) in self.term(&self.metric.num.clone(), "num") {
            pairs.push(format!("{} FROM {from}", columns(&scaled("v", times), &zero)));
        }
        if self.metric.kind != Kind::Total {
            for (from, times) in self.term(&self.metric.den.clone(), "den") {
                pairs.push(format!("{} FROM {from}", columns(&zero, &scaled("v", times))));
            }
        }
        self.table("pairs", pairs.join("\n  UNION ALL\n  "));
        let with: Vec<String> = self.tables.iter().map(|(name, text)| format!("{name} AS (\n  {text}\n)")).collect();
        let name = self.dialect.text(&self.metric.name);
        let end = if self.options.per_user {
            "user_key, grp, SUM(num) AS num, SUM(den) AS den\nFROM pairs\nGROUP BY user_key, grp".to_owned()
        } else {
            let (num, den) = (self.dialect.sum("num"), self.dialect.sum("den"));
            let value = if self.metric.kind == Kind::Total {
                self.dialect.double("num")
            } else {
                format!("CASE WHEN den <> 0 THEN {} / {} END", self.dialect.double("num"), self.dialect.double("den"))
            };
            format!(
                "grp, num, den, {value} AS value\nFROM (SELECT grp, {num} AS num, {den} AS den FROM pairs GROUP BY grp) sums"
            )
        };
        format!("WITH {}\nSELECT {name} AS metric, {end};\n", with.join(",\n"))
    }

    fn table(&mut self, name: &str, text: String) {
        if !self.tables.iter().any(|(known, _)| known == name) {
            self.tables.push((name.to_owned(), text));
        }
    }

    fn int(&self, int: i64) -> String {
        self.dialect.int(int)
    }

    /// The day of an instant on a clock that is ahead by an expression in milliseconds.
    fn day(&self, ts: &str, ahead: &str) -> String {
        let shifted = format!("{ts} + {ahead} + {}", self.int(SHIFT * DAY));
        format!("({} - {SHIFT})", self.dialect.divide(&shifted, DAY))
    }

    fn grid_day(&self, ts: &str) -> String {
        self.day(ts, &self.int(i64::from(self.definition.offset_min) * 60_000))
    }

    /// A fact's events (rules 2, 4, 5, 13).
    fn fact(&mut self, place: usize) -> String {
        let fact = &self.definition.facts[place];
        let name = table_name("fact", &fact.name);
        if let Some(base) = fact.of {
            let of = self.fact(base);
            let text = if fact.take == Take::First { self.first(&of) } else { format!("SELECT * FROM {of}") };
            self.table(&name, text);
            return name;
        }
        let mut text = self.rows(fact);
        if let Some(key) = fact.key {
            // An event whose key was seen, kept or not, less than the horizon before, is the same one again (rule 4).
            let id = self.staging.id(key);
            let over = format!("PARTITION BY user_key, {id} ORDER BY ts, id{}", self.dialect.bytes());
            let before = self.dialect.lag("ts", &over);
            let keyed = format!("SELECT candidate.*, {before} AS seen FROM ({text}) candidate");
            let horizon = self.int(fact.horizon.0);
            text =
                format!("SELECT * FROM ({keyed}) keyed WHERE {id} IS NULL OR seen IS NULL OR ts - seen >= {horizon}");
        }
        if fact.take == Take::First {
            let all = table_name("all", &fact.name);
            self.table(&all, text);
            text = self.first(&all);
        }
        self.table(&name, text);
        name
    }

    fn first(&self, of: &str) -> String {
        format!(
            "SELECT * FROM (SELECT {of}.*, ROW_NUMBER() OVER (PARTITION BY user_key ORDER BY ts, id{}) AS nth FROM {of}) numbered WHERE nth = 1",
            self.dialect.bytes()
        )
    }

    fn rows(&self, fact: &Fact) -> String {
        let events: Vec<String> = fact.events.iter().map(|event| self.dialect.text(event)).collect();
        let mut conditions = vec![format!("event IN ({})", events.join(", "))];
        if !fact.filter.is_open() {
            conditions.push(self.conditions().of(&fact.filter));
        }
        let mut columns = ["user_key", "id", "event", "ts", "off", "session"].map(str::to_owned).to_vec();
        columns.extend(self.staging.columns(self.metric));
        if let Some(rule) = &fact.value {
            let value = self.staging.value(rule.property, rule.scale);
            let (min, max) = (*rule.bounds().start(), *rule.bounds().end());
            conditions.push(format!("{value} >= {} AND {value} <= {}", self.int(min), self.int(max)));
            if let (Some(currency), Some(money)) = (rule.currency, &self.definition.money) {
                conditions.push(format!("{} = {}", self.staging.text(currency), self.dialect.text(&money.currency)));
            }
            columns.push(format!("{value} AS value"));
        }
        format!("SELECT {} FROM staging WHERE {}", columns.join(", "), conditions.join(" AND "))
    }

    fn conditions(&self) -> Conditions<'_> {
        Conditions { staging: self.staging, dialect: self.dialect }
    }

    /// Who it is about: everybody; the users of a `given`; or those whose start is mature, with the stretch after it.
    fn people(&mut self) {
        let text = match self.metric.range.clone() {
            Range::After { anchor, span, window: days } => {
                let fact = self.fact(anchor);
                let horizon = span.horizon().0;
                // Both edges of the window are moved back by the horizon (rule 8).
                let from = days.map_or(String::new(), |days| {
                    let (start, _) = window(self.definition, self.options.as_of, days);
                    format!(" AND ts >= {}", self.int(start - horizon))
                });
                let (lo, hi) = match span {
                    AfterSpan::Within(within) => ("ts".to_owned(), format!("ts + {}", self.int(within.0))),
                    AfterSpan::Days(first, last) => {
                        let ahead = format!("off * {}", self.int(60_000));
                        let local = self.day("ts", &ahead);
                        let midnight = |days: i64| format!("({local} + {days}) * {} - {ahead}", self.int(DAY));
                        (midnight(first.into()), midnight(i64::from(last) + 1))
                    }
                };
                format!(
                    "SELECT user_key, ts AS start_ts, id AS start_id, {lo} AS lo, {hi} AS hi FROM {fact} WHERE ts < {}{from}",
                    self.int(self.options.as_of - horizon)
                )
            }
            _ => match self.metric.given.clone() {
                Some(Operator::Has(selection, least)) => self.number(&selection, "given", "USERS", least, false),
                Some(given) => {
                    let counted = self.counted(&given, "given", false);
                    let some = if matches!(given, Operator::Lacks(..)) { "" } else { " WHERE v <> 0" };
                    format!("SELECT user_key FROM {counted}{some}")
                }
                None if !self.metric.operators().any(|of| matches!(of, Operator::One | Operator::Lacks(..))) => return,
                None => "SELECT DISTINCT user_key FROM staging".to_owned(),
            },
        };
        self.table("people", text);
    }

    /// The tables that a term adds up, each with its factor.
    fn term(&mut self, term: &Term, name: &str) -> Vec<(String, i64)> {
        let mut parts = vec![(self.gated(&term.operator, name), term.times)];
        if let Some((times, minus)) = &term.minus {
            parts.push((self.gated(minus, &format!("{name}_minus")), -times));
        }
        parts
    }

    /// The same of the metric's people only.
    fn gated(&mut self, operator: &Operator, name: &str) -> String {
        let counted = self.counted(operator, name, true);
        if self.metric.given.is_none() || matches!(operator, Operator::One | Operator::Lacks(..)) {
            return counted;
        }
        let of = format!("{name}_given");
        let text = format!(
            "SELECT {counted}.user_key AS user_key, {counted}.grp AS grp, {counted}.v AS v FROM {counted} JOIN people ON people.user_key = {counted}.user_key"
        );
        self.table(&of, text);
        of
    }

    /// A table of (user_key, grp, v): what an operator is for each user and group for whom it is not 0.
    fn counted(&mut self, operator: &Operator, name: &str, split: bool) -> String {
        let one = self.int(1);
        let text = match operator {
            Operator::One => format!("SELECT user_key, {} AS grp, {one} AS v FROM people", self.no_group()),
            Operator::Count(selection) => self.number(selection, name, "COUNT", 0, split),
            Operator::Has(selection, least) => self.number(selection, name, "HAS", *least, split),
            Operator::Lacks(selection, least) => {
                let has = self.number(selection, &format!("{name}_of"), "USERS", *least, false);
                let (of, all) = (format!("{name}_has"), format!("{name}_lacks"));
                self.table(&of, has);
                let everybody = if name == "given" { "staging" } else { "people" };
                let except = self.dialect.except();
                self.table(&all, format!("SELECT user_key FROM {everybody} {except} SELECT user_key FROM {of}"));
                format!("SELECT user_key, {} AS grp, {one} AS v FROM {all}", self.no_group())
            }
            Operator::Sum(selection) => self.number(selection, name, "SUM", 0, split),
            Operator::Span(selection) => self.number(selection, name, "SPAN", 0, split),
            Operator::Each | Operator::Reached | Operator::Elapsed => self.followed(operator),
        };
        self.table(name, text);
        name.to_owned()
    }

    fn no_group(&self) -> String {
        "''".to_owned()
    }

    /// What `by` makes of a row.
    fn group(&self, split: bool) -> String {
        match self.metric.by.filter(|_| split) {
            None => self.no_group(),
            Some(By::Event) => "event".to_owned(),
            Some(By::Property(property)) => format!("COALESCE({}, '(absent)')", self.staging.id(property)),
        }
    }

    /// Counts the events of a selection.
    fn number(&mut self, selection: &Selection, name: &str, what: &str, least: u32, split: bool) -> String {
        let rows = self.selected(selection, name, split);
        let count = match selection.distinct {
            Distinct::No => "COUNT(*)".to_owned(),
            Distinct::Day => format!("COUNT(DISTINCT {})", self.grid_day("ts")),
            Distinct::Session => "COUNT(DISTINCT NULLIF(session, ''))".to_owned(),
            Distinct::Property(property) => format!("COUNT(DISTINCT {})", self.staging.id(property)),
        };
        // Of plain events there is one where there is a row.
        let plain = least <= 1 && matches!(selection.distinct, Distinct::No | Distinct::Day);
        let having = if plain { String::new() } else { format!(" HAVING {count} >= {least}") };
        let (value, having) = match what {
            "USERS" => return format!("SELECT user_key FROM {rows} GROUP BY user_key{having}"),
            "HAS" => (self.int(1), having),
            "COUNT" => (self.dialect.signed(&count), String::new()),
            "SUM" => ("SUM(value)".to_owned(), String::new()),
            _ => ("MAX(ts) - MIN(ts)".to_owned(), String::new()),
        };
        format!("SELECT user_key, grp, {value} AS v FROM {rows} GROUP BY user_key, grp{having}")
    }

    /// The events of a selection, in its range.
    fn selected(&mut self, selection: &Selection, name: &str, split: bool) -> String {
        let fact = self.fact(selection.fact);
        let days = match &self.metric.range {
            Range::Window { days } => Some(*days),
            Range::Each(each) => Some(each.window),
            Range::Ever | Range::After { .. } => None,
        };
        let (mut from, mut conditions) = (fact.clone(), Vec::new());
        match (selection.place, days) {
            (Place::Ever, _) => {}
            (Place::Previous, Some(days)) => {
                let (start, before) = window(self.definition, self.options.as_of, days);
                conditions.push(format!("ts >= {} AND ts < {}", self.int(before), self.int(start)));
            }
            (_, Some(days)) => {
                let (start, _) = window(self.definition, self.options.as_of, days);
                conditions.push(format!("ts >= {}", self.int(start)));
            }
            (_, None) if matches!(self.metric.range, Range::After { .. }) => {
                let bytes = self.dialect.bytes();
                let mut after = format!(
                    "SELECT {fact}.* FROM {fact} JOIN people ON people.user_key = {fact}.user_key WHERE {fact}.ts >= people.lo AND {fact}.ts < people.hi"
                );
                if matches!(self.metric.range, Range::After { span: AfterSpan::Within(_), .. }) {
                    // The anchor counts, and nothing of its instant that comes before it (rule 11).
                    after.push_str(&format!(
                        " AND ({fact}.ts > people.start_ts OR {fact}.id{bytes} >= people.start_id{bytes})"
                    ));
                }
                let of = format!("{name}_after");
                self.table(&of, after);
                from = of;
            }
            (_, None) => {}
        }
        if self.definition.facts[selection.fact].take == Take::Last {
            // The last inside of the range, and then the condition (rule 2).
            let bytes = self.dialect.bytes();
            let inside =
                if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) };
            let of = format!("{name}_last");
            let text = format!(
                "SELECT * FROM (SELECT {from}.*, ROW_NUMBER() OVER (PARTITION BY user_key ORDER BY ts DESC, id{bytes} DESC) AS back FROM {from}{inside}) numbered WHERE back = 1"
            );
            self.table(&of, text);
            (from, conditions) = (of, Vec::new());
        }
        if !selection.filter.is_open() {
            conditions.push(self.conditions().of(&selection.filter));
        }
        let inside = if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) };
        let of = format!("{name}_rows");
        self.table(&of, format!("SELECT {from}.*, {} AS grp FROM {from}{inside}", self.group(split)));
        of
    }

    /// Mature anchors, and what first followed each (rules 8, 11).
    fn followed(&mut self, operator: &Operator) -> String {
        let Range::Each(Each { anchor, then, matching, within, edge, window: days }) = self.metric.range.clone() else {
            return format!("SELECT user_key, '' AS grp, {} AS v FROM staging WHERE 1 = 0", self.int(0));
        };
        let (anchors, thens) = (self.fact(anchor), self.fact(then));
        let (start, _) = window(self.definition, self.options.as_of, days);
        let key = matching.map_or("1".to_owned(), |property| self.staging.id(property));
        let text = format!(
            "SELECT user_key, ts, id, {} AS grp, {key} AS key FROM {anchors} WHERE ts >= {} AND ts < {}",
            self.group(true),
            self.int(start - within.0),
            self.int(self.options.as_of - within.0)
        );
        self.table("anchors", text);
        if *operator == Operator::Each {
            let count = self.dialect.signed("COUNT(*)");
            return format!("SELECT user_key, grp, {count} AS v FROM anchors GROUP BY user_key, grp");
        }
        self.table("thens", format!("SELECT user_key, ts, id, {key} AS key FROM {thens}"));
        let bytes = self.dialect.bytes();
        let text = format!(
            "SELECT anchors.user_key AS user_key, anchors.grp AS grp, anchors.ts AS ts, anchors.id AS id, MIN(thens.ts) AS reached_ts \
             FROM anchors JOIN thens ON thens.user_key = anchors.user_key AND thens.key = anchors.key \
             WHERE (thens.ts > anchors.ts OR (thens.ts = anchors.ts AND thens.id{bytes} > anchors.id{bytes})) AND thens.ts < anchors.ts + {} \
             GROUP BY anchors.user_key, anchors.grp, anchors.ts, anchors.id",
            self.int(edge.0)
        );
        self.table("reached", text);
        let value = match operator {
            Operator::Reached => self.dialect.signed("COUNT(*)"),
            _ => "SUM(reached_ts - ts)".to_owned(),
        };
        format!("SELECT user_key, grp, {value} AS v FROM reached GROUP BY user_key, grp")
    }
}

fn scaled(column: &str, times: i64) -> String {
    match times {
        1 => column.to_owned(),
        -1 => format!("-{column}"),
        _ => format!("{times} * {column}"),
    }
}

/// A name of a fact as the name of a table.
fn table_name(prefix: &str, fact: &str) -> String {
    let plain: String = fact.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let number = if plain == fact {
        String::new()
    } else {
        format!("_{:x}", fact.bytes().fold(7u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into())))
    };
    format!("{prefix}_{plain}{number}")
}
