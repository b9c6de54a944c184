use proptest::prelude::*;
use serde_json::json;

use super::*;

struct Fixed(Value);

impl Scope for Fixed {
    fn root(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    fn now(&self) -> (Timestamp, i32) {
        (Timestamp(1_795_255_440_000), 120)
    }

    fn text(&self, key: &str, count: Option<&Value>, to: &mut String) -> Result<(), RenderError> {
        to.push_str(&format!("<{key}{}>", count.map_or(String::new(), |count| format!(":{count}"))));
        if key == "missing" { Err(RenderError::Text(key.to_owned())) } else { Ok(()) }
    }
}

fn rendered(source: &str, data: Value) -> Result<String, RenderError> {
    let mut to = String::new();
    Template::parse(source).unwrap().render(&Fixed(data), &mut to).map(|()| to)
}

fn text(source: &str) -> String {
    rendered(source, json!({"n": 3, "name": "Ada", "list": [3, 1, 2], "o": {"a": 1, "b": [true, null, "x"]}})).unwrap()
}

fn fault(source: &str) -> String {
    let error = Template::parse(source).unwrap_err();
    format!("{}:{} {}", error.line, error.column, error.message)
}

#[test]
fn what_equals_what() {
    let data = json!({
        "name": "Ada", "one": 1, "half": 0.5, "t": true, "none": [], "list": [1, "a"], "same": [1.0, "a"], "longer": [1, "a", 2],
        "o": {"a": 1, "b": [true]}, "p": {"b": [true], "a": 1.0}, "q": {"a": 1, "c": [true]}, "r": {}, "space": " ",
    });
    let holds = |test: &str| match &*rendered(&format!("{{% if {test} %}}yes{{% else %}}no{{% endif %}}"), data.clone())
        .unwrap()
    {
        "yes" => true,
        "no" => false,
        other => panic!("{test}: {other}"),
    };
    for test in [
        "name == 'Ada'",
        "one == 1.0",
        "half == 0.5",
        "t == true",
        "nothing == nil",
        "list == same",
        "o == p",
        "(1..3) == (1..3)",
        "none == empty",
        "none == blank",
        "r == empty",
        "r == blank",
        "space == blank",
        "'' == empty",
        "'' == blank",
        "blank == ''",
        "empty == none",
        "nil == blank",
        "false == blank",
        "none == none",
        "'' == ''",
        "1.5 == 1.50",
        "9007199254740993 == 9007199254740993",
    ] {
        assert!(holds(test), "{test}");
        assert!(!holds(&test.replace("==", "!=")), "not {test}");
    }
    for test in [
        "name == 'ada'",
        "one == '1'",
        "one == true",
        "t == 'true'",
        "nothing == false",
        "list == longer",
        "longer == list",
        "o == q",
        "q == o",
        "o == r",
        "(1..3) == (1..4)",
        "(1..3) == (0..3)",
        "space == empty",
        "nil == empty",
        "one == blank",
        "t == blank",
        "0 == empty",
        "blank == empty",
        "empty == blank",
        "empty == empty",
        "blank == blank",
        "list == name",
        "half == one",
        "none == ''",
        "(2..1) == empty",
        "9007199254740993 == 9007199254740992",
    ] {
        assert!(!holds(test), "{test}");
        assert!(holds(&test.replace("==", "!=")), "not {test}");
    }
}

#[test]
fn what_is_more_and_what_is_in_what() {
    let data = json!({"o": {"a": 1}, "list": [1, "b"], "t": "abc"});
    let holds =
        |test: &str| rendered(&format!("{{% if {test} %}}yes{{% endif %}}"), data.clone()).map(|text| text == "yes");
    for (left, right, order) in [
        ("1", "2", [true, true, false, false]),
        ("2", "2", [false, true, true, false]),
        ("1.5", "2", [true, true, false, false]),
        ("2", "1.5", [false, false, true, true]),
        ("9007199254740993", "9007199254740992", [false, false, true, true]),
        ("'a'", "'b'", [true, true, false, false]),
        ("nil", "1", [false; 4]),
        ("t", "nil", [false; 4]),
    ] {
        for (operator, expected) in ["<", "<=", ">=", ">"].into_iter().zip(order) {
            assert_eq!(holds(&format!("{left} {operator} {right}")), Ok(expected), "{left} {operator} {right}");
        }
    }
    for mixed in ["1 < 'a'", "t > 1.5"] {
        assert_eq!(holds(mixed), Err(RenderError::Wrong("a text is compared with a number".into())), "{mixed}");
    }
    for (test, expected) in [
        ("o contains 'a'", true),
        ("o contains 'b'", false),
        ("list contains 1", true),
        ("list contains 'b'", true),
        ("list contains 'a'", false),
        ("t contains 'bc'", true),
        ("t contains 'cb'", false),
        ("t contains nil", false),
        ("(1..3) contains 0", false),
        ("(1..3) contains 1", true),
        ("(1..3) contains 3", true),
        ("(1..3) contains 2.5", true),
        ("(1..3) contains 4", false),
        ("(1..3) contains '2'", false),
    ] {
        assert_eq!(holds(test), Ok(expected), "{test}");
    }
}

#[test]
fn what_filters_and_expressions_make_of_values_at_their_edges() {
    let data = json!({
        "true": {"a": 1}, "false": {"a": 2}, "nil": {"a": 3}, "empty": {"a": 4}, "blank": {"a": 5}, "null": [6],
        "list": [3, 1, 2], "objects": [{"a": 1}], "tiny": -1.5e-7, "f": 1e300, "g": 3e299, "h": 4e299, "s": 2e-23,
        "a1": 1, "b-c": 2
    });
    for (source, expected) in [
        ("{{ true.a }}{{ false.a }}{{ nil.a }}{{ empty.a }}{{ blank.a }}{{ null[0] }}", "123456"),
        ("{{ nil }}{{ null }}|{% for i in (nil..1) %}{{ i }}{% endfor %}", "|01"),
        ("{{ 1 | plural: 'thing', 'things' }}", "thing"),
        ("{{ 1 | plural: other: 'things' }}", "things"),
        ("{{ list | slice: 0, -1 | join }}|{{ list | slice: 3, 1 | join }}|{{ list | slice: -2, 5 | join }}", "||1 2"),
        ("{{ 'αΣ ΑΣ ẞ' | downcase }}", "ας ας ß"),
        ("{{ objects | find: 'a', 9 | json }}", "null"),
        ("{{ list | map: 0 | join: '' }}{{ list | map: 1 | join: '' }}", "110101"),
        ("{{ tiny }} {{ f }}", "-1.5e-7 1e+300"),
        (
            "{{ f | plus: g }} {{ f | minus: g }} {{ f | divided_by: h }} {{ f | modulo: g }}",
            "1.3e+300 7e+299 2.5 1e+299",
        ),
        ("{{ 9007199254740993 | times: 0.01 }} {{ s | times: 1 }}", "90071992547409.94 2e-23"),
        ("{% capture 'x' %}a{% endcapture %}{% capture \"y\" %}b{% endcapture %}{{ x }}{{ y }}", "ab"),
        ("{{ 'abc' | truncate: 3 }} {{ 'abcd' | truncate: 3 }}", "abc ..."),
        ("{{ ' a b' | split: ' ' | join: '-' }}|{{ ' a,b' | split: ',' | join: '-' }}", "a-b| a-b"),
        ("{{ '<!-->x-->y' | strip_html }}", "y"),
        ("{{ '&amp; &amp &; &#38; &#; &a1;' | escape_once }}", "&amp; &amp;amp &amp;; &#38; &amp;#; &amp;a1;"),
        ("{{ '&amp;' | escape }}", "&amp;amp;"),
        ("a { b {{ 5 }} { %", "a { b 5 { %"),
        ("{{ a1 }}{{ b-c }}", "12"),
        ("{% for i in list reversed %}{{ i }}{% endfor %}", "213"),
        ("{% liquid assign x = 1\necho x\n\necho x %}", "11"),
        ("{% assign r = (1..3) %}{{ r.first }}{{ r.last }}{% assign r = (2..1) %}{{ r.first }}{{ r.last }}|", "13|"),
        (
            "{% for i in (1..1) %}{% if forloop == forloop %}y{% endif %}{% for j in (1..1) %}\
             {% if forloop == forloop.parentloop %}y{% else %}n{% endif %}{% endfor %}{% endfor %}",
            "yn",
        ),
    ] {
        assert_eq!(rendered(source, data.clone()).as_deref(), Ok(expected), "{source}");
    }
}

#[test]
fn a_mistake_is_named_by_line_and_column_with_the_nearest_name() {
    for (source, expected) in [
        ("{{ name | upcas }}", "1:11 unknown filter `upcas`; did you mean `upcase`"),
        ("a\né {% asign x = 1 %}", "2:6 unknown tag `asign`; did you mean `assign`"),
        ("{% render 'x' %}", "1:4 the tag `render` of Liquid is left out here (docs/templates.md)"),
        ("{{ name | UpCase }}", "1:11 unknown filter `UpCase`; did you mean `upcase`"),
        ("{{ name | money }}", "1:11 unknown filter `money`"),
        ("{% if name %}", "1:4 this is never closed by `endif`"),
        ("{% endif %}", "1:4 `endif` does not belong to the block that is open here"),
        ("{{ name", "1:1 this is never closed by `}}`"),
        ("{{ 'name }}", "1:4 this text has no closing quote"),
        ("{{ name | append }}", "1:11 the filter `append` needs more arguments"),
        ("{{ name | upcase: 1 }}", "1:11 the filter `upcase` takes fewer arguments"),
        ("{{ name | default: 1, allow: true }}", "1:11 the filter `default` has no argument of this name"),
        ("{{ n | plural: 'a' }}", "1:8 the filter `plural` takes two texts, or texts by category with one for `other`"),
        ("{{ a b }}", "1:6 `b` is not expected here"),
        ("{{ ‘a’ }}", "1:4 a value is expected"),
        ("{% for x on y %}{% endfor %}", "1:10 `in` is expected"),
        ("{% assign x 1 %}", "1:13 `=` is expected"),
        ("{% assign = 1 %}", "1:11 the name of a variable is expected"),
        ("{% assign -x = 1 %}", "1:11 the name of a variable is expected"),
        ("{% capture x y %}{% endcapture %}", "1:14 `y` is not expected here"),
        ("{% else %}", "1:4 `else` does not belong to the block that is open here"),
        ("{% elsif n %}", "1:4 `elsif` does not belong to the block that is open here"),
        ("{% when 1 %}", "1:4 `when` does not belong to the block that is open here"),
        ("{% ifx n %}", "1:4 unknown tag `ifx`; did you mean `if`"),
        ("{% zz %}", "1:4 unknown tag `zz`"),
        ("{{ name | upca }}", "1:11 unknown filter `upca`; did you mean `upcase`"),
        (
            "{{ n | plural: few: 'a' }}",
            "1:8 the filter `plural` takes two texts, or texts by category with one for `other`",
        ),
        (
            "{{ n | plural: 'a', other: 'b' }}",
            "1:8 the filter `plural` takes two texts, or texts by category with one for `other`",
        ),
    ] {
        assert_eq!(fault(source), expected, "{source}");
    }
}

#[test]
fn a_message_can_take_itself_back() {
    for source in [
        "a{% abort_message \"no name\" %}b",
        "{% abort_message('no name') %}",
        "{% abort_message(no name) %}",
        "{% if name == blank %}{% abort_message no %}{% endif %}{% assign r = 'no name' %}{% abort_message r %}",
    ] {
        assert_eq!(rendered(source, json!({"name": "x"})), Err(RenderError::Abort("no name".into())), "{source}");
    }
    assert_eq!(rendered("{% abort_message %}", json!({})), Err(RenderError::Abort(String::new())));
    assert_eq!(rendered("{% abort_message() %}", json!({})), Err(RenderError::Abort(String::new())));
    assert_eq!(text("{% if name == blank %}{% abort_message 'x' %}{% endif %}{{ name }}"), "Ada");
}

#[test]
fn texts_and_plurals_come_from_the_scope() {
    assert_eq!(text("{{ 'cart.title' | t }} {{ 'k' | t: count: n }}"), "<cart.title> <k:3>");
    assert_eq!(rendered("{{ 'missing' | t }}", json!({})), Err(RenderError::Text("missing".into())));
    assert_eq!(text("{{ n }} {{ n | plural: 'thing', 'things' }}"), "3 things");
    assert_eq!(text("{{ 1 | plural: one: 'one thing', other: 'things' }}"), "one thing");
    assert_eq!(text("{{ 5 | plural: few: 'x', other: 'things' }}"), "things");
}

#[test]
fn values_print_as_in_liquid() {
    assert_eq!(text("{{ o }} {{ list }} {{ list | append: '' }}"), r#"{"a"=>1, "b"=>[true, nil, "x"]} 312 [3, 1, 2]"#);
    assert_eq!(
        text("{{ o | json }} {{ nothing | json }} {{ list | sort | json }}"),
        r#"{"a":1,"b":[true,null,"x"]} null [1,2,3]"#
    );
    assert_eq!(text("{{ 5.0 }} {{ 10 | times: 0.1 }} {{ 0.1 | plus: 0.2 }} {{ 3 | divided_by: 2 }}"), "5.0 1.0 0.3 1");
    assert_eq!(text("{{ 'now' | date: '%Y-%m-%d %H:%M %z' }}"), "2026-11-21 12:04 +0200");
}

#[test]
fn what_a_person_is_called_is_never_read_as_a_template() {
    let name = "{{ secret }}{% abort_message 'x' %}";
    let data = json!({"name": name, "secret": 1});
    assert_eq!(rendered("{{ name }}{{ name | append: '!' }}", data).unwrap(), format!("{name}{name}!"));
}

/// A scope that says no more than it has to.
struct Bare(Value);

impl Scope for Bare {
    fn root(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    fn now(&self) -> (Timestamp, i32) {
        (Timestamp(0), 0)
    }
}

#[test]
fn without_texts_a_key_is_an_error_and_numbers_are_counted_in_english() {
    let rendered = |source: &str| {
        let mut to = String::new();
        Template::parse(source).unwrap().render(&Bare(json!({})), &mut to).map(|()| to)
    };
    assert_eq!(rendered("{{ 'k' | t }}"), Err(RenderError::Text("k".into())));
    assert_eq!(rendered("{{ 1 | plural: 'a', 'b' }}{{ 2 | plural: 'a', 'b' }}").as_deref(), Ok("ab"));
}

#[test]
fn each_limit_is_the_most_that_is_allowed() {
    let most = 256 * 1024;
    let data = json!({
        "most": "x".repeat(most), "last": "x".repeat(most - 1) + "y", "list": ["x".repeat(most)],
        "some": "x".repeat(64 * 1024), "part": "y".repeat(6_400),
    });
    let work = |source: &str| {
        let mut to = "x".repeat(most);
        let rendered = Template::parse(source).unwrap().render(&Fixed(data.clone()), &mut to);
        rendered.map(|()| to.len() - most)
    };
    let limit = |what: &str| {
        Err(RenderError::Limit(match what {
            "steps" => "500,000 steps",
            "rounds" => "10,000 rounds of loops",
            "range" => "a range of 10,000",
            "output" => "256 KiB of output",
            _ => "256 KiB of text in a filter",
        }))
    };
    for (source, expected) in [
        ("{{ most }}", Ok(most)),
        ("{{ most }}x", limit("output")),
        ("{{ most | append: '' }}", Ok(most)),
        ("{{ most | append: 'x' }}", limit("text")),
        ("{{ last | replace: 'y', 'x' }}", Ok(most)),
        ("{{ last | replace: 'y', 'xx' }}", limit("text")),
        ("{{ list | join }}", Ok(most)),
        ("{% for i in (1..10000) %}{% endfor %}", Ok(0)),
        ("{% for i in (1..10001) %}{% endfor %}", limit("rounds")),
        ("{{ (1..10000) | join: '' }}", Ok(38_894)),
        ("{{ (1..10001) | join: '' }}", limit("range")),
        // Sorting moves what is there, and what is the same is looked for.
        ("{{ (1..5000) | sort | size }}", Ok(4)),
        ("{{ (1..9000) | sort | size }}", limit("steps")),
        ("{% assign a = (1..60) %}{% for i in (1..9000) %}{% assign b = a | sort %}{% endfor %}", limit("steps")),
        ("{{ (1..2000) | uniq | size }}", Ok(4)),
        ("{{ (1..9000) | uniq | size }}", limit("steps")),
        (
            "{% assign a = (1..15) %}{% for i in (1..9000) %}{% assign b = a | uniq | uniq | uniq | uniq %}{% endfor %}",
            limit("steps"),
        ),
        // Long texts are work too.
        ("{% for i in (1..600) %}{% assign a = some | append: '' %}{% endfor %}", limit("steps")),
        ("{% if most contains part %}x{% endif %}", Ok(0)),
        ("{% if most contains part %}x{% endif %}{% if most contains part %}x{% endif %}", limit("steps")),
        ("{% for i in (1..200) %}{% if most contains 'y' %}x{% endif %}{% endfor %}", limit("steps")),
    ] {
        assert_eq!(work(source), expected, "{source}");
    }
    assert!(Template::parse(&"x".repeat(65_536)).is_ok());
    let beside = "{% if a %}{% endif %}".repeat(70);
    for beside in [format!("{{% if a %}}{beside}{{% endif %}}"), beside] {
        assert!(Template::parse(&beside).is_ok(), "beside each other is not inside");
    }
}

/// What counts as a step (docs/templates.md, limits): 500,000 are allowed, and the next is one too many.
#[test]
fn steps_are_counted() {
    let data =
        json!({"list": [3, 1, 2], "many": (0..128).collect::<Vec<_>>(), "x63": "x".repeat(63), "x64": "x".repeat(64)});
    let step = "{% assign a = 1 %}";
    // 499,700: 492,803 for a list that is sorted, 6,851 for the loop with what it does in each round, and 46 more.
    let sorted = "{{ (1..5600) | sort | size }}";
    let most = format!("{sorted}{{% for i in (1..137) %}}{}{{% endfor %}}{}", step.repeat(50), step.repeat(46));
    for (source, steps) in [
        ("x", 1),
        ("{{ 1 }}", 1),
        ("{% if true %}x{% endif %}", 2),
        ("{% if false %}x{% endif %}", 1),
        ("{{ 1 | plus: 1 }}", 2),
        ("{{ 1 | plus: 1 | plus: 1 }}", 3),
        ("{{ x63 | append: '' }}", 2),
        ("{{ x64 | append: '' }}", 3),
        ("{{ x63 | upcase }}", 2),
        ("{{ x64 | upcase }}", 4),
        ("{{ x64 | remove: x64 }}", 4),
        ("{{ list | reverse | size }}", 1 + 7 + 1),
        ("{{ list | sort | size }}", 1 + 4 + 1),
        ("{{ list | uniq | size }}", 1 + 4 + 1),
        ("{{ many | slice: 1, 100 | size }}", 1 + 101 + 1),
        ("{{ 'a b c' | split: ' ' | size }}", 1 + 4 + 1),
        ("{% if x63 contains 'y' %}{% endif %}", 1),
        ("{% if x64 contains 'y' %}{% endif %}", 2),
        ("{% if x64 contains x64 %}{% endif %}", 3),
    ] {
        let with = |more: usize| rendered(&format!("{most}{source}{}", step.repeat(more)), data.clone()).map(drop);
        assert_eq!(with(300 - steps), Ok(()), "{source}");
        assert_eq!(with(301 - steps), Err(RenderError::Limit("500,000 steps")), "{source}");
    }
}

#[test]
fn work_is_bounded() {
    let limit = |source: &str| match rendered(source, json!({})) {
        Err(RenderError::Limit(what)) => what,
        other => panic!("{source}: {other:?}"),
    };
    assert_eq!(limit("{% for i in (1..10001) %}x{% endfor %}"), "10,000 rounds of loops");
    assert_eq!(
        limit("{% for i in (1..200) %}{% for j in (1..200) %}x{% endfor %}{% endfor %}"),
        "10,000 rounds of loops"
    );
    assert_eq!(limit("{{ (1..1000000000000) | join }}"), "a range of 10,000");
    assert_eq!(
        limit("{% assign a = 'aaaaaaaaaaaaaaaa' %}{% for i in (1..100) %}{% assign a = a | append: a %}{% endfor %}"),
        "256 KiB of text in a filter"
    );
    assert_eq!(
        limit(
            "{% assign a = 'xxxxxxxxxx' %}{% for i in (1..9) %}{% assign a = a | append: a | replace: '', a %}{% endfor %}"
        ),
        "256 KiB of text in a filter"
    );
    assert_eq!(
        limit("{% capture a %}{% for i in (1..5000) %}{{ 'now' | date: '%100Y%100Y' }}{% endfor %}{% endcapture %}"),
        "256 KiB of output"
    );
    assert_eq!(
        limit(
            "{% assign a = (1..5000) | concat: (1..5000) %}{% for i in (1..100) %}{% assign a = a | concat: a %}{% endfor %}"
        ),
        "500,000 steps"
    );
    assert_eq!(
        limit("{% assign a = (1..9000) %}{% for i in (1..100) %}{% assign b = a | uniq %}{% endfor %}"),
        "500,000 steps"
    );
    assert!(Template::parse(&"x".repeat(65_537)).is_err());
}

#[test]
fn numbers_at_the_ends_of_their_range_are_no_trap() {
    let data = json!({"n": i64::MIN, "f": 1e308});
    let source = "{{ n | date: '%Y' }} {{ n | abs }} {{ n | round: n }} {{ 'ab' | slice: n, n }} {{ n | floor }} {{ 'ab' | truncate: n }}";
    let expected = "-9223372036854775808 9223372036854776000.0 0  -9223372036854775808 ...";
    assert_eq!(rendered(source, data.clone()).unwrap(), expected);
    assert!(matches!(rendered("{{ f | times: 10 }}", data), Err(RenderError::Wrong(_))));
}

#[test]
fn depth_is_bounded() {
    for (open, close) in
        [("{% if a %}", "{% endif %}"), ("{% for a in b %}", "{% endfor %}"), ("{% capture a %}", "{% endcapture %}")]
    {
        let nested = |depth| format!("{}{}", open.repeat(depth), close.repeat(depth));
        assert!(Template::parse(&nested(63)).is_ok());
        let error = Template::parse(&nested(64)).unwrap_err();
        assert_eq!(error.message, "blocks are nested deeper than 64 levels");
        assert_eq!(error.column, 64 * open.len() + 1);
        assert!(Template::parse(&open.repeat(6_000)).is_err());
    }
    for part in ["[", "(", "a[", "(a..", "{% liquid ", "liquid ", "{% comment %}", "{% case a %}{% when b %}"] {
        let deep = part.repeat(64 * 1024 / part.len());
        for source in [format!("{{{{ {deep}"), format!("{{{{ {deep} }}}}"), deep] {
            let _ = Template::parse(&source);
        }
        let _ = Template::parse(&format!("{{% liquid {} %}}", part.repeat(60_000 / part.len())));
    }
    let chain = format!("{{% if {}a %}}x{{% endif %}}", "a or ".repeat(10_000));
    assert_eq!(rendered(&chain, json!({})).unwrap(), "");
}

proptest! {
    #[test]
    fn a_text_without_braces_is_itself(source in "[^{]{0,60}") {
        let template = Template::parse(&source).unwrap();
        prop_assert!(template.is_literal());
        prop_assert_eq!(template.literal(), Some(&*source));
        prop_assert_eq!(rendered(&source, json!({})), Ok(source));
    }

    #[test]
    fn no_source_makes_it_panic(parts in proptest::collection::vec(part(), 0..14)) {
        let source = parts.concat();
        if let Ok(template) = Template::parse(&source) {
            let mut to = String::new();
            let data = json!({"a": {"b": [1, "x", null, 2.5, {"c": -1}], "first": "é😀"}, "n": i64::MIN, "f": 1e308, "s": "ab c"});
            let _ = template.render(&Fixed(data), &mut to);
            prop_assert!(to.len() <= 2 * render::OUTPUT);
        }
    }

    #[test]
    fn no_call_makes_it_panic(name in proptest::sample::select(filter::names()), input in value(), one in value(), two in value()) {
        for source in [
            format!("{{{{ {input} | {name} }}}}"),
            format!("{{{{ {input} | {name}: {one} }}}}"),
            format!("{{{{ {input} | {name}: {one}, {two} | {name}: {two} }}}}"),
        ] {
            if let Ok(template) = Template::parse(&source) {
                let data = json!({"a": [1, [2, "x"], {"b": 1}, null], "o": {"b": [1.5], "c": "é<b>&amp;"}, "n": i64::MIN, "f": -1e308});
                let _ = template.render(&Fixed(data), &mut String::new());
            }
        }
    }
}

fn part() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "{{",
        "}}",
        "{%",
        "%}",
        "{%-",
        "-%}",
        " a.b",
        " a",
        ".first",
        ".size",
        "[0]",
        "[-1]",
        "['c']",
        " | ",
        "split: ''",
        "join",
        "times: f",
        "plus: n",
        "divided_by: n",
        "slice: n, n",
        "if ",
        "endif",
        "for x in ",
        "(n..f)",
        " limit: n",
        " offset: n",
        " reversed",
        "endfor",
        "assign x = ",
        "x",
        "case a",
        "when 1, 's'",
        "else",
        "endcase",
        "raw",
        "endraw",
        "comment",
        "endcomment",
        "liquid\n",
        "\n",
        "echo 's'",
        " == ",
        " contains ",
        " and ",
        " or ",
        "é",
        "'",
        "\"",
        "date: '%'",
        "1.5",
        "-",
        "capture y",
        "endcapture",
        "break",
        "truncate: n",
        "round: n",
    ])
}

fn value() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "nil",
        "true",
        "''",
        "' '",
        "'é😀x'",
        "0",
        "-1",
        "9223372036854775807",
        "2.5",
        "a",
        "o",
        "n",
        "f",
        "(1..3)",
        "(n..1)",
        "(1..9223372036854775807)",
        "blank",
        "empty",
        "'1.5'",
        "'<script>x'",
        "'%41%'",
        "'now'",
        "'%010N%-100Y'",
    ])
}
