//! A message as native hosts read it: typed, and complete. The engine itself keeps messages as JSON (`message.rs`).

use crate::wire::{At, Read, field, field_or, names, object, variant, wire};
use crate::{Properties, Value};

wire! {
    read only;

    /// One message, ready to be drawn.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Message {
        /// How it stands on the screen.
        pub layout: Layout,
        /// Where a banner stands: `top` or `bottom`.
        pub position: Option<String>,
        /// What a tooltip points at.
        pub anchor: Option<String>,
        /// Its accessible name.
        pub label: String = String::new(),
        /// The BCP 47 tag of the language that it is in.
        pub lang: Option<String>,
        /// The direction of its text: `ltr` or `rtl`.
        pub dir: Option<String>,
        /// How long it is visible before it ends by itself, in milliseconds.
        pub auto_dismiss: Option<crate::Span>,
        /// Whether a person may close it without a button.
        pub dismissible: bool = true,
        /// What a host draws a `custom` message from.
        pub data: Properties = Properties::new(),
        /// Its pages; at least one, unless the layout is `custom`.
        pub pages: Vec<Page>,
    }

    /// One page of a message: blocks from top to bottom, which is also the order of focus.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Page {
        /// What branches and `$page` records call it.
        pub id: String,
        /// Its blocks.
        pub blocks: Vec<Block>,
    }

    /// A picture with its alternative text.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Image {
        /// Where it is: `https:`, or a path of the host's own.
        pub src: String,
        /// What a person who cannot see it is told; empty for decoration.
        pub alt: String,
    }

    /// A stretch of text.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct Inline {
        /// What it says.
        pub text: String = String::new(),
        /// Whether it is bold.
        pub bold: bool = false,
        /// Whether it is italic.
        pub italic: bool = false,
        /// Where it leads.
        pub link: Option<String>,
        /// A line ends here.
        pub line_break as "break": bool = false,
    }

    /// A button.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Button {
        /// The click's `target`.
        pub id: String,
        /// What it says.
        pub label: String,
        /// How much it stands out.
        pub role: ButtonRole,
        /// What it does, in order.
        pub actions: Vec<Action>,
        /// Whether the message stays open after a click.
        pub stay: bool,
    }

    /// How far something has come.
    #[derive(Clone, Debug, PartialEq)]
    pub struct ProgressBar {
        /// How far, from 0.
        pub value: f64,
        /// What it goes up to.
        pub max: f64 = 100.0,
        /// What it is.
        pub label: Option<String>,
    }

    /// A field of a form.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Field {
        /// What is asked for.
        pub kind: FieldKind,
        /// The name of the answer.
        pub name: String,
        /// The question.
        pub label: String,
        /// Whether it has to be answered.
        pub required: bool = false,
        /// What may be chosen.
        pub options: Vec<Choice> = Vec::new(),
        /// Whether a choice of one's own may be written.
        pub other: bool = false,
        /// The highest rating, or the most characters of a text.
        pub max: Option<u32>,
        /// What helps to answer.
        pub hint: Option<String>,
    }

    /// One choice of a field.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Choice {
        /// The answer.
        pub value: Value,
        /// What it says.
        pub label: String,
    }

    /// A switch of the preference centre.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Preference {
        /// What it says.
        pub label: String,
        /// The purpose that it grants.
        pub consent: Option<String>,
        /// The attribute that it sets.
        pub attribute: Option<String>,
        /// What the attribute becomes when it is on.
        pub on: Option<Value>,
        /// What the attribute becomes when it is off.
        pub off: Option<Value>,
    }

    /// An event that a button records.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Track {
        /// The event.
        pub event: String,
        /// Its properties.
        pub properties: Properties = Properties::new(),
    }
}

names! {
    /// How a message stands on the screen.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Layout {
        /// A dialog over the page; the rest of the page is inert until it is closed.
        Modal = "modal",
        /// A dialog that takes the whole screen.
        Fullscreen = "fullscreen",
        /// A strip at the top or the bottom.
        Banner = "banner",
        /// A short notice that goes by itself.
        Toast = "toast",
        /// A notice beside something on the screen.
        Tooltip = "tooltip",
        /// A part of the page.
        Inline = "inline",
        /// A card of the inbox.
        Card = "card",
        /// Drawn by the host.
        Custom = "custom",
    }

    /// How much a button stands out.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum ButtonRole {
        /// The main choice.
        Primary = "primary",
        /// Any other choice.
        #[default]
        Secondary = "secondary",
    }

    /// What a field asks for.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum FieldKind {
        /// 0 to 10: how likely one recommends it.
        Nps = "nps",
        /// 1 up to its `max`.
        Rating = "rating",
        /// One choice.
        Single = "single",
        /// Several choices.
        Multi = "multi",
        /// A text.
        Text = "text",
        /// An email address.
        Email = "email",
    }
}

