//! Messages: the view model that a host draws. Roles, texts and actions, never markup (DESIGN: headless first).

use crate::wire::{At, Read, Write, listed, names, put, serialize_as_written, variant, wire};
use crate::{Properties, Value};

wire! {
    /// One message, ready to be drawn.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Message [deny_unknown_fields] {
        /// How it stands on the screen.
        pub layout: Layout,
        /// Its accessible name; the first heading if none is given.
        pub label: String = String::new(),
        /// Its pages; at least one.
        pub pages: Vec<Page>,
    }
}

/// One page of a message: blocks from top to bottom, which is also the order of focus.
pub type Page = Vec<Block>;

names! {
    /// How a message stands on the screen.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Layout {
        /// A dialog over the page; the rest of the page is inert until it is closed.
        Modal = "modal",
    }
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
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename_all = "snake_case"))]
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

wire! {
    /// A picture with its alternative text.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Image [deny_unknown_fields] {
        /// Where it is: `https:`, or a path of the host's own.
        pub src: String,
        /// What a person who cannot see it is told; empty for decoration.
        pub alt: String,
    }
}

wire! {
    /// A button.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Button [deny_unknown_fields] {
        /// The click's `target`; `page.block`, both from 0, if none is given.
        pub id: String = String::new(),
        /// What it says.
        pub label: String,
        /// How much it stands out.
        pub role: ButtonRole = ButtonRole::Secondary,
        /// What it does, in order.
        pub actions: Vec<Action> = Vec::new(),
        /// Whether the message stays open after a click.
        pub stay: bool = false,
    }
}

names! {
    /// How much a button stands out.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum ButtonRole {
        /// The main choice.
        Primary = "primary",
        /// Any other choice.
        #[default]
        Secondary = "secondary",
    }
}

/// What a button does.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename_all = "snake_case"))]
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

wire! {
    /// An event that a button records.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Track [deny_unknown_fields] {
        /// The event.
        pub event: String,
        /// Its properties.
        pub properties: Properties = Properties::new(),
    }
}

serialize_as_written!(Message, Block, Button, Action, Image, Track);

impl Read for Block {
    fn read(value: Option<&Value>, at: &At<'_>) -> Self {
        let (name, content) = variant(value, at);
        let place = at.field(name);
        match name {
            "image" => Self::Image(Image::read(content, &place)),
            "heading" => Self::Heading(String::read(content, &place)),
            "button" => Self::Button(Button::read(content, &place)),
            "text" => Self::Text(String::read(content, &place)),
            other => {
                if !other.is_empty() {
                    at.unknown("variant", other, &["image", "heading", "text", "button"]);
                }
                Self::Text(String::new())
            }
        }
    }
}

impl Write for Block {
    fn write(&self, to: &mut String) {
        to.push('{');
        match self {
            Self::Image(image) => put(to, "image", image),
            Self::Heading(text) => put(to, "heading", text),
            Self::Text(text) => put(to, "text", text),
            Self::Button(button) => put(to, "button", button),
        }
        to.push('}');
    }
}

impl Read for Action {
    fn read(value: Option<&Value>, at: &At<'_>) -> Self {
        let (name, content) = variant(value, at);
        let place = at.field(name);
        match name {
            "open_url" => Self::OpenUrl(String::read(content, &place)),
            "deep_link" => Self::DeepLink(String::read(content, &place)),
            "track" => Self::Track(Track::read(content, &place)),
            "dismiss" | "" => Self::Dismiss,
            other => {
                at.unknown("variant", other, &["dismiss", "open_url", "deep_link", "track"]);
                Self::Dismiss
            }
        }
    }
}

impl Write for Action {
    fn write(&self, to: &mut String) {
        if *self == Self::Dismiss {
            return "dismiss".write(to);
        }
        to.push('{');
        match self {
            Self::Dismiss => {}
            Self::OpenUrl(url) => put(to, "open_url", url),
            Self::DeepLink(link) => put(to, "deep_link", link),
            Self::Track(track) => put(to, "track", track),
        }
        to.push('}');
    }
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
        Some(scheme) => Err(format!("the scheme `{scheme}:` is not allowed here; use {}", listed(schemes))),
        None if relative && !address.is_empty() => Ok(()),
        None => Err(format!("an address with a scheme is needed: {}", listed(schemes))),
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

    fn read(message: Value) -> Result<Message, Vec<crate::wire::Fault>> {
        crate::wire::read(&message, "m")
    }

    fn complete(blocks: Value) -> Result<Message, (String, String)> {
        read(json!({"layout": "modal", "pages": [blocks]})).unwrap().complete()
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
        assert!(read(json!({"layout": "modal", "pages": [], "html": "<b>"})).is_err());
        assert_eq!(complete(json!([])).unwrap_err().0, "pages");
    }
}
