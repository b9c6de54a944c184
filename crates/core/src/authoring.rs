//! For the tools of authors and the benchmarks, never on a device: the words of conditions, how an address and a JSON text are read,
//! and a template by itself.

use crate::condition;
use crate::message;
use crate::template::Template;
use crate::{Input, Value};

/// What joins conditions.
pub const GROUPS: &[&str] = &condition::GROUPS;
/// What conditions ask for that is no field.
pub const OPERANDS: &[&str] = &condition::OURS;
/// What fields are tested with.
pub const OPERATORS: &[&str] = &condition::OPERATORS;

/// The fields that an input may have; nothing if there is no input of this name.
#[must_use]
pub fn input_fields(name: &str) -> Option<&'static [&'static str]> {
    let place = Input::NAMES.iter().position(|known| *known == name)?;
    Input::FIELDS.get(place).copied()
}

/// The scheme of an address in lower case, as a browser and the device read it; nothing if it names none.
///
/// ```
/// assert_eq!(hearken_core::authoring::scheme("HTTPS://shop.example").as_deref(), Some("https"));
/// assert_eq!(hearken_core::authoring::scheme("/cart"), None);
/// ```
#[must_use]
pub fn scheme(address: &str) -> Option<String> {
    message::scheme(address)
}

/// A JSON text as a device reads it (engine.md 1.6): a key that stands twice is an error, a lone surrogate is U+FFFD.
///
/// # Errors
/// Line and column, both from 1, the column in bytes, and what is wrong there.
pub fn json(text: &str) -> Result<Value, (usize, usize, String)> {
    crate::json::parse(text).map_err(|error| (error.line, error.column, error.message))
}

/// A template that was read once, to be rendered by itself.
pub struct Prepared(Template);

impl Prepared {
    /// Reads a template.
    ///
    /// # Errors
    /// Line, column, and what to write instead.
    pub fn read(source: &str) -> Result<Self, (usize, usize, String)> {
        Template::parse(source).map(Self).map_err(|error| (error.line, error.column, error.message))
    }

    /// Adds what it says of `data` to a text; `false` where it has no result.
    pub fn render(&self, data: &Value, to: &mut String) -> bool {
        self.0.render(data, to).is_ok()
    }

    /// The keys of the texts that it looks up by `t`, and whether it makes others while it is rendered.
    #[must_use]
    pub fn text_keys(&self) -> (Vec<String>, bool) {
        let keys = self.0.keys();
        (keys.written, keys.made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_says_which_texts_it_looks_up() {
        let keys = |source: &str| Prepared::read(source).map(|template| template.text_keys()).unwrap();
        for source in [
            "{{ 'a.b' | t }}",
            "{{ 'a.b' | t: count: event.items | upcase }}",
            "{% echo 'a.b' | t %}",
            "{% if x %}{% for y in z %}{% else %}{% capture c %}{{ 'a.b' | t }}{% endcapture %}{% endfor %}{% endif %}",
            "{% case x %}{% when 1 %}{% assign y = 'a.b' | t %}{% endcase %}",
        ] {
            assert_eq!(keys(source), (vec!["a.b".to_owned()], false), "{source}");
        }
        for source in
            ["{% raw %}{{ 'a' | t }}{% endraw %}", "{% comment %}{{ 'a' | t }}{% endcomment %}", "{{ 'a' }} t"]
        {
            assert_eq!(keys(source), (vec![], false), "{source}");
        }
        for source in ["{{ event.key | t }}", "{{ 'a' | append: '.b' | t }}"] {
            assert_eq!(keys(source), (vec![], true), "{source}");
        }
    }

    #[test]
    fn every_input_says_its_fields() {
        assert_eq!(input_fields("track"), Some(["name", "properties", "at"].as_slice()));
        assert_eq!(input_fields("tick"), Some([].as_slice()));
        assert_eq!(input_fields("dance"), None);
        assert_eq!(Input::FIELDS.len(), Input::NAMES.len());
    }

    #[test]
    fn json_is_read_by_the_rules_of_the_device() {
        assert_eq!(json(r#"{"a": "\ud800"}"#).unwrap(), serde_json::json!({"a": "\u{fffd}"}));
        let (line, column, message) = json("{\"a\": 1, \"a\": 2}").unwrap_err();
        assert_eq!((line, column, message.as_str()), (1, 10, "the key `a` stands twice"));
    }
}
