import Foundation
import HearkenTesting
import Testing

/// `.bundled` looks into the app's bundle; here that is this one.
extension Playbook {
    fileprivate static func bundled(_ name: String) -> Playbook {
        .bundled(name, in: .module)
    }
}

/// What the README shows, word for word.
@Suite struct ReadmeTests {
    /// Stands in for the app.
    private actor App {
        var drawn: [Message] = []
        var sent: [String] = []
        var unread: Int?
        var gone: [String] = []

        func takeDown(_ presentation: String) {
            gone.append(presentation)
        }

        func show(_ unread: Int) {
            self.unread = unread
        }

        func draw(_ message: Message) -> String {
            drawn.append(message)
            return message.blocks.compactMap { if case .button(let button) = $0 { button.id } else { nil } }[0]
        }

        func send(_ records: [String]) {
            sent += records
        }
    }

    private let app = App()

    private func draw(_ message: Message) async -> String? {
        await app.draw(message)
    }

    private func takeDown(_ presentation: String) async {
        await app.takeDown(presentation)
    }

    private func send(_ records: [String]) async throws {
        await app.send(records)
    }

    private func show(_ unread: Int) async {
        await app.show(unread)
    }

    /// A client with a file of its own instead of the app's.
    private func HearkenClient(playbook: Playbook, consent: Consent) -> HearkenClient {
        .init(playbook: playbook, store: .memory, consent: consent)
    }

    @Test func twoMinutes() async throws {
        // README
        let hearken = HearkenClient(playbook: .bundled("playbook"), consent: .all)
        hearken.track("cart_updated", ["items": 2])
        // end
        let cart = [1, 2]
        // README
        hearken.track("cart_updated", ["items": .int(cart.count)])
        // end
        let withdrawals = hearken.withdrawals()
        let drawing = Task {
            // README
            for await offer in hearken.presentations() {
                guard let drawn = await offer.begin() else { continue }  // no longer to be shown
                let seen = Task {
                    try await Task.sleep(nanoseconds: 1_000_000_000)  // on the screen for `settings.impression`
                    drawn.visible()  // this is what counts
                }
                let button = await draw(offer.message)  // yours: what the person used; nil if they closed it
                seen.cancel()
                if let button { drawn.click(button) } else { drawn.dismiss() }
            }
            // end
        }
        #expect(await withdrawals.first { _ in true }?.cause == .action)
        hearken.track("cart_updated", ["items": 2])
        // README
        let why = try await hearken.explain("cart-reminder")
        print("now: \(why.outcome)")
        print("the last trigger: \(why.last.map { "\($0)" } ?? "none since the client opened")")
        // end
        #expect(why.last?.stop?.reason == "limit")
        // README
        for try await batch in hearken.export(max: 500) {
            try await send(batch.records)  // yours: JSON Lines
            try await batch.acknowledge()
        }
        // end
        // README
        try await hearken.identify("u-1001")
        hearken.screen("cart")
        hearken.setAttribute("tier", "silver")
        // end
        let listing = Task {
            // README
            for await inbox in hearken.inboxUpdates() {
                await show(inbox.unread)
            }
            // end
        }
        while await app.unread == nil { await Task.yield() }
        // README
        let receipt = try await hearken.erase()
        print("delete what was exported of \(receipt.profiles)")
        // end
        #expect(receipt.profiles.count == 1)
        #expect(await app.drawn.count == 1)
        let sent = try await app.sent.map { try JSON($0) }.types
        #expect(Set(sent).isSuperset(of: ["$shown", "$clicked", "cart_updated"]))
        try await hearken.close()
        await drawing.value
        await listing.value
    }

    @Test func lifecycle() async throws {
        let hearken = HearkenClient(playbook: .bundled("playbook"), consent: .all)
        // README
        hearken.setCanDisplay(true)  // .active
        hearken.setCanDisplay(false)  // .background
        try await hearken.flush()  // survives the end of the process, which may come any time from here on
        // end
        hearken.track("cart_updated", ["items": 2])
        #expect(try await hearken.explain("cart-reminder").reason == "cannot_display")
        // README
        hearken.setHost(["app_version": "4.2.0", "os_version": "17.2", "device_class": "tablet"])
        // end
        hearken.setCanDisplay(true)
        #expect(try await hearken.offer().campaign == "cart-reminder")
        // README
        hearken.setConsent(Consent(analytics: false, personalization: false, messaging: true))
        // end
        let taking = Task {
            // README
            for await gone in hearken.withdrawals() { await takeDown(gone.presentation) }  // yours
            // end
        }
        // Again and again, until the task listens.
        while await app.gone.isEmpty {
            hearken.setConsent(.all)
            hearken.track("cart_updated", ["items": 2])
            hearken.setConsent(.none)
            try await hearken.flush()
        }
        // README
        try await hearken.close()
        // end
        await taking.value
    }

    @Test func testsOfYourApp() async throws {
        // README
        let playbook = Playbook.bundled("playbook", in: .module)
        let t = try await TestHearken(playbook: playbook, now: "2026-11-21T10:00:00+02:00", seed: 1)
        try await t.track("cart_updated", ["items": 2])
        #expect(try await t.shown().map(\.campaign) == ["cart-reminder"])
        try await t.shown()[0].drawn.click("go")
        try await t.advance(by: 3600)
        try await t.track("cart_updated", ["items": 2])
        #expect(try await t.why("cart-reminder").last?.stop?.reason == "limit")
        // end
        try await t.close()
    }

    @Test func theReadmeShowsWhatIsTestedHere() throws {
        let file = URL(fileURLWithPath: #filePath)
        let package = file.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let readme = try String(contentsOf: package.appendingPathComponent("README.md"), encoding: .utf8)
        let source = try String(contentsOf: file, encoding: .utf8)
        #expect(blocks(readme, from: "```swift", to: "```") == blocks(source, from: "// README", to: "// end"))
        let shown = try #require(Bundle.module.url(forResource: "playbook", withExtension: "json"))
        let document = try String(contentsOf: shown, encoding: .utf8).split(separator: "\n").map { String($0) }
        #expect(blocks(readme, from: "```json", to: "```") == [document])
    }

    /// The lines between two marks, without the indentation that they share.
    private func blocks(_ text: String, from start: String, to end: String) -> [[String]] {
        var blocks: [[String]] = []
        var block: [String]?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map({ String($0) }) {
            let trimmed = line.trimmingCharacters(in: .whitespaces)
            if trimmed == start {
                block = []
            } else if trimmed == end, let lines = block {
                let indent = lines.map { $0.prefix { $0 == " " }.count }.min() ?? 0
                blocks.append(lines.map { String($0.dropFirst(indent)) })
                block = nil
            } else {
                block?.append(line)
            }
        }
        return blocks
    }
}
