//! For the tools of authors and the benchmarks, never on a device: the words of conditions, how an address is read, and a template by
//! itself.

use crate::Value;
use crate::condition;
use crate::message;
use crate::template::Template;

/// What joins conditions.
pub const GROUPS: &[&str] = &condition::GROUPS;
/// What conditions ask for that is no field.
pub const OPERANDS: &[&str] = &condition::OURS;
/// What fields are tested with.
pub const OPERATORS: &[&str] = &condition::OPERATORS;

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
}
