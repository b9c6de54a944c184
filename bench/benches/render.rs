//! A typical text with a default, a condition and a loop, read once and rendered: ours beside other template engines.

use hearken_bench::{median, table};
use hearken_core::authoring::Prepared;
use serde_json::json;

const WANTED: &str = "Hi Ana, you have 3 items and free shipping: Red shoes for 49 EUR; Blue hat for 19 EUR; Green scarf for 12 EUR; check out now.";
const LIQUID: &str = "Hi {{ user.first_name | default: 'there' }}, you have {{ cart.count }} items{% if user.vip %} and free shipping{% endif %}:{% for i in cart.items %} {{ i.name }} for {{ i.price }} EUR;{% endfor %} check out now.";
const JINJA: &str = "Hi {{ user.first_name | default('there') }}, you have {{ cart.count }} items{% if user.vip %} and free shipping{% endif %}:{% for i in cart.items %} {{ i.name }} for {{ i.price }} EUR;{% endfor %} check out now.";

fn main() {
    let data = json!({"user": {"first_name": "Ana", "vip": true}, "cart": {"count": 3, "items": [
        {"name": "Red shoes", "price": 49}, {"name": "Blue hat", "price": 19}, {"name": "Green scarf", "price": 12}]}});

    let Ok(ours) = Prepared::read(LIQUID) else { panic!("our template") };
    let render = || {
        let mut text = String::new();
        assert!(ours.render(&data, &mut text));
        text
    };
    assert_eq!(render(), WANTED);

    let parser = liquid::ParserBuilder::with_stdlib().build().expect("a parser");
    let theirs = parser.parse(LIQUID).expect("a template");
    let object = liquid::to_object(&data).expect("an object");
    assert_eq!(theirs.render(&object).expect("a text"), WANTED);

    let mut jinja = minijinja::Environment::new();
    jinja.add_template("t", JINJA).expect("a template");
    let template = jinja.get_template("t").expect("a template");
    let value = minijinja::Value::from(minijinja::value::Serde(&data));
    assert_eq!(template.render(value.clone()).expect("a text"), WANTED);

    table(
        "a typical text, rendered",
        &[
            ("hearken", median(|| render().len())),
            ("minijinja (prepared data)", median(|| template.render(value.clone()).expect("a text").len())),
            ("liquid (prepared data)", median(|| theirs.render(&object).expect("a text").len())),
        ],
    );
}
