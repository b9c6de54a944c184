public import Foundation

/// A message, ready to be drawn.
public struct Message: Sendable, Hashable {
    /// How it stands on the screen.
    public var layout: Layout
    /// Its accessible name.
    public var label: String
    /// Its pages, at least one unless the layout is ``Message/Layout/custom``.
    public var pages: [Page]
    /// Where a banner stands: `top` or `bottom`.
    public var position: String?
    /// What a tooltip points at.
    public var anchor: String?
    /// The BCP 47 tag of the language that it is in.
    public var language: String?
    /// The direction of its text: `ltr` or `rtl`.
    public var direction: String?
    /// How long it is visible before it ends by itself, in seconds.
    public var autoDismiss: TimeInterval?
    /// Whether a person may close it without a button.
    public var isDismissible = true
    /// What an app draws a custom message from.
    public var data: [String: PropertyValue] = [:]
    /// The pictures to load before it is drawn.
    public var assets: [String] = []
    /// The whole message as JSON, for an app that draws it by its own means.
    public var document = "{}"

    /// A message, for previews and tests of what draws it.
    public init(layout: Layout, label: String, pages: [Page]) {
        self.layout = layout
        self.label = label
        self.pages = pages
    }

    /// The blocks of all its pages.
    public var blocks: [Block] { pages.flatMap(\.blocks) }
}

// Nested, so that a file that imports SwiftUI as well has one `Button` and one `Layout`.
extension Message {
    /// One page of a message.
    public struct Page: Sendable, Hashable, Identifiable {
        /// What ``Drawn/page(_:answers:)`` and ``Drawn/nextPage(after:answers:)`` call it.
        public var id: String
        /// Its blocks from top to bottom, which is also the order of focus.
        public var blocks: [Block]

        /// A page, for previews and tests of what draws it.
        public init(id: String, blocks: [Block]) {
            self.id = id
            self.blocks = blocks
        }
    }

    /// How a message stands on the screen.
    public enum Layout: Sendable, Hashable {
        /// A dialog over the rest, which is inert until it is closed.
        case modal
        /// A dialog that takes the whole screen.
        case fullscreen
        /// A strip at the top or the bottom.
        case banner
        /// A short notice that goes by itself.
        case toast
        /// A notice beside something on the screen.
        case tooltip
        /// A part of the screen.
        case inline
        /// A card of the inbox.
        case card
        /// Drawn by the app.
        case custom
    }

    /// A stretch of text.
    public struct TextSpan: Sendable, Hashable {
        /// What it says.
        public var text: String
        /// Whether it is bold.
        public var isBold: Bool
        /// Whether it is italic.
        public var isItalic: Bool
        /// Where it leads.
        public var link: String?
        /// Whether a line ends here.
        public var isLineBreak: Bool

        /// A stretch of text, for previews and tests of what draws it.
        public init(
            _ text: String, isBold: Bool = false, isItalic: Bool = false, link: String? = nil, isLineBreak: Bool = false
        ) {
            self.text = text
            self.isBold = isBold
            self.isItalic = isItalic
            self.link = link
            self.isLineBreak = isLineBreak
        }
    }

    /// One block of a page.
    public enum Block: Sendable, Hashable {
        /// A picture: where it is, and what a person who cannot see it is told; empty for decoration.
        case image(src: String, alt: String)
        /// A heading.
        case heading(String)
        /// A paragraph.
        case text([TextSpan])
        /// A button.
        case button(Button)
        /// A line between two parts.
        case divider
        /// Room between two parts, in points.
        case spacer(Int)
        /// A list.
        case list([[TextSpan]], ordered: Bool)
        /// How far something has come, from 0.
        case progress(value: Double, max: Double, label: String?)
        /// A field of a form.
        case field(Field)
        /// A switch of the preference centre.
        case preference(Preference)
    }

    /// A field of a form.
    public struct Field: Sendable, Hashable {
        /// What a field asks for.
        public enum Kind: Sendable, Hashable {
            /// 0 to 10: how likely one recommends it.
            case nps
            /// 1 up to its `max`.
            case rating
            /// One choice.
            case single
            /// Several choices.
            case multi
            /// A text.
            case text
            /// An email address.
            case email
        }

        /// One choice of a field.
        public struct Choice: Sendable, Hashable {
            /// The answer.
            public var value: PropertyValue
            /// What it says.
            public var label: String

            /// A choice, for previews and tests of what draws it.
            public init(value: PropertyValue, label: String) {
                self.value = value
                self.label = label
            }
        }

        /// What is asked for.
        public var kind: Kind
        /// The name of the answer.
        public var name: String
        /// The question.
        public var label: String
        /// Whether it has to be answered.
        public var isRequired = false
        /// What may be chosen.
        public var options: [Choice] = []
        /// Whether a choice of one's own may be written.
        public var takesOther = false
        /// The highest rating, or the most characters of a text.
        public var max: Int?
        /// What helps to answer.
        public var hint: String?

        /// A field, for previews and tests of what draws it.
        public init(kind: Kind, name: String, label: String) {
            self.kind = kind
            self.name = name
            self.label = label
        }
    }

    /// A switch of the preference centre: a purpose that it grants, or an attribute that it sets.
    public struct Preference: Sendable, Hashable {
        /// What it says.
        public var label: String
        /// The purpose.
        public var consent: String?
        /// The attribute.
        public var attribute: String?
        /// What the attribute becomes when it is on.
        public var on: PropertyValue?
        /// What the attribute becomes when it is off.
        public var off: PropertyValue?

        /// A switch, for previews and tests of what draws it.
        public init(label: String) {
            self.label = label
        }
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

        /// What a button does. The engine does `track`, `setAttribute`, `setConsent`, `snooze` and `submit` when it is told of
        /// the click; the app does the others.
        public enum Action: Sendable, Hashable {
            /// Closes the message.
            case dismiss
            /// Turns to the next page.
            case next
            /// Turns back.
            case previous
            /// Opens an address, whose scheme is `https`, `mailto`, `tel` or one that the playbook allows.
            case openURL(String)
            /// Goes to a place in the app.
            case deepLink(String)
            /// Records an event.
            case track(event: String, properties: [String: PropertyValue])
            /// Sets an attribute.
            case setAttribute(name: String, value: PropertyValue)
            /// Chooses a purpose.
            case setConsent(purpose: String, granted: Bool)
            /// Comes back later, after so many seconds.
            case snooze(TimeInterval)
            /// Hands in the answers.
            case submit
            /// Asks for a permission.
            case requestPermission(String)
            /// The app's own.
            case custom(name: String, data: [String: PropertyValue])
        }

        /// The target to name in ``Drawn/click(_:answers:)``.
        public let id: String
        /// What it says.
        public let label: String
        /// How much it stands out.
        public let role: Role
        /// What it does, in order.
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
}

extension [Message.TextSpan] {
    /// What they say, without their marks.
    public var text: String { map { $0.isLineBreak ? "\n" : $0.text }.joined() }
}
