//! For the tools with which playbooks are written; never on a device.

use crate::Value;
use crate::resolve::Resolver;
use crate::template::Template;
use crate::texts::Texts;

/// The paths that a template reads, such as `event.top_item`.
///
/// # Errors
/// What is wrong with it: line, column, and what to write instead.
pub fn template_paths(source: &str) -> Result<Vec<String>, (usize, usize, String)> {
    match Template::parse(source) {
        Ok(template) => Ok(template.variables()),
        Err(error) => Err((error.line, error.column, error.message)),
    }
}

/// A template that was read once, to be rendered by itself: for previews and for measuring.
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

/// The keys and the paths that a message reads.
pub type Reads = (Vec<String>, Vec<String>);

/// The text tables of a playbook.
pub struct TextTables(Texts);

impl TextTables {
    /// Reads them as a playbook does. What is wrong with them stands beside, each with its path.
    #[must_use]
    pub fn read(playbook: &Value) -> (Self, Vec<(String, String)>) {
        let part = |name: &str| playbook.get(name).unwrap_or(&Value::Null);
        let (texts, faults) = Texts::compile(part("text"), part("locales"), part("plurals"));
        (Self(texts), faults.into_iter().map(|fault| (fault.path, fault.message)).collect())
    }

    /// The keys that a language lacks, each with the language as the playbook writes it.
    #[must_use]
    pub fn lacking(&self) -> Vec<(String, String)> {
        self.0.lacking().into_iter().map(|(locale, key)| (locale.to_owned(), key.to_owned())).collect()
    }

    /// The plural forms that a text lacks: language, key, category.
    #[must_use]
    pub fn lacking_forms(&self) -> Vec<(String, String, String)> {
        let told = |(locale, key, category): (&str, &str, crate::plural::Plural)| {
            (locale.to_owned(), key.to_owned(), category.name().to_owned())
        };
        self.0.lacking_forms().into_iter().map(told).collect()
    }

    /// The keys and paths that a message reads.
    ///
    /// # Errors
    /// What is wrong with it, each with its path.
    pub fn reads(&self, message: &Value, path: &str) -> Result<Reads, Vec<(String, String)>> {
        let compiled = Resolver::compile(message, path, &self.0);
        compiled
            .map(|resolver| resolver.reads())
            .map_err(|faults| faults.into_iter().map(|fault| (fault.path, fault.message)).collect())
    }
}
