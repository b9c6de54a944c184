/// A message, ready to be drawn.
public struct Message: Sendable, Hashable {
    /// How it stands on the screen.
    public let layout: Layout
    /// Its accessible name.
    public let label: String
    /// Its pages, at least one; each is blocks from top to bottom, which is also the order of focus.
    public let pages: [[Block]]

    /// A message, for previews and tests of what draws it.
    public init(layout: Layout, label: String, pages: [[Block]]) {
        self.layout = layout
        self.label = label
        self.pages = pages
    }
}

/// How a message stands on the screen.
public enum Layout: Sendable, Hashable {
    /// A dialog over the rest, which is inert until it is closed.
    case modal
}

/// One block of a page.
public enum Block: Sendable, Hashable {
    /// A picture: where it is, and what a person who cannot see it is told; empty for decoration.
    case image(src: String, alt: String)
    /// A heading.
    case heading(String)
    /// A paragraph.
    case text(String)
    /// A button.
    case button(Button)
}

/// A button of a message.
public struct Button: Sendable, Hashable, Identifiable {
    /// How much a button stands out.
    public enum Role: Sendable, Hashable {
        /// The main choice.
        case primary
        /// Any other choice.
        case secondary
    }

    /// What an app does when a button is used.
    public enum Action: Sendable, Hashable {
        /// Closes the message.
        case dismiss
        /// Opens an address, whose scheme is `https`, `mailto` or `tel`.
        case openURL(String)
        /// Goes to a place in the app.
        case deepLink(String)
    }

    /// The target to name in ``Drawn/click(_:)``.
    public let id: String
    /// What it says.
    public let label: String
    /// How much it stands out.
    public let role: Role
    /// What the app does when it is used, in order; the engine does what is its own.
    public let actions: [Action]
    /// Whether the message stays open after a click.
    public let stays: Bool

    /// A button, for previews and tests of what draws it.
    public init(id: String, label: String, role: Role, actions: [Action], stays: Bool) {
        self.id = id
        self.label = label
        self.role = role
        self.actions = actions
        self.stays = stays
    }
}
