import Hearken
import HearkenStandIn
import Testing

/// A file that imports SwiftUI as well writes both sides' names as they are. That this compiles is the test.
@Suite struct NamesTests {
    private struct Row: Layout {}

    private typealias Names = (
        Text, Image, Divider, Spacer, Form, List, Label, Link, Toggle, Section, Group, any Scene, any View
    )

    @Test func theNamesOfSwiftUIStayItsOwn() {
        let ours = Message.Button(id: "go", label: "Go", role: .primary, actions: [.dismiss], stays: false)
        let page = Message.Page(id: "one", blocks: [.heading("Hello"), .button(ours)])
        let message = Message(layout: .modal, label: "Hello", pages: [page])
        #expect(Button(ours.label).label == "Go" && message.layout == Message.Layout.modal)
    }
}
