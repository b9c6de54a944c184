//! Compiling the operands of ours (engine.md 3.2).

use super::comparison::Test;
use super::compile::Compiler;
use super::evaluate::{Node, OfMetric, Part};
use super::history::{Counter, History, Keep, MOST_KEPT, Of, share};
use super::operands::WEEKDAYS;
use super::{Condition, HostKey};
use crate::Value;
use crate::list::Listed as _;
use crate::time::Span;

impl Compiler<'_> {
    pub(super) fn operand(&mut self, name: &str, operand: &Value, path: &str) -> Node {
        if !self.scope.operands {
            self.fault(
                path,
                &[
                    "`",
                    name,
                    "` is not known here, where only fields are seen: write it in the audience or in a segment",
                ],
            );
        } else {
            return match name {
                "$segment" => self.segment(operand, path),
                "$history" => self.history(operand, path),
                "$now" => self.now(operand, path),
                "$host" => self.host(operand, path),
                "$metric" => self.metric(operand, path),
                "$success" => self.success(operand, path),
                _ => self.inbox(operand, path),
            };
        }
        Node::All(Vec::new())
    }

    fn metric(&mut self, operand: &Value, path: &str) -> Node {
        let none = Node::All(Vec::new());
        let what = "`$metric` needs an object such as {\"metric\": \"aov\", \"value\": {\"$gte\": 5000}}";
        let Some(fields) = self.object(operand, path, what) else { return none };
        let at = |field: &str| [path, ".", field].concat();
        let mut nodes = Vec::new();
        let (metric, name) = self.named_metric(fields.get("metric"), &at("metric"));
        for (field, operand) in fields {
            let part = match field.as_str() {
                "metric" => continue,
                "num" => Part::Num,
                "den" => Part::Den,
                "value" => Part::Value,
                _ => {
                    self.unknown(&at(field), field, "is no field of `$metric`", &["metric", "num", "den", "value"]);
                    continue;
                }
            };
            let test = self.numeric(operand, &at(field), true);
            nodes.push(Node::Metric(Box::new(OfMetric { metric, name: name.clone(), part, test })));
        }
        if nodes.is_empty() {
            self.fault(path, &["one of num, den and value is compared here"]);
        }
        Node::All(nodes)
    }

    fn success(&mut self, operand: &Value, path: &str) -> Node {
        let (metric, name) = self.named_metric(Some(operand), path);
        if self.scope.metrics.get(metric).is_some_and(|known| known.name == name && !known.is_goal) {
            self.fault(path, &["`", &name, "` cannot be reached: its numerator has to be `has`, of plain events"]);
        }
        Node::Success(metric, name)
    }

    /// The place of a metric of the success definition.
    fn named_metric(&mut self, name: Option<&Value>, path: &str) -> (usize, String) {
        let Some(Value::String(name)) = name else {
            self.fault(path, &["the name of a metric is needed here"]);
            return (0, String::new());
        };
        let known = std::mem::take(&mut self.scope.metrics);
        let place = known.iter().position(|known| known.name == *name);
        match place.and_then(|place| known.get(place)) {
            Some(metric) if metric.is_split => {
                self.fault(path, &["`", name, "` is split by `by`: it is not one number"]);
            }
            Some(_) => {}
            None => {
                let names: Vec<&str> = known.iter().map(|metric| metric.name.as_str()).listed();
                self.unknown(path, name, "is not a metric of the success definition", &names);
            }
        }
        self.scope.metrics = known;
        (place.unwrap_or_default(), name.clone())
    }

    fn segment(&mut self, operand: &Value, path: &str) -> Node {
        let Value::String(name) = operand else {
            self.fault(path, &["`$segment` needs the name of a segment"]);
            return Node::All(Vec::new());
        };
        if let Some(slot) = self.scope.segments.iter().position(|known| known == name) {
            return Node::Segment { slot, name: name.clone() };
        }
        if self.scope.broken.contains(name) {
            self.fault(path, &["the segment `", name, "` cannot be used: see segments.", name]);
        } else {
            let known = std::mem::take(&mut self.scope.segments);
            let names: Vec<&str> = known.iter().map(String::as_str).listed();
            self.unknown(path, name, "is not a segment of this playbook", &names);
            self.scope.segments = known;
        }
        Node::All(Vec::new())
    }

    fn history(&mut self, operand: &Value, path: &str) -> Node {
        let none = Node::All(Vec::new());
        let what = "`$history` needs an object such as {\"event\": \"purchase\", \"within\": \"30d\", \"count\": {\"$gte\": 1}}";
        let Some(fields) = self.object(operand, path, what) else { return none };
        let known = ["event", "where", "within", "count", "last", "sum"];
        let at = |field: &str| [path, ".", field].concat();
        for name in fields.keys() {
            if !known.contains(&name.as_str()) {
                self.unknown(&at(name), name, "is no field of `$history`", &known);
            }
        }
        let event = fields.get("event").and_then(Value::as_str).unwrap_or_default();
        if event.is_empty() {
            self.fault(&at("event"), &["the name of an event is needed here"]);
        }
        let within = match fields.get("within") {
            Some(within) => self.span(within, &at("within")).unwrap_or_default(),
            None => {
                self.fault(&at("within"), &["a span of time is needed here, such as \"30d\""]);
                Span::default()
            }
        };
        let filter_source = fields.get("where").cloned().unwrap_or_default();
        let filter = match fields.get("where") {
            None | Some(Value::Null) => None,
            Some(filter) => {
                // It sees the event only, as a trigger's does; and the journal keeps it without the playbook's semantics.
                let scope = &mut self.scope;
                let (operands, semantics) = (std::mem::take(&mut scope.operands), std::mem::take(&mut scope.semantics));
                let filter = Condition(self.node(filter, &at("where")));
                (self.scope.operands, self.scope.semantics) = (operands, semantics);
                Some(filter)
            }
        };
        let (of, test, keep) = match (fields.get("count"), fields.get("last"), fields.get("sum")) {
            (Some(count), None, None) => self.count(count, &at("count")),
            (None, Some(last), None) => (Of::Last, self.age(last, &at("last")), Keep::Count { newest: 1 }),
            (None, None, Some(sum)) => self.sum(sum, &at("sum")),
            _ => {
                self.fault(path, &["`$history` needs exactly one of count, last and sum"]);
                return none;
            }
        };
        let counter = Counter::new(event.to_owned(), filter, filter_source, keep, within);
        let slot = share(&mut self.scope.counters, counter);
        Node::History(Box::new(History { slot, event: event.to_owned(), within, of, test }))
    }

    /// So many are kept that every constant can be told from what is more.
    fn count(&mut self, operand: &Value, path: &str) -> (Of, Test, Keep) {
        let test = self.numeric(operand, path, false);
        let largest = test.largest_number(false).unwrap_or(0.0);
        if largest >= f64::from(MOST_KEPT) {
            self.fault(path, &["at most the newest 1,000 events are kept: compare with 999 or less"]);
        }
        let newest = (largest.max(0.0) as u32).saturating_add(1).min(MOST_KEPT);
        (Of::Count, test, Keep::Count { newest })
    }

    fn sum(&mut self, operand: &Value, path: &str) -> (Of, Test, Keep) {
        let mut property = "";
        let mut test = Test::All(Vec::new());
        match operand.as_object().filter(|object| object.len() == 1).and_then(|object| object.iter().next()) {
            Some((name, operand)) if !name.starts_with('$') => {
                property = name;
                test = self.numeric(operand, &[path, ".", name].concat(), false);
            }
            _ => self.fault(path, &["`sum` names one property: {\"total\": {\"$gte\": 100}}"]),
        }
        (Of::Sum, test, Keep::Sum { property: property.to_owned() })
    }

    fn age(&mut self, operand: &Value, path: &str) -> Test {
        let in_ms = self.spans(operand, path);
        self.numeric(&in_ms, path, true)
    }

    /// The same with each span in milliseconds.
    fn spans(&mut self, operand: &Value, path: &str) -> Value {
        match operand {
            Value::String(_) => self.span(operand, path).unwrap_or_default().0.into(),
            Value::Array(items) => {
                let mut spans = Vec::new();
                for item in items {
                    spans.push(self.spans(item, path));
                }
                Value::Array(spans)
            }
            Value::Object(fields) => {
                let mut spans = crate::wire::Object::new();
                for (name, operand) in fields {
                    let span = self.spans(operand, &[path, ".", name].concat());
                    spans.insert(name.clone(), span);
                }
                Value::Object(spans)
            }
            other => other.clone(),
        }
    }

    fn span(&mut self, operand: &Value, path: &str) -> Option<Span> {
        match crate::wire::read::<Span>(operand, path) {
            Ok(Span(0)) => {
                self.fault(path, &["a span longer than nothing is needed here, such as \"30d\""]);
                None
            }
            Ok(span) => Some(span),
            Err(faults) => {
                for fault in faults {
                    self.fault(path, &[&fault.message]);
                }
                None
            }
        }
    }

    /// A test that compares with numbers.
    fn numeric(&mut self, operand: &Value, path: &str, absence: bool) -> Test {
        let before = self.faults.len();
        let test = self.test(operand, path);
        if self.faults.len() == before && test.largest_number(absence).is_none() {
            self.fault(path, &["numbers are compared here: {\"$gte\": 1}, or a number"]);
        }
        test
    }

    fn now(&mut self, operand: &Value, path: &str) -> Node {
        let known = ["weekday", "minute"];
        self.members(
            operand,
            path,
            "`$now`",
            "{\"weekday\": {\"$in\": [\"mon\", \"tue\"]}}",
            &known,
            |compiler, name, operand, path| {
                if name == "minute" {
                    let test = compiler.numeric(operand, path, false);
                    if test.largest_number(false).is_some_and(|minute| minute > 1_439.0) {
                        compiler.fault(path, &["a minute of the day is 0 to 1439"]);
                    }
                    return Node::Minute(test);
                }
                compiler.weekdays(operand, path);
                let test = compiler.test(operand, path);
                let mut days = 0;
                for (place, day) in WEEKDAYS.iter().enumerate() {
                    days |= u8::from(test.holds(Some(&Value::from(*day)))) << place;
                }
                Node::Weekday(days)
            },
        )
    }

    /// Every constant of a test on weekdays is one.
    fn weekdays(&mut self, operand: &Value, path: &str) {
        match operand {
            Value::String(day) if WEEKDAYS.contains(&day.as_str()) => {}
            Value::Array(days) => {
                for day in days {
                    self.weekdays(day, path);
                }
            }
            Value::Object(fields) => {
                for (name, operand) in fields {
                    if matches!(name.as_str(), "$eq" | "$ne" | "$in" | "$nin" | "$not") {
                        self.weekdays(operand, &[path, ".", name].concat());
                    } else {
                        self.fault(path, &["weekdays are compared with $eq, $ne, $in, $nin and $not"]);
                    }
                }
            }
            _ => self.fault(path, &["a weekday is mon, tue, wed, thu, fri, sat or sun"]),
        }
    }

    fn host(&mut self, operand: &Value, path: &str) -> Node {
        let known = HostKey::NAMES.map(|(name, _)| name);
        self.members(operand, path, "`$host`", "{\"platform\": \"ios\"}", &known, |compiler, name, operand, path| {
            let test = compiler.test(operand, path);
            match HostKey::NAMES.iter().find(|(known, _)| *known == name) {
                Some((_, key)) => Node::Host(*key, test),
                None => Node::All(Vec::new()),
            }
        })
    }

    fn inbox(&mut self, operand: &Value, path: &str) -> Node {
        let known = ["unread", "total"];
        self.members(
            operand,
            path,
            "`$inbox`",
            "{\"unread\": {\"$gte\": 1}}",
            &known,
            |compiler, name, operand, path| {
                let test = compiler.numeric(operand, path, false);
                if name == "unread" { Node::Unread(test) } else { Node::Cards(test) }
            },
        )
    }

    fn members(
        &mut self,
        operand: &Value,
        path: &str,
        what: &str,
        example: &str,
        known: &[&str],
        compile: fn(&mut Self, &str, &Value, &str) -> Node,
    ) -> Node {
        let mut nodes = Vec::new();
        match operand.as_object().filter(|fields| !fields.is_empty()) {
            None => self.fault(path, &[what, " needs an object such as ", example]),
            Some(fields) => {
                for (name, operand) in fields {
                    let path = [path, ".", name].concat();
                    if known.contains(&name.as_str()) {
                        nodes.push(compile(self, name, operand, &path));
                    } else {
                        self.unknown(&path, name, &["is not known to ", what].concat(), known);
                    }
                }
            }
        }
        Node::All(nodes)
    }
}
