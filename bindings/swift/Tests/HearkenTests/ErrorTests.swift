import Foundation
import Hearken
import Testing

/// What goes wrong reaches the caller as a value, and the app goes on.
@Suite struct ErrorTests {
    @Test func aPlaybookThatIsNoPlaybookNamesThePlace() async throws {
        let events = #"{"e": {"properties": {"p": "colour"}}}"#
        let bad = #"{"spec": 1, "id": "shop", "revision": 1, "plan": {"events": \#(events)}}"#
        let client = HearkenClient(playbook: .text(bad), store: .memory, consent: .all)
        let error = await thrown { try await client.ready() }
        guard case .invalidPlaybook(let path, let details) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(path.hasPrefix("plan"))
        #expect(!details.isEmpty)
        #expect(error?.localizedDescription == "\(path): \(details)")
        #expect(code(client.track("e")) == "invalid_playbook")
        #expect(try await client.presentations().all().isEmpty, "the streams end")
        #expect(try await client.reports().all().contains { $0.contains(path) }, "and a report says why")
        try await client.close()
    }

    @Test func aPlaybookThatIsNotJSONNamesLineAndColumn() async throws {
        let client = HearkenClient(playbook: .text("{\n  \"spec\": }"), store: .memory, consent: .all)
        guard case .invalidPlaybook(let path, _) = await thrown({ try await client.ready() }) else {
            Issue.record("another error")
            return
        }
        #expect(path.hasPrefix("line 2, column"))
        try await client.close()
    }

    @Test func aPlaybookThatIsNotThereNamesTheFile() async throws {
        let folder = try Folder()
        let absent = folder.file("none.json")
        let playbooks: [(String, Playbook)] = [
            (absent.path, .file(absent)), ("none.json", .bundled("none", in: .module)), ("data", .data(Data([0xff]))),
        ]
        for (place, playbook) in playbooks {
            let client = HearkenClient(playbook: playbook, store: .memory, consent: .all)
            guard case .invalidPlaybook(let path, _) = await thrown({ try await client.ready() }) else {
                Issue.record("another error")
                continue
            }
            #expect(path == place)
            #expect(code(client.track("e")) == "invalid_playbook")
            try await client.close()
        }
    }

    @Test func aPlaybookThatCannotBeInstalledLeavesTheGoodOneInForce() async throws {
        let client = try await opened()
        let bad = Playbook.text(#"{"spec": 1, "id": "slice", "revision": "two"}"#)
        guard case .invalidPlaybook("revision", let details) = await thrown({ try await client.install(bad) }) else {
            Issue.record("another error")
            return
        }
        #expect(!details.isEmpty)
        let none = await thrown { try await client.install(.text("[]")) }
        #expect(none?.localizedDescription.first?.isLetter == true, "where the place is the whole, none is named")
        let lower = Playbook.text(#"{"spec": 1, "id": "slice", "revision": 0}"#)
        guard case .rejected("playbook", _) = await thrown({ try await client.install(lower) }) else {
            Issue.record("another error")
            return
        }
        #expect(client.track("cart_updated", ["items": 1]) == .accepted)
        #expect(try await client.offer().campaign == "cart-reminder")
        try await client.close()
    }

    @Test func anEventThatBreaksThePlanIsRefusedByName() async throws {
        let client = try await opened()
        guard case .rejected("wrong_type", let message) = client.track("cart_updated", ["items": "two"]) else {
            Issue.record("another verdict")
            return
        }
        #expect(message.contains("cart_updated.items"))
        #expect(code(client.track("unheard_of")) == "unknown_event")
        #expect(code(client.setAttribute("tier", "tin")) == "not_one_of")
        client.setConsent(.none)
        #expect(client.track("product_viewed", ["sku": "a"]) == .notConsented)
        #expect(try await client.exported().types.allSatisfy { $0.hasPrefix("$") })
        try await client.close()
    }

    @Test func aPresentationThatIsNoLongerOfferedIsRefusedByCode() async throws {
        let client = try await opened()
        client.track("cart_updated", ["items": 1])
        let offer = try await client.offer()
        client.setAttribute("tier", "gold")
        guard case .rejected("presentation", let message) = await thrown({ try await offer.begun() }) else {
            Issue.record("another error")
            return
        }
        #expect(message.contains("audience"))
        #expect(await offer.begin() == nil, "there is nothing to draw, and nothing to catch")
        #expect(code(client.drawn("no id").visible()) == "presentation")
        try await client.close()
    }

    @Test func aDamagedFileIsKeptAsideAndReported() async throws {
        let folder = try Folder()
        let store = folder.file("shop.db")
        let damaged = Data((0..<8192).map { UInt8($0 % 251) })
        try damaged.write(to: store)
        let client = try await opened(.file(store))
        #expect(client.track("product_viewed", ["sku": "a"]) == .accepted)
        try await client.flush()
        let report = try #require(await client.reports().first { $0.contains("kept as") })
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
        let kept = try #require(files.first { $0.contains(".damaged-") })
        #expect(report.contains(kept))
        #expect(try Data(contentsOf: folder.file(kept)) == damaged)
        #expect(try await client.exported().types.contains("product_viewed"))
        try await client.close()
    }

    @Test func aFileOfANewerFormatIsRefusedAndLeftAsItIs() async throws {
        let folder = try Folder()
        let store = folder.file("shop.db")
        try await opened(.file(store)).close()
        var bytes = try Data(contentsOf: store)
        // `user_version` in the header of a SQLite file.
        bytes.replaceSubrange(60..<64, with: [0, 0, 0, 99])
        try bytes.write(to: store)
        let client = HearkenClient(playbook: slice, store: .file(store), consent: .all)
        guard case .newerFormat(let details) = await thrown({ try await client.ready() }) else {
            Issue.record("another error")
            return
        }
        #expect(details.contains("99"))
        #expect(code(client.track("cart_updated", ["items": 1])) == "newer_format")
        try await client.close()
        #expect(try Data(contentsOf: store) == bytes)
    }

    @Test func aFolderThatIsNotThereMakesTheStoreUnavailable() async throws {
        let folder = try Folder()
        let client = HearkenClient(playbook: slice, store: .file(folder.file("none/shop.db")), consent: .all)
        guard case .storeUnavailable = await thrown({ try await client.ready() }) else {
            Issue.record("another error")
            return
        }
        try await client.close()
    }

    @Test func aClosedClientRefusesEverything() async throws {
        let client = try await opened()
        client.track("cart_updated", ["items": 1])
        let offer = try await client.offer()
        try await client.close()
        try await client.close()
        #expect(client.track("cart_updated") == .rejected(code: "closed", message: "the client is closed"))
        #expect(code(client.setConsent(.none)) == "closed")
        #expect(await thrown { try await client.flush() } == .closed)
        #expect(await thrown { try await client.explain("cart-reminder") } == .closed)
        #expect(await thrown { try await client.export().all() } == .closed)
        #expect(await offer.begin() == nil)
    }
}
