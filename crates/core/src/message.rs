//! Messages: the view model that a host draws. Roles, texts and actions, never markup (DESIGN: headless first).

use serde::{Deserialize, Serialize};

use crate::Properties;

/// One message, ready to be drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// How it stands on the screen.
    pub layout: Layout,
    /// Its accessible name; the first heading if none is given.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// Its pages; at least one.
    pub pages: Vec<Page>,
}

/// One page of a message: blocks from top to bottom, which is also the order of focus.
pub type Page = Vec<Block>;

/// How a message stands on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// A dialog over the page; the rest of the page is inert until it is closed.
    Modal,
}

impl Layout {
    /// Whether it interrupts: such messages share one slot and the interval (engine.md 5.3).
    #[must_use]
    pub fn is_interruptive(self) -> bool {
        match self {
            Self::Modal => true,
        }
    }
}

/// One block of a page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// A picture.
    Image(Image),
    /// A heading.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// A button.
    Button(Button),
}

/// A picture with its alternative text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Image {
    /// Where it is: `https:`, or a path of the host's own.
    pub src: String,
    /// What a person who cannot see it is told; empty for decoration.
    pub alt: String,
}

/// A button.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Button {
    /// The click's `target`; `page.block`, both from 0, if none is given.
    #[serde(default)]
    pub id: String,
    /// What it says.
    pub label: String,
    /// How much it stands out.
    #[serde(default)]
    pub role: ButtonRole,
    /// What it does, in order.
    #[serde(default)]
    pub actions: Vec<Action>,
    /// Whether the message stays open after a click.
    #[serde(default)]
    pub stay: bool,
}

/// How much a button stands out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ButtonRole {
    /// The main choice.
    Primary,
    /// Any other choice.
    #[default]
    Secondary,
}

/// What a button does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Closes the message.
    Dismiss,
    /// Opens an address with an allowed scheme: `https`, `mailto`, `tel`. Done by the host.
    OpenUrl(String),
    /// Goes to a place in the app. Done by the host.
    DeepLink(String),
    /// Records an event. Done by the engine.
    Track(Track),
}

/// An event that a button records.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Track {
    /// The event.
    pub event: String,
    /// Its properties.
    #[serde(default)]
    pub properties: Properties,
}

impl Message {
    /// The pictures that a host should have loaded before it draws the message.
    pub fn assets(&self) -> impl Iterator<Item = &str> {
        self.pages.iter().flatten().filter_map(|block| match block {
            Block::Image(image) => Some(image.src.as_str()),
            _ => None,
        })
    }

    /// The button that a click's target names.
    #[must_use]
    pub fn button(&self, id: &str) -> Option<&Button> {
        self.pages.iter().flatten().find_map(|block| match block {
            Block::Button(button) if button.id == id => Some(button),
            _ => None,
        })
    }

    /// Names what is unnamed and refuses what no host may follow. The error is a path inside the message and why.
    pub(crate) fn complete(mut self) -> Result<Self, (String, String)> {
        if self.pages.iter().all(Vec::is_empty) {
            return Err(("pages".into(), "a message needs at least one page with a block".into()));
        }
        for (p, page) in self.pages.iter_mut().enumerate() {
            for (b, block) in page.iter_mut().enumerate() {
                let place = |field: &str| format!("pages[{p}][{b}].{field}");
                match block {
                    Block::Image(image) => {
                        allowed(&image.src, &["https"], true).map_err(|why| (place("image.src"), why))?;
                    }
                    Block::Heading(text) if self.label.is_empty() => self.label.clone_from(text),
                    Block::Heading(_) | Block::Text(_) => {}
                    Block::Button(button) => {
                        if button.id.is_empty() {
                            button.id = format!("{p}.{b}");
                        }
                        for (a, action) in button.actions.iter().enumerate() {
                            let place = || place(&format!("button.actions[{a}]"));
                            match action {
                                Action::OpenUrl(url) => allowed(url, &["https", "mailto", "tel"], false),
                                Action::DeepLink(link) => refuse_script(link),
                                Action::Dismiss | Action::Track(_) => Ok(()),
                            }
                            .map_err(|why| (place(), why))?;
                        }
                    }
                }
            }
        }
        Ok(self)
    }
}

/// The scheme of an address as a browser reads it: leading blanks and control characters, tabs and line ends dropped.
fn scheme(address: &str) -> Option<String> {
    let clean: String = address.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect();
    let (scheme, _) = clean.split_once(':')?;
    let named = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    named.then(|| scheme.to_ascii_lowercase())
}

fn allowed(address: &str, schemes: &[&str], relative: bool) -> Result<(), String> {
    match scheme(address) {
        Some(scheme) if schemes.contains(&scheme.as_str()) => Ok(()),
        Some(scheme) => Err(format!("the scheme `{scheme}:` is not allowed here; use {}", schemes.join(", "))),
        None if relative && !address.is_empty() => Ok(()),
        None => Err(format!("an address with a scheme is needed: {}", schemes.join(", "))),
    }
}

fn refuse_script(link: &str) -> Result<(), String> {
    match scheme(link).as_deref() {
        Some(scheme @ ("javascript" | "data" | "vbscript" | "blob" | "file")) => {
            Err(format!("the scheme `{scheme}:` is not allowed in a link"))
        }
        _ if link.is_empty() => Err("a link is needed".into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn complete(blocks: serde_json::Value) -> Result<Message, (String, String)> {
        serde_json::from_value::<Message>(json!({"layout": "modal", "pages": [blocks]})).unwrap().complete()
    }

    #[test]
    fn buttons_and_the_message_get_names() {
        let message = complete(json!([{"heading": "Hello"}, {"button": {"label": "Go"}}])).unwrap();
        assert_eq!(message.label, "Hello");
        assert_eq!(message.button("0.1").map(|button| button.label.as_str()), Some("Go"));
    }

    #[test]
    fn no_address_that_runs_code_gets_through() {
        for url in [
            "javascript:alert(1)",
            " JaVaScRiPt:alert(1)",
            "java\tscript:alert(1)",
            "\u{1}javascript:x",
            "data:text/html,x",
            "file:///etc",
            "/relative",
            "",
        ] {
            let (path, _) = complete(json!([{"button": {"label": "x", "actions": [{"open_url": url}]}}])).unwrap_err();
            assert_eq!(path, "pages[0][0].button.actions[0]", "{url:?}");
        }
        for link in ["javascript:alert(1)", "\njavascript:alert(1)", "data:x", ""] {
            assert!(
                complete(json!([{"button": {"label": "x", "actions": [{"deep_link": link}]}}])).is_err(),
                "{link:?}"
            );
        }
        for src in ["http://example.com/a.png", "data:image/png;base64,x", ""] {
            assert!(complete(json!([{"image": {"src": src, "alt": ""}}])).is_err(), "{src:?}");
        }
        let fine = json!([
            {"image": {"src": "/cart.svg", "alt": "Cart"}},
            {"button": {"label": "x", "actions": [{"open_url": "HTTPS://example.com/?a=b:c"}, {"deep_link": "shop://cart"}, {"deep_link": "/cart"}, "dismiss"]}}
        ]);
        assert_eq!(complete(fine).unwrap().assets().collect::<Vec<_>>(), ["/cart.svg"]);
    }

    #[test]
    fn an_unknown_field_or_an_empty_message_is_an_error() {
        assert!(serde_json::from_value::<Message>(json!({"layout": "modal", "pages": [], "html": "<b>"})).is_err());
        assert_eq!(complete(json!([])).unwrap_err().0, "pages");
    }
}
