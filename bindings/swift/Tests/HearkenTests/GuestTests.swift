import Foundation
import Hearken
import Testing

/// Another process on the same file hands its events over, and decides nothing.
@Suite struct GuestTests {
    @Test func aGuestsEventsArriveInTheOwnersExport() async throws {
        let folder = try Folder()
        let store = folder.file("shop.db")
        let owner = try await opened(.file(store))
        #expect(try await !owner.isGuest())
        owner.track("product_viewed", ["sku": "the owner's"])
        try await owner.flush()
        let (lines, status) = try otherProcess("guest", store)
        let expected = [
            "guest: true", "track: accepted", "attribute: not_owner", "explain: notOwner", "offers: 0",
        ]
        #expect(lines == expected)
        #expect(status == 0)
        let viewed = try await owner.exported().filter { $0["type"] == .text("product_viewed") }
        #expect(viewed.map { $0["data"]?["sku"]?.text } == ["the owner's", "the guest's"])
        try await owner.close()
    }

    @Test func whatAKilledProcessHadOnItsScreenCountsAsSeen() async throws {
        let folder = try Folder()
        let store = folder.file("shop.db")
        let (lines, status) = try otherProcess("killed", store)
        #expect(lines == ["drawn"])
        #expect(status == SIGKILL)
        let client = try await opened(.file(store))
        client.track("cart_updated", ["items": 1])
        #expect(try await client.explain("cart-reminder").last?.stop?.reason == "limit")
        let committed = try await client.exported().first { $0["type"] == .text("$use_committed") }
        #expect(committed?["data"]?["assumed"] == .bool(true))
        try await client.close()
    }

    @Test func whatCannotBeStoredIsNotDrawnAndStandsInNobodysWay() async throws {
        let folder = try Folder()
        let (lines, status) = try otherProcess("full", folder.file("shop.db"))
        #expect(lines == ["begun: false", "reported: true", "displaying: false", "over: unmounted"])
        #expect(status == 0)
    }

    private func otherProcess(_ what: String, _ store: URL) throws -> (lines: [String], status: Int32) {
        let process = Process()
        process.executableURL = Self.products.appendingPathComponent("HearkenOtherProcess")
        process.arguments = [what, vectors.appendingPathComponent("playbooks/slice.json").path, store.path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let lines = String(decoding: said, as: UTF8.self).split(separator: "\n").map { String($0) }
        return (lines, process.terminationStatus)
    }

    /// Where the build puts its products: the folder of the test bundle.
    private static var products: URL {
        #if os(macOS)
            Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }!.bundleURL.deletingLastPathComponent()
        #else
            Bundle.main.bundleURL
        #endif
    }
}
