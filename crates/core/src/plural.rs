//! Plural categories by the rules of CLDR, which the playbook carries as text (engine.md 8.2). The device has no
//! language data: `hearken build` embeds the rules of the playbook's languages.

use crate::Value;

/// A plural category.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plural {
    Zero,
    One,
    Two,
    Few,
    Many,
    Other,
}

impl Plural {
    pub(crate) const ALL: [Self; 6] = [Self::Zero, Self::One, Self::Two, Self::Few, Self::Many, Self::Other];

    /// The name in rules and texts.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Zero => "zero",
            Self::One => "one",
            Self::Two => "two",
            Self::Few => "few",
            Self::Many => "many",
            Self::Other => "other",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|plural| plural.name() == name)
    }
}

/// What is compared: `n % 10 = 2..4, 9`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Relation {
    operand: u8,
    /// 0 if there is none.
    modulo: u64,
    differs: bool,
    ranges: Vec<(u64, u64)>,
    /// Whether a new alternative begins after it.
    or: bool,
}

/// The rules of one language.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Rules {
    rules: Vec<(Plural, Vec<Relation>)>,
}

/// A number as it is written, in the operands of CLDR.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Operands {
    i: u64,
    v: u64,
    w: u64,
    f: u64,
    t: u64,
}

impl Operands {
    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let shown = fraction.trim_end_matches('0');
        Some(Self {
            i: number(whole)?,
            v: fraction.len() as u64,
            w: shown.len() as u64,
            f: if fraction.is_empty() { 0 } else { number(fraction)? },
            t: if shown.is_empty() { 0 } else { number(shown)? },
        })
    }

    /// A whole number is written without a point, whatever its type; a text counts as it stands.
    fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => match number.as_i64() {
                Some(int) => Some(Self { i: int.unsigned_abs(), ..Self::default() }),
                None => {
                    let float = number.as_f64()?;
                    if float.trunc() == float {
                        return Some(Self { i: float.abs() as u64, ..Self::default() });
                    }
                    Self::read(&crate::wire::to_json(value))
                }
            },
            Value::String(text) => Self::read(text),
            _ => None,
        }
    }

    fn meets(&self, relation: &Relation) -> bool {
        let (value, whole) = match relation.operand {
            // Its absolute value: where it has a fraction it is equal to no whole number.
            b'n' => (self.i, self.t == 0),
            b'i' => (self.i, true),
            b'v' => (self.v, true),
            b'w' => (self.w, true),
            b'f' => (self.f, true),
            b't' => (self.t, true),
            // `c` and `e`: numbers are not written in compact form here.
            _ => (0, true),
        };
        let value = if relation.modulo == 0 { value } else { value % relation.modulo };
        let among = whole && relation.ranges.iter().any(|(first, last)| (*first..=*last).contains(&value));
        among != relation.differs
    }
}

/// Digits; more than fit count as the largest number.
fn number(text: &str) -> Option<u64> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut number = 0u64;
    for byte in text.bytes() {
        number = number.saturating_mul(10).saturating_add(u64::from(byte - b'0'));
    }
    Some(number)
}

/// `one` for exactly 1, as in English and many other languages. Stands in where a playbook was not built.
pub(crate) fn english(number: &Value) -> Plural {
    match Operands::of(number) {
        Some(Operands { i: 1, v: 0, .. }) => Plural::One,
        _ => Plural::Other,
    }
}

impl Rules {
    /// Adds the rule of a category. The error is what cannot be read.
    pub(crate) fn add(&mut self, category: Plural, rule: &str) -> Result<(), String> {
        // Samples follow the rule.
        let rule = rule.split('@').next().unwrap_or_default().trim();
        // `other` is what is left; it has no rule but samples.
        if category != Plural::Other {
            let relations = parse(rule).ok_or_else(|| ["`", rule, "` is no plural rule of CLDR"].concat())?;
            self.rules.push((category, relations));
        }
        Ok(())
    }

    /// The first category in the order of CLDR whose rule a number meets. What is no number is `other`.
    pub(crate) fn category(&self, number: &Value) -> Plural {
        let Some(operands) = Operands::of(number) else { return Plural::Other };
        for category in Plural::ALL {
            for (known, relations) in &self.rules {
                if *known == category && meets(&operands, relations) {
                    return category;
                }
            }
        }
        Plural::Other
    }
}

fn meets(operands: &Operands, relations: &[Relation]) -> bool {
    let mut all = true;
    for relation in relations {
        all &= operands.meets(relation);
        if relation.or {
            if all {
                return true;
            }
            all = true;
        }
    }
    all
}

