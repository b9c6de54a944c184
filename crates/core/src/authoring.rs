//! A template by itself, for the benchmarks; never on a device.

use crate::Value;
use crate::template::Template;

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
