import Foundation
import Hearken
import Testing

/// What an app hands over becomes JSON, or is refused by its path.
@Suite struct PropertyTests {
    private let open = Playbook.text(#"{"spec": 1, "id": "open", "revision": 1, "plan": {"mode": "open"}}"#)

    @Test func everyTypeArrives() async throws {
        let client = try await opened(.memory, open)
        let count = 7
        let verdict = client.track(
            "e",
            [
                "null": nil, "yes": true, "int": -2, "count": .int(count), "long": 9_007_199_254_740_991, "double": 0.1,
                "text": "Λάμπα \u{0} 😀 \(count)", "list": [1, "two", nil], "map": ["a": ["b": [false]]],
            ])
        #expect(verdict == .accepted)
        let event = try await client.exported().first { $0["type"] == .text("e") }
        let expected = try JSON(
            """
            {"null": null, "yes": true, "int": -2, "count": 7, "long": 9007199254740991, "double": 0.1,
             "text": "Λάμπα \\u0000 😀 7", "list": [1, "two", null], "map": {"a": {"b": [false]}}}
            """)
        #expect(event?["data"] == expected)
        try await client.close()
    }

    @Test func whatHasNoPlaceInJSONIsRefusedByItsPath() async throws {
        let client = try await opened(.memory, open)
        guard case .rejected("number", let message) = client.track("e", ["n": [.double(.nan)]]) else {
            Issue.record("another verdict")
            return
        }
        #expect(message.contains("e.n.0"))
        #expect(code(client.track("e", ["n": 9_007_199_254_740_992])) == "number")
        var deep: PropertyValue = 1
        for _ in 0..<100 { deep = ["again": deep] }
        #expect(code(client.track("e", ["deep": deep])) == "too_deep")
        #expect(try await !client.exported().types.contains("e"))
        try await client.close()
    }

    @Test func aSpanOfAnyLengthIsANumberOfMilliseconds() {
        let spans: [(TimeInterval, Int64)] = [
            (1.5, 1500), (-0.0004, 0), (.nan, 0), (.infinity, .max), (-.infinity, .min), (1e30, .max), (-1e30, .min),
            (.greatestFiniteMagnitude, .max), (1e15, 1_000_000_000_000_000_000),
        ]
        for (seconds, milliseconds) in spans { #expect(seconds.milliseconds == milliseconds, "\(seconds) s") }
    }

    @Test func whatIsKeptOrPutOffForeverIsNoTrap() async throws {
        let forever = Retention(age: .infinity, bytes: .max)
        let client = HearkenClient(playbook: slice, store: .memory, consent: .all, retention: forever)
        client.track("cart_updated", ["items": 1])
        let offer = try await client.offer()
        try await offer.later(after: .infinity)
        #expect(try await client.exported().types.contains("cart_updated"), "it is kept")
        try await client.close()
    }

    @Test func aStoreOfAnyNameHasItsOwnFileInItsFolder() throws {
        let folder = try Folder()
        let names = ["default", "a/b", "..", "shop é"]
        let files = try names.map { try Store.file(of: $0, in: folder.url) }
        #expect(Set(files.map(\.path)).count == names.count)
        for file in files { #expect(file.deletingLastPathComponent().path == folder.file("hearken").path) }
    }

    @Test func thePrivacyManifestSaysThatNothingIsTracked() throws {
        let manifest = try #require(privacyManifest)
        let list = try PropertyListSerialization.propertyList(from: Data(contentsOf: manifest), format: nil)
        let fields = try #require(list as? [String: Any])
        #expect(fields["NSPrivacyTracking"] as? Bool == false)
        #expect((fields["NSPrivacyTrackingDomains"] as? [String])?.isEmpty == true)
        #expect((fields["NSPrivacyCollectedDataTypes"] as? [Any])?.isEmpty == true)
    }
}
