//! A condition of three clauses, compiled once: ours beside other rule engines, nanoseconds per evaluation. And from the
//! JSON of an event to the verdict.

use hearken_bench::{median, table};
use hearken_core::{Condition, Properties, Value};
use serde_json::json;

fn main() {
    let user = json!({"id": "user-12345", "country": "DE", "session_count": 12, "days_since_purchase": 45, "plan": "pro",
        "platform": "ios", "app_version": "5.2.1", "language": "de", "lifetime_value": 182.5, "push_enabled": true});
    let countries = ["US", "GB", "FR", "CA", "DE"];
    let text = user.to_string();
    let subject: Properties = user.as_object().expect("an object").clone();

    let source =
        json!({"country": {"$in": countries}, "session_count": {"$gte": 5}, "days_since_purchase": {"$gt": 30}});
    let ours = Condition::compile(&source, "c").expect("a condition");
    assert!(ours.holds(&subject));

    let expression = r#"country in ["US","GB","FR","CA","DE"] && session_count >= 5 && days_since_purchase > 30"#;
    let cel_program = cel::Program::compile(expression).expect("a program");
    let mut cel_context = cel::Context::default();
    for (name, value) in &subject {
        match value {
            Value::String(text) => cel_context.add_variable(name.as_str(), text.clone()).expect("a variable"),
            Value::Number(number) if number.is_i64() => {
                cel_context.add_variable(name.as_str(), number.as_i64()).expect("a variable");
            }
            _ => {}
        }
    }
    assert_eq!(cel_program.execute(&cel_context), Ok(cel::Value::Bool(true)));

    let logic = json!({"and": [{"in": [{"var": "country"}, countries]}, {">=": [{"var": "session_count"}, 5]}, {">": [{"var": "days_since_purchase"}, 30]}]});
    let engine = datalogic_rs::Engine::new();
    let compiled = engine.compile(logic.to_string().as_str()).expect("logic");
    let data = datalogic_rs::ParsedData::from_json(&text).expect("data");
    let mut arena = bumpalo::Bump::new();
    assert_eq!(engine.evaluate(&compiled, &data, &arena).expect("a verdict").as_bool(), Some(true));

    let feature = json!({"version": 2, "features": [{"name": "f", "enabled": true, "strategies": [{"name": "default", "parameters": {}, "constraints": [
        {"contextName": "country", "operator": "IN", "values": countries},
        {"contextName": "session_count", "operator": "NUM_GTE", "value": "5"},
        {"contextName": "days_since_purchase", "operator": "NUM_GT", "value": "30"}]}]}]});
    let unleash = unleash_yggdrasil::EngineState::default();
    unleash.apply_client_features(serde_json::from_value(feature).expect("a feature"));
    let context = unleash_yggdrasil::Context {
        user_id: Some("user-12345".into()),
        session_id: None,
        environment: None,
        app_name: None,
        current_time: None,
        remote_address: None,
        properties: Some(
            [("country", "DE"), ("session_count", "12"), ("days_since_purchase", "45")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        ),
    };
    assert!(unleash.is_enabled("f", &context, &None));

    table(
        "a compiled condition of three clauses",
        &[
            ("hearken", median(|| usize::from(ours.holds(&subject)))),
            (
                "datalogic-rs (parsed data)",
                median(|| {
                    let verdict =
                        engine.evaluate(&compiled, &data, &arena).is_ok_and(|value| value.as_bool() == Some(true));
                    arena.reset();
                    usize::from(verdict)
                }),
            ),
            ("unleash-yggdrasil", median(|| usize::from(unleash.is_enabled("f", &context, &None)))),
            ("cel", median(|| usize::from(cel_program.execute(&cel_context) == Ok(cel::Value::Bool(true))))),
        ],
    );
    table(
        "from the JSON of an event to the verdict",
        &[
            (
                "hearken",
                median(|| {
                    let Ok(Value::Object(subject)) = serde_json::from_str(&text) else { return 0 };
                    usize::from(ours.holds(&subject))
                }),
            ),
            (
                "datalogic-rs",
                median(|| {
                    let Ok(data) = datalogic_rs::ParsedData::from_json(&text) else { return 0 };
                    let verdict =
                        engine.evaluate(&compiled, &data, &arena).is_ok_and(|value| value.as_bool() == Some(true));
                    arena.reset();
                    usize::from(verdict)
                }),
            ),
        ],
    );
}
