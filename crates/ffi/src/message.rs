//! What a host draws, across the boundary.

use hearken::engine;

/// One message, ready to be drawn.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct Message {
    /// How it stands on the screen.
    pub layout: Layout,
    /// Its accessible name.
    pub label: String,
    /// Its pages: blocks from top to bottom.
    pub pages: Vec<Vec<Block>>,
}

/// How a message stands on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Layout {
    /// A dialog over the rest, which is inert until it is closed.
    Modal,
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
        text: String,
    },
    /// A button.
    Button {
        /// The click's target.
        id: String,
        /// What it says.
        label: String,
        /// How much it stands out.
        role: ButtonRole,
        /// What the host does when it is used; the engine does the others.
        actions: Vec<Action>,
        /// Whether the message stays open after a click.
        stay: bool,
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

/// What a host does when a button is used.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Action {
    /// Closes the message.
    Dismiss,
    /// Opens an address: `https`, `mailto` or `tel`.
    OpenUrl {
        /// The address.
        url: String,
    },
    /// Goes to a place in the app.
    DeepLink {
        /// The place.
        link: String,
    },
}

impl From<engine::Message> for Message {
    fn from(message: engine::Message) -> Self {
        let pages = message.pages.into_iter().map(|page| page.into_iter().map(Block::from).collect());
        let layout = match message.layout {
            engine::Layout::Modal => Layout::Modal,
        };
        Self { layout, label: message.label, pages: pages.collect() }
    }
}

impl From<engine::Block> for Block {
    fn from(block: engine::Block) -> Self {
        match block {
            engine::Block::Image(image) => Self::Image { src: image.src, alt: image.alt },
            engine::Block::Heading(text) => Self::Heading { text },
            engine::Block::Text(text) => Self::Text { text },
            engine::Block::Button(button) => Self::Button {
                id: button.id,
                label: button.label,
                role: match button.role {
                    engine::ButtonRole::Primary => ButtonRole::Primary,
                    engine::ButtonRole::Secondary => ButtonRole::Secondary,
                },
                actions: button.actions.into_iter().filter_map(hosts).collect(),
                stay: button.stay,
            },
        }
    }
}

/// The actions that are the host's.
fn hosts(action: engine::Action) -> Option<Action> {
    match action {
        engine::Action::Dismiss => Some(Action::Dismiss),
        engine::Action::OpenUrl(url) => Some(Action::OpenUrl { url }),
        engine::Action::DeepLink(link) => Some(Action::DeepLink { link }),
        engine::Action::Track(_) => None,
    }
}
