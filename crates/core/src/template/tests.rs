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
    ] {
        assert!(!holds(test), "{test}");
        assert!(holds(&test.replace("==", "!=")), "not {test}");
    }
}

#[test]
fn a_mistake_is_named_by_line_and_column_with_the_nearest_name() {
    for (source, expected) in [
        ("{{ name | upcas }}", "1:11 unknown filter `upcas`; did you mean `upcase`"),
        ("a\né {% asign x = 1 %}", "2:6 unknown tag `asign`; did you mean `assign`"),
        ("{% render 'x' %}", "1:4 the tag `render` of Liquid is left out here (docs/templates.md)"),
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

#[test]
fn variables_are_the_paths_that_are_read() {
    let source = "{{ event.top_item | default: user.name }}{% assign x = a['b c'].d %}{{ x.y }}\
        {% for i in event.items limit: n %}{{ i.z }}{{ forloop.index }}{{ m[i.k].q }}{% endfor %}{{ i }}\
        {% if user.name == 'a' %}{{ 'k' | t: count: c }}{% endif %}{{ (1..last) }}";
    let template = Template::parse(source).unwrap();
    let expected = ["event.top_item", "user.name", "a.b c.d", "event.items", "n", "m", "i", "c", "last"];
    assert_eq!(template.variables(), expected);
    assert_eq!(template.texts(), ["k"]);
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
        assert_eq!(Template::parse(&nested(64)).unwrap_err().message, "blocks are nested deeper than 64 levels");
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
            template.variables();
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
