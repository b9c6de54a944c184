//! What a host draws, across the boundary.

use std::collections::HashMap;

use hearken::engine;

use crate::value::{PropertyValue, from_json, from_properties};

/// One message, ready to be drawn.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct Message {
    /// How it stands on the screen.
    pub layout: Layout,
    /// Where a banner stands: `top` or `bottom`.
    pub position: Option<String>,
    /// What a tooltip points at.
    pub anchor: Option<String>,
    /// Its accessible name.
    pub label: String,
    /// The BCP 47 tag of the language that it is in.
    pub lang: Option<String>,
    /// The direction of its text: `ltr` or `rtl`.
    pub dir: Option<String>,
    /// How long it is visible before it ends by itself, in milliseconds.
    pub auto_dismiss_ms: Option<i64>,
    /// Whether a person may close it without a button.
    pub dismissible: bool,
    /// What a host draws a `custom` message from.
    pub data: HashMap<String, PropertyValue>,
    /// Its pages; at least one, unless the layout is `custom`.
    pub pages: Vec<Page>,
    /// The pictures that a host should have loaded before it draws the message.
    pub assets: Vec<String>,
    /// The whole message as the engine keeps it, as JSON: for hosts that draw it by their own means.
    pub document: String,
}

/// One page of a message.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct Page {
    /// What branches and records call it.
    pub id: String,
    /// Blocks from top to bottom, which is also the order of focus.
    pub blocks: Vec<Block>,
}

/// How a message stands on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Layout {
    /// A dialog over the rest, which is inert until it is closed.
    Modal,
    /// A dialog that takes the whole screen.
    Fullscreen,
    /// A strip at the top or the bottom.
    Banner,
    /// A short notice that goes by itself.
    Toast,
    /// A notice beside something on the screen.
    Tooltip,
    /// A part of the page.
    Inline,
    /// A card of the inbox.
    Card,
    /// Drawn by the host.
    Custom,
}

/// A stretch of text. Not called `Inline`: a layout has that name.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct TextSpan {
    /// What it says.
    pub text: String,
    /// Whether it is bold.
    pub bold: bool,
    /// Whether it is italic.
    pub italic: bool,
    /// Where it leads.
    pub link: Option<String>,
    /// A line ends here.
    pub line_break: bool,
}

/// One block of a page.
#[derive(Clone, Debug, PartialEq, uniffi::Enum)]
pub enum Block {
    /// A picture.
    Image {
        /// Where it is.
        src: String,
        /// Its alternative text; empty for decoration.
        alt: String,
    },
    /// A heading.
    Heading {
        /// What it says.
        text: String,
    },
    /// A paragraph.
    Text {
        /// What it says.
        spans: Vec<TextSpan>,
    },
    /// A button.
    Button {
        /// The click's target.
        id: String,
        /// What it says.
        label: String,
        /// How much it stands out.
        role: ButtonRole,
        /// What it does, in order.
        actions: Vec<Action>,
        /// Whether the message stays open after a click.
        stay: bool,
    },
    /// A line between two parts.
    Divider,
    /// Room between two parts.
    Spacer {
        /// How much, in points.
        size: u32,
    },
    /// A list. Not called `List`: that name is Kotlin's own in the generated code.
    Items {
        /// Its items.
        items: Vec<Vec<TextSpan>>,
        /// Whether they are numbered.
        ordered: bool,
    },
    /// How far something has come.
    Progress {
        /// How far, from 0.
        value: f64,
        /// What it goes up to.
        max: f64,
        /// What it is.
        label: Option<String>,
    },
    /// A field of a form.
    Field {
        /// What it asks for.
        field: FormField,
    },
    /// A switch of the preference centre.
    Preference {
        /// What it says.
        label: String,
        /// The purpose that it grants.
        consent: Option<String>,
        /// The attribute that it sets.
        attribute: Option<String>,
        /// What the attribute becomes when it is on.
        on: Option<PropertyValue>,
        /// What the attribute becomes when it is off.
        off: Option<PropertyValue>,
    },
}

/// How much a button stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum ButtonRole {
    /// The main choice.
    Primary,
    /// Any other choice.
    Secondary,
}

/// A field of a form.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct FormField {
    /// What is asked for.
    pub kind: FieldKind,
    /// The name of the answer.
    pub name: String,
    /// The question.
    pub label: String,
    /// Whether it has to be answered.
    pub required: bool,
    /// What may be chosen.
    pub options: Vec<Choice>,
    /// Whether a choice of one's own may be written.
    pub other: bool,
    /// The highest rating, or the most characters of a text.
    pub max: Option<u32>,
    /// What helps to answer.
    pub hint: Option<String>,
}

/// What a field asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum FieldKind {
    /// 0 to 10: how likely one recommends it.
    Nps,
    /// 1 up to its `max`.
    Rating,
    /// One choice.
    Single,
    /// Several choices.
    Multi,
    /// A text.
    Text,
    /// An email address.
    Email,
}

/// One choice of a field.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct Choice {
    /// The answer.
    pub value: PropertyValue,
    /// What it says.
    pub label: String,
}

