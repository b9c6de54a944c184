/// The names that a file gets from `import SwiftUI`, and that a message has a part of: none of ours may stand in their way.
public struct Button {
    /// What it says.
    public let label: String

    /// A button.
    public init(_ label: String) {
        self.label = label
    }
}

/// How a container places what it holds.
public protocol Layout {}

/// A text.
public struct Text {}

/// A picture.
public struct Image {}

/// A line.
public struct Divider {}

/// Room.
public struct Spacer {}

/// A form.
public struct Form {}

/// A list.
public struct List {}

/// A title.
public struct Label {}

/// A link.
public struct Link {}

/// A switch.
public struct Toggle {}

/// A part of a list.
public struct Section {}

/// A group of views.
public struct Group {}

/// A screen.
public protocol Scene {}

/// A view.
public protocol View {}