/// One block of a page.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// A picture.
    Image(Image),
    /// A heading.
    Heading(String),
    /// A paragraph.
    Text(Vec<Inline>),
    /// A button.
    Button(Button),
    /// A line between two parts.
    Divider,
    /// Room between two parts, in points.
    Spacer(u32),
    /// A list.
    List {
        /// Its items.
        items: Vec<Vec<Inline>>,
        /// Whether they are numbered.
        ordered: bool,
    },
    /// How far something has come.
    Progress(ProgressBar),
    /// A field of a form.
    Field(Field),
    /// A switch of the preference centre.
    Preference(Preference),
}

/// What a button does. The engine does `Track`, `SetAttribute`, `SetConsent`, `Snooze` and `Submit`; the host the others.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Closes the message.
    Dismiss,
    /// Turns to the next page.
    Next,
    /// Turns back.
    Previous,
    /// Opens an address with an allowed scheme.
    OpenUrl(String),
    /// Goes to a place in the app.
    DeepLink(String),
    /// Records an event.
    Track(Track),
    /// Sets an attribute.
    SetAttribute(String, Value),
    /// Chooses a purpose.
    SetConsent(String, bool),
    /// Comes back later.
    Snooze(crate::Span),
    /// Hands in the answers.
    Submit,
    /// Asks for a permission.
    RequestPermission(String),
    /// The host's own.
    Custom(String, Properties),
}

impl Message {
    /// The typed view of a message as the engine offers it: checked when its playbook was compiled. What a template made
    /// unreadable, such as a number that is none, stands empty.
    #[must_use]
    pub fn of(message: &Value) -> Self {
        crate::wire::read_leniently(message)
    }

    /// The pictures that a host should have loaded before it draws the message.
    pub fn assets(&self) -> impl Iterator<Item = &str> {
        self.pages.iter().flat_map(|page| &page.blocks).filter_map(|block| match block {
            Block::Image(image) => Some(image.src.as_str()),
            _ => None,
        })
    }

    /// The button that a click's target names.
    #[must_use]
    pub fn button(&self, id: &str) -> Option<&Button> {
        self.pages.iter().flat_map(|page| &page.blocks).find_map(|block| match block {
            Block::Button(button) if button.id == id => Some(button),
            _ => None,
        })
    }
}

impl Inline {
    fn rich(value: Option<&Value>, at: &At<'_>) -> Vec<Self> {
        match value {
            Some(Value::String(text)) => vec![Self { text: text.clone(), ..Self::default() }],
            _ => Vec::read(value, at),
        }
    }
}

impl Read for Block {
    fn read(value: Option<&Value>, at: &At<'_>) -> Self {
        let (name, content) = variant(value, at);
        let at = &at.field(name);
        match name {
            "image" => Self::Image(Image::read(content, at)),
            "heading" => Self::Heading(String::read(content, at)),
            "text" => Self::Text(Inline::rich(content, at)),
            "button" => Self::Button(Button::read(content, at)),
            "spacer" => Self::Spacer(field_or(content.and_then(Value::as_object), "size", at, || 16)),
            "list" => {
                let list = object(content, at);
                let items = list.and_then(|list| list.get("items")).and_then(Value::as_array);
                Self::List {
                    items: items.into_iter().flatten().map(|item| Inline::rich(Some(item), at)).collect(),
                    ordered: field_or(list, "ordered", at, || false),
                }
            }
            "progress" => Self::Progress(ProgressBar::read(content, at)),
            "field" => Self::Field(Field::read(content, at)),
            "preference" => Self::Preference(Preference::read(content, at)),
            _ => Self::Divider,
        }
    }
}