fn parse(rule: &str) -> Option<Vec<Relation>> {
    let mut relations = Vec::new();
    let mut at = Words(rule);
    loop {
        let [operand] = *at.word().as_bytes() else { return None };
        if !b"nivwftce".contains(&operand) {
            return None;
        }
        let modulo =
            if at.eat("%") || at.eat_word("mod") { number(at.word()).filter(|modulo| *modulo > 0)? } else { 0 };
        let differs = at.eat("!=");
        if !differs && !at.eat("=") {
            return None;
        }
        let mut ranges = Vec::new();
        loop {
            let first = number(at.word())?;
            let last = if at.eat("..") { number(at.word())? } else { first };
            ranges.push((first, last));
            if !at.eat(",") {
                break;
            }
        }
        let or = at.eat_word("or");
        relations.push(Relation { operand, modulo, differs, ranges, or });
        if !or && !at.eat_word("and") {
            return at.0.trim_start().is_empty().then_some(relations);
        }
    }
}

struct Words<'r>(&'r str);

impl<'r> Words<'r> {
    /// Letters or digits, perhaps none.
    fn word(&mut self) -> &'r str {
        let rest = self.0.trim_start();
        let length = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let (word, rest) = rest.split_at_checked(length).unwrap_or((rest, ""));
        self.0 = rest;
        word
    }

    fn eat(&mut self, text: &str) -> bool {
        let rest = self.0.trim_start().strip_prefix(text);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let before = self.0;
        let found = self.word() == word;
        if !found {
            self.0 = before;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    /// The rules of CLDR 48 and, for each category, numbers out of the samples published with them.
    type Language = (&'static str, &'static [(&'static str, &'static str)], &'static [(&'static str, &'static str)]);

    const LANGUAGES: &[Language] = &[
        (
            "en",
            &[("one", "i = 1 and v = 0 @integer 1")],
            &[("one", "1"), ("other", "0 2 16 100 1000 10000 100000 1000000 0.0 1.5 10.0 100.0 1.0")],
        ),
        (
            "el",
            &[("one", "n = 1 @integer 1 @decimal 1.0, 1.00, 1.000, 1.0000")],
            &[("one", "1 1.0 1.00 1.000 1.0000"), ("other", "0 2 16 100 1000 0.0 0.9 1.1 1.6 10.0 1000000.0")],
        ),
        (
            "pl",
            &[
                ("one", "i = 1 and v = 0"),
                ("few", "v = 0 and i % 10 = 2..4 and i % 100 != 12..14"),
                ("many", "v = 0 and i != 1 and i % 10 = 0..1 or v = 0 and i % 10 = 5..9 or v = 0 and i % 100 = 12..14"),
                ("other", "@decimal 0.0~1.5, 10.0"),
            ],
            &[
                ("one", "1"),
                ("few", "2 3 4 22 23 24 32 42 52 62 102 1002"),
                ("many", "0 5 6 19 11 12 13 14 100 1000 10000 1000000 112"),
                ("other", "0.0 1.5 10.0 100.0 1000000.0 1.0 2.0"),
            ],
        ),
        (
            "ar",
            &[
                ("zero", "n = 0"),
                ("one", "n = 1"),
                ("two", "n = 2"),
                ("few", "n % 100 = 3..10"),
                ("many", "n % 100 = 11..99"),
            ],
            &[
                ("zero", "0 0.0 0.00 0.0000"),
                ("one", "1 1.0 1.00"),
                ("two", "2 2.0 2.0000"),
                ("few", "3 10 103 110 1003 3.0 4.0 103.0"),
                ("many", "11 26 111 1011 11.0 12.0 111.0"),
                ("other", "100 101 102 200 202 300 1000 0.1 0.9 1.1 1.7 10.1 100.0 1000000.0"),
            ],
        ),
        (
            "ru",
            &[
                ("one", "v = 0 and i % 10 = 1 and i % 100 != 11"),
                ("few", "v = 0 and i % 10 = 2..4 and i % 100 != 12..14"),
                ("many", "v = 0 and i % 10 = 0 or v = 0 and i % 10 = 5..9 or v = 0 and i % 100 = 11..14"),
            ],
            &[
                ("one", "1 21 31 41 51 61 71 81 101 1001"),
                ("few", "2 3 4 22 23 24 32 42 102 1002"),
                ("many", "0 5 19 11 12 14 100 1000 111 112"),
                ("other", "0.0 1.5 10.0 100.0 1000000.0 1.0"),
            ],
        ),
        (
            "fr",
            &[("one", "i = 0,1"), ("many", "e = 0 and i != 0 and i % 1000000 = 0 and v = 0 or e != 0..5")],
            &[
                ("one", "0 1 0.0 1.5 1.0"),
                ("many", "1000000 2000000"),
                ("other", "2 17 100 1000 10000 100000 2.0 3.5 10.0 100.0 1000000.0"),
            ],
        ),
        (
            "da",
            &[("one", "n = 1 or t != 0 and i = 0,1")],
            &[("one", "1 0.1 0.9 1.0 1.1 1.6"), ("other", "0 2 16 100 1000 0.0 2.0 2.5 3.4 10.0 100.0")],
        ),
        (
            "lt",
            &[
                ("one", "n % 10 = 1 and n % 100 != 11..19"),
                ("few", "n % 10 = 2..9 and n % 100 != 11..19"),
                ("many", "f != 0"),
            ],
            &[
                ("one", "1 21 31 41 51 101 1001 1.0 21.0 101.0 1001.0"),
                ("few", "2 9 22 29 102 1002 2.0 9.0 22.0 102.0"),
                ("many", "0.1 0.9 1.1 1.7 10.1 100.1 1000.1"),
                ("other", "0 10 20 30 11 19 60 100 1000 0.0 10.0 11.0 100.0"),
            ],
        ),
        (
            "cy",
            &[("zero", "n = 0"), ("one", "n = 1"), ("two", "n = 2"), ("few", "n = 3"), ("many", "n = 6")],
            &[
                ("zero", "0 0.0 0.000"),
                ("one", "1 1.0"),
                ("two", "2 2.0"),
                ("few", "3 3.00"),
                ("many", "6 6.0"),
                ("other", "4 5 7 20 100 1000 0.1 0.9 1.1 1.7 10.0 100.0"),
            ],
        ),
        ("ja", &[("other", "@integer 0~15, 100")], &[("other", "0 1 2 15 100 1000 0.0 1.5 10.0")]),
    ];

    #[test]
    fn the_samples_of_cldr_fall_into_their_categories() {
        for (language, rules, samples) in LANGUAGES {
            let mut known = Rules::default();
            for (category, rule) in *rules {
                known.add(Plural::from_name(category).unwrap(), rule).unwrap();
            }
            for (category, numbers) in *samples {
                for number in numbers.split(' ') {
                    assert_eq!(known.category(&json!(number)).name(), *category, "{language} {number}");
                    if !number.contains('.') {
                        let number: i64 = number.parse().unwrap();
                        assert_eq!(known.category(&json!(number)).name(), *category, "{language} {number}");
                        assert_eq!(known.category(&json!(-number)).name(), *category, "{language} -{number}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_no_number_is_other_and_a_whole_fraction_is_whole() {
        assert_eq!(english(&json!(1.0)), Plural::One);
        assert_eq!(english(&json!(1.5)), Plural::Other);
        for value in [json!(null), json!("one"), json!([1]), json!(""), json!("."), json!("1e5")] {
            assert_eq!(english(&value), Plural::Other, "{value}");
        }
    }

    #[test]
    fn what_is_no_rule_is_an_error() {
        for rule in ["", "n", "n =", "n = a", "x = 1", "n = 1 and", "n = 1 xor v = 0", "n % 0 = 1", "nn = 1", "n = 1 2"]
        {
            assert!(Rules::default().add(Plural::One, rule).is_err(), "{rule}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(rule in "[nivwftce%=!.,0-9 andor@]{0,40}", number in "[-+0-9.]{0,30}") {
            let mut rules = Rules::default();
            let _ = rules.add(Plural::Few, &rule);
            rules.category(&json!(number));
        }
    }

    #[test]
    fn each_operand_is_a_part_of_the_number_as_it_is_written() {
        let meets = |rule: &str, number: &str| {
            let mut rules = Rules::default();
            rules.add(Plural::One, rule).unwrap();
            rules.category(&json!(number)) == Plural::One
        };
        // Of 12.340: i 12, v 3, w 2, f 340, t 34; it is no whole number.
        for (rule, expected) in [
            ("i = 12", true),
            ("v = 3", true),
            ("w = 2", true),
            ("f = 340", true),
            ("t = 34", true),
            ("n = 12", false),
            ("n != 12", true),
            ("e = 0", true),
            ("c = 0", true),
            ("i % 10 = 2", true),
            ("f % 100 = 40", true),
            ("i = 11..12", true),
            ("i = 12..13", true),
            ("i = 13..14", false),
            ("i = 1,12", true),
        ] {
            assert_eq!(meets(rule, "12.340"), expected, "{rule}");
            assert_eq!(meets(rule, "-12.340"), expected, "{rule}");
        }
    }
}
