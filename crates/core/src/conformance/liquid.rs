//! Templates.

use crate::Value;
use crate::template::{self, RenderError, Template};

/// Why a template has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It cannot be read.
    Source(String),
    /// It cannot be rendered.
    Render(String),
}

/// Renders a template with the fields of an object as its variables.
///
/// # Errors
/// If it cannot be read or rendered.
pub fn render(source: &str, data: &Value) -> Result<String, Failure> {
    let template = Template::parse(source)
        .map_err(|error| Failure::Source(format!("{}:{} {}", error.line, error.column, error.message)))?;
    let mut to = String::new();
    match template.render(data, &mut to) {
        Ok(()) => Ok(to),
        Err(RenderError::Abort(reason)) => Err(Failure::Render(reason)),
        Err(RenderError::Limit(what)) => Err(Failure::Render(format!("more than {what}"))),
        Err(RenderError::Text(key)) => Err(Failure::Render(format!("there is no text `{key}`"))),
        Err(RenderError::Wrong(why)) => Err(Failure::Render(why)),
    }
}

/// The names of the tags that there are.
#[must_use]
pub fn tags() -> &'static [&'static str] {
    &template::TAGS
}

/// The names of the filters that there are.
#[must_use]
pub fn filters() -> Vec<&'static str> {
    template::filters()
}

/// Whether a text is a date for the filter `date`.
#[must_use]
pub fn is_date(text: &str) -> bool {
    template::is_date(text)
}