impl Read for Action {
    fn read(value: Option<&Value>, at: &At<'_>) -> Self {
        let (name, content) = variant(value, at);
        let at = &at.field(name);
        let with = content.and_then(Value::as_object);
        match name {
            "next" => Self::Next,
            "previous" => Self::Previous,
            "open_url" => Self::OpenUrl(String::read(content, at)),
            "deep_link" => Self::DeepLink(String::read(content, at)),
            "track" => Self::Track(Track::read(content, at)),
            "set_attribute" => Self::SetAttribute(field(with, "name", at), field(with, "value", at)),
            "set_consent" => Self::SetConsent(field(with, "purpose", at), field(with, "granted", at)),
            "snooze" => Self::Snooze(crate::Span::read(content, at)),
            "submit" => Self::Submit,
            "request_permission" => Self::RequestPermission(String::read(content, at)),
            "custom" => Self::Custom(field(with, "name", at), field_or(with, "data", at, Properties::new)),
            _ => Self::Dismiss,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Blocks as a compiled message has them.
    fn blocks(blocks: Value) -> Vec<Block> {
        let message = Message::of(&json!({"layout": "modal", "pages": [{"id": "1", "blocks": blocks}]}));
        message.pages.into_iter().flat_map(|page| page.blocks).collect()
    }

    fn actions(actions: Value) -> Vec<Action> {
        let button = json!({"id": "b", "label": "Go", "role": "primary", "actions": actions, "stay": true});
        match blocks(json!([{ "button": button }])).remove(0) {
            Block::Button(button) => {
                assert_eq!(
                    (&*button.id, &*button.label, button.role, button.stay),
                    ("b", "Go", ButtonRole::Primary, true)
                );
                button.actions
            }
            other => panic!("{other:?}"),
        }
    }

    fn plain(text: &str) -> Vec<Inline> {
        vec![Inline { text: text.into(), ..Inline::default() }]
    }

    #[test]
    fn every_block_is_typed() {
        let seen = blocks(json!([
            {"image": {"src": "/a.png", "alt": "A"}}, {"heading": "Hello"}, {"text": "one"},
            {"text": [{"text": "two", "bold": true, "link": "/b"}, {"break": true, "italic": true}]},
            "divider", {"spacer": {"size": 8}}, "spacer",
            {"list": {"items": ["a", [{"text": "b"}]], "ordered": true}}, {"list": {"items": []}},
            {"progress": {"value": 3, "label": "Steps"}},
            {"field": {"kind": "rating", "name": "n", "label": "How?", "max": 5}},
            {"preference": {"label": "News", "attribute": "news", "on": "yes", "off": "no"}}
        ]));
        let field = Field {
            kind: FieldKind::Rating,
            name: "n".into(),
            label: "How?".into(),
            required: false,
            options: vec![],
            other: false,
            max: Some(5),
            hint: None,
        };
        let preference = Preference {
            label: "News".into(),
            consent: None,
            attribute: Some("news".into()),
            on: Some(json!("yes")),
            off: Some(json!("no")),
        };
        assert_eq!(
            seen,
            [
                Block::Image(Image { src: "/a.png".into(), alt: "A".into() }),
                Block::Heading("Hello".into()),
                Block::Text(plain("one")),
                Block::Text(vec![
                    Inline { text: "two".into(), bold: true, link: Some("/b".into()), ..Inline::default() },
                    Inline { italic: true, line_break: true, ..Inline::default() },
                ]),
                Block::Divider,
                Block::Spacer(8),
                Block::Spacer(16),
                Block::List { items: vec![plain("a"), plain("b")], ordered: true },
                Block::List { items: vec![], ordered: false },
                Block::Progress(ProgressBar { value: 3.0, max: 100.0, label: Some("Steps".into()) }),
                Block::Field(field),
                Block::Preference(preference),
            ]
        );
    }

    #[test]
    fn every_action_is_typed() {
        let seen = actions(json!([
            "dismiss", "next", "previous", {"open_url": "https://a.example"}, {"deep_link": "/cart"},
            {"track": {"event": "e", "properties": {"n": 1}}}, {"set_attribute": {"name": "tier", "value": "gold"}},
            {"set_consent": {"purpose": "analytics", "granted": true}}, {"snooze": "1h"}, "submit", {"submit": {"event": "e"}},
            {"request_permission": "push"}, {"custom": {"name": "confetti", "data": {"n": 2}}}, {"custom": {"name": "x"}}
        ]));
        let properties = |value: Value| value.as_object().unwrap().clone();
        assert_eq!(
            seen,
            [
                Action::Dismiss,
                Action::Next,
                Action::Previous,
                Action::OpenUrl("https://a.example".into()),
                Action::DeepLink("/cart".into()),
                Action::Track(Track { event: "e".into(), properties: properties(json!({"n": 1})) }),
                Action::SetAttribute("tier".into(), json!("gold")),
                Action::SetConsent("analytics".into(), true),
                Action::Snooze(crate::Span(3_600_000)),
                Action::Submit,
                Action::Submit,
                Action::RequestPermission("push".into()),
                Action::Custom("confetti".into(), properties(json!({"n": 2}))),
                Action::Custom("x".into(), Properties::new()),
            ]
        );
    }

    #[test]
    fn a_message_tells_its_pictures_and_finds_its_buttons_on_every_page() {
        let message = Message::of(&json!({"layout": "modal", "pages": [
            {"id": "1", "blocks": [{"image": {"src": "/a.png", "alt": ""}}, {"button": {"id": "go", "label": "Go"}}]},
            {"id": "2", "blocks": [{"heading": "x"}, {"image": {"src": "/b.png", "alt": ""}}, {"button": {"id": "ok", "label": "Fine"}}]}
        ]}));
        assert_eq!(message.assets().collect::<Vec<_>>(), ["/a.png", "/b.png"]);
        assert_eq!(message.button("ok").map(|button| &*button.label), Some("Fine"));
        assert_eq!(message.button("go").map(|button| &*button.label), Some("Go"));
        assert_eq!(message.button("none"), None);
    }
}
