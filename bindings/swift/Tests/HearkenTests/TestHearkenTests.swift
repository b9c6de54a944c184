import Foundation
import HearkenTesting
import Testing

/// The kit for the tests of an app.
@Suite struct TestHearkenTests {
    private let now = "2026-11-21T10:00:00+02:00"

    @Test func itShowsAtOnceWhatAnAppWould() async throws {
        let t = try await TestHearken(playbook: slice, now: now)
        #expect(try await t.track("cart_updated", ["items": 2]) == .accepted)
        let shown = try #require(try await t.shown().first)
        #expect(shown.campaign == "cart-reminder")
        #expect(shown.buttons.map(\.id) == ["go", "later"])
        shown.drawn.click("go")
        try await t.track("cart_updated", ["items": 2])
        #expect(try await t.shown().count == 1)
        #expect(try await t.why("cart-reminder").last?.stop?.reason == "limit")
        #expect(try await t.withdrawn().map(\.cause) == [.action])
        try await t.close()
    }

    @Test func theSameSeedGivesTheSameJournalByteForByte() async throws {
        func journal(_ seed: Int) async throws -> [String] {
            let t = try await TestHearken(playbook: slice, now: now, seed: seed)
            try await t.track("cart_updated", ["items": 2])
            try await t.advance(by: 3600)
            try await t.track("product_viewed", ["sku": "a"])
            let lines = try await t.export()
            try await t.close()
            return lines
        }
        let first = try await journal(1)
        #expect(first.count > 8)
        #expect(try await journal(1) == first)
        #expect(try await journal(2) != first)
    }

    @Test func timeStandsStillUntilItIsMoved() async throws {
        let t = try await TestHearken(playbook: slice, now: now, draws: false)
        try await t.track("cart_updated", ["items": 2])
        let offer = try #require(try await t.offered().first)
        try await t.advance(by: 59)
        #expect(try await t.offered().map(\.id) == [offer.id])
        try await t.advance(by: 1)
        #expect(try await t.withdrawn().map(\.cause) == [.lease])
        #expect(await t.now == Date(timeIntervalSince1970: 1_795_248_060))
        let offsets = try await t.export().map { try JSON($0)["offset"] }
        #expect(Set(offsets) == [.int(120)])
        try await t.close()
    }

    @Test func noNumberOfSecondsIsATrap() async throws {
        let t = try await TestHearken(playbook: slice, now: now)
        let before = await t.now
        try await t.advance(by: .nan)
        #expect(await t.now == before)
        try await t.advance(by: .infinity)
        #expect(await t.now > before)
        try await t.advance(by: .infinity)
        try await t.advance(by: -.infinity)
        try await t.close()
    }

    @Test func aPersonWhoTravelsTakesTheirOffsetAlong() async throws {
        let t = try await TestHearken(playbook: slice, now: now)
        try await t.track("product_viewed", ["sku": "a"])
        try await t.setTime("2026-11-21T11:00:00-03:30")
        try await t.track("product_viewed", ["sku": "b"])
        let viewed = try await t.export().map { try JSON($0) }.filter { $0["type"] == .text("product_viewed") }
        #expect(viewed.map { $0["offset"] } == [.int(120), .int(-210)])
        try await t.close()
    }

    @Test func aFileOutlivesTheProcess() async throws {
        let folder = try Folder()
        let t = try await TestHearken(playbook: slice, now: now, store: .file(folder.file("t.db")))
        try await t.track("cart_updated", ["items": 2])
        #expect(try await t.shown().count == 1)
        try await t.reopen()
        try await t.track("cart_updated", ["items": 2])
        #expect(try await t.shown().count == 1)
        #expect(try await t.why("cart-reminder").last?.stop?.reason == "limit")
        try await t.close()
    }

    @Test func whatATestDoesNotExpectIsThrown() async throws {
        guard case .invalidPlaybook = await thrown({ try await TestHearken(playbook: .text("{}")) }) else {
            Issue.record("another error")
            return
        }
        guard case .rejected("time", _) = await thrown({ try await TestHearken(playbook: slice, now: "noon") }) else {
            Issue.record("another error")
            return
        }
        let t = try await TestHearken(playbook: slice, consent: .none)
        #expect(try await t.track("cart_updated", ["items": 2]) == .notConsented)
        #expect(try await t.shown().isEmpty)
        try await t.close()
    }
}