/// What a button does. The engine does `Track`, `SetAttribute`, `SetConsent`, `Snooze` and `Submit`; the host the others.
#[derive(Clone, Debug, PartialEq, uniffi::Enum)]
pub enum Action {
    /// Closes the message.
    Dismiss,
    /// Turns to the next page.
    Next,
    /// Turns back.
    Previous,
    /// Opens an address with an allowed scheme.
    OpenUrl {
        /// The address.
        url: String,
    },
    /// Goes to a place in the app.
    DeepLink {
        /// The place.
        link: String,
    },
    /// Records an event.
    Track {
        /// The event.
        event: String,
        /// Its properties.
        properties: HashMap<String, PropertyValue>,
    },
    /// Sets an attribute.
    SetAttribute {
        /// Which.
        name: String,
        /// Its value.
        value: PropertyValue,
    },
    /// Chooses a purpose.
    SetConsent {
        /// Which.
        purpose: String,
        /// Whether it is granted.
        granted: bool,
    },
    /// Comes back later.
    Snooze {
        /// After so many milliseconds.
        after_ms: i64,
    },
    /// Hands in the answers.
    Submit,
    /// Asks for a permission.
    RequestPermission {
        /// Which.
        permission: String,
    },
    /// The host's own.
    Custom {
        /// Its name.
        name: String,
        /// What it needs.
        data: HashMap<String, PropertyValue>,
    },
}

impl Message {
    /// A message with the document that it was read from.
    pub(crate) fn new(message: engine::Message, document: String) -> Self {
        Self {
            layout: message.layout.into(),
            assets: message.assets().map(str::to_owned).collect(),
            position: message.position,
            anchor: message.anchor,
            label: message.label,
            lang: message.lang,
            dir: message.dir,
            auto_dismiss_ms: message.auto_dismiss.map(|span| span.0),
            dismissible: message.dismissible,
            data: from_properties(message.data),
            pages: message.pages.into_iter().map(Page::from).collect(),
            document,
        }
    }

    /// A message as the engine prints it.
    pub(crate) fn read(document: String) -> Self {
        let value = serde_json::from_str(&document).unwrap_or_default();
        Self::new(engine::Message::of(&value), document)
    }
}

impl From<engine::Layout> for Layout {
    fn from(layout: engine::Layout) -> Self {
        match layout {
            engine::Layout::Modal => Self::Modal,
            engine::Layout::Fullscreen => Self::Fullscreen,
            engine::Layout::Banner => Self::Banner,
            engine::Layout::Toast => Self::Toast,
            engine::Layout::Tooltip => Self::Tooltip,
            engine::Layout::Inline => Self::Inline,
            engine::Layout::Card => Self::Card,
            engine::Layout::Custom => Self::Custom,
        }
    }
}

impl From<engine::Page> for Page {
    fn from(page: engine::Page) -> Self {
        Self { id: page.id, blocks: page.blocks.into_iter().map(Block::from).collect() }
    }
}

fn spans(spans: Vec<engine::Inline>) -> Vec<TextSpan> {
    let span = |span: engine::Inline| TextSpan {
        text: span.text,
        bold: span.bold,
        italic: span.italic,
        link: span.link,
        line_break: span.line_break,
    };
    spans.into_iter().map(span).collect()
}

impl From<engine::Block> for Block {
    fn from(block: engine::Block) -> Self {
        match block {
            engine::Block::Image(image) => Self::Image { src: image.src, alt: image.alt },
            engine::Block::Heading(text) => Self::Heading { text },
            engine::Block::Text(text) => Self::Text { spans: spans(text) },
            engine::Block::Button(button) => Self::Button {
                id: button.id,
                label: button.label,
                role: match button.role {
                    engine::ButtonRole::Primary => ButtonRole::Primary,
                    engine::ButtonRole::Secondary => ButtonRole::Secondary,
                },
                actions: button.actions.into_iter().map(Action::from).collect(),
                stay: button.stay,
            },
            engine::Block::Divider => Self::Divider,
            engine::Block::Spacer(size) => Self::Spacer { size },
            engine::Block::List { items, ordered } => {
                Self::Items { items: items.into_iter().map(spans).collect(), ordered }
            }
            engine::Block::Progress(bar) => Self::Progress { value: bar.value, max: bar.max, label: bar.label },
            engine::Block::Field(field) => Self::Field { field: field.into() },
            engine::Block::Preference(preference) => Self::Preference {
                label: preference.label,
                consent: preference.consent,
                attribute: preference.attribute,
                on: preference.on.map(from_json),
                off: preference.off.map(from_json),
            },
        }
    }
}

impl From<engine::Field> for FormField {
    fn from(field: engine::Field) -> Self {
        let choice = |choice: engine::Choice| Choice { value: from_json(choice.value), label: choice.label };
        Self {
            kind: match field.kind {
                engine::FieldKind::Nps => FieldKind::Nps,
                engine::FieldKind::Rating => FieldKind::Rating,
                engine::FieldKind::Single => FieldKind::Single,
                engine::FieldKind::Multi => FieldKind::Multi,
                engine::FieldKind::Text => FieldKind::Text,
                engine::FieldKind::Email => FieldKind::Email,
            },
            name: field.name,
            label: field.label,
            required: field.required,
            options: field.options.into_iter().map(choice).collect(),
            other: field.other,
            max: field.max,
            hint: field.hint,
        }
    }
}

impl From<engine::Action> for Action {
    fn from(action: engine::Action) -> Self {
        match action {
            engine::Action::Dismiss => Self::Dismiss,
            engine::Action::Next => Self::Next,
            engine::Action::Previous => Self::Previous,
            engine::Action::OpenUrl(url) => Self::OpenUrl { url },
            engine::Action::DeepLink(link) => Self::DeepLink { link },
            engine::Action::Track(track) => {
                Self::Track { event: track.event, properties: from_properties(track.properties) }
            }
            engine::Action::SetAttribute(name, value) => Self::SetAttribute { name, value: from_json(value) },
            engine::Action::SetConsent(purpose, granted) => Self::SetConsent { purpose, granted },
            engine::Action::Snooze(after) => Self::Snooze { after_ms: after.0 },
            engine::Action::Submit => Self::Submit,
            engine::Action::RequestPermission(permission) => Self::RequestPermission { permission },
            engine::Action::Custom(name, data) => Self::Custom { name, data: from_properties(data) },
        }
    }
}
