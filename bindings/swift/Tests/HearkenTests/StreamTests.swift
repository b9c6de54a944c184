import Foundation
import Testing

@testable import Hearken
@testable import HearkenGenerated

/// Every listener has its own stream, and none can harm another, or the client.
@Suite struct StreamTests {
    @Test func twoListenersSeeTheSameOfferAndTheFirstThatBeginsHasIt() async throws {
        let client = try await opened()
        let early = client.presentations()
        client.track("cart_updated", ["items": 1])
        let late = try await client.offer()
        let first = try #require(await early.first { _ in true })
        #expect(first.id == late.id)
        async let one = begun(first)
        async let two = begun(late)
        #expect(Set(await [one, two]) == [late.id, nil])
        try await client.close()
    }

    private func begun(_ offer: Presentation) async -> String? {
        await offer.begin()?.id
    }

    @Test func whatWasBegunElsewhereIsNoLongerInAStreamThatIsReadLater() async throws {
        let client = try await opened()
        let early = client.presentations()
        client.track("cart_updated", ["items": 1])
        let offer = try await client.offer()
        _ = try #require(await offer.begin())
        let late = client.presentations()
        try await client.close()
        #expect(try await early.all().isEmpty)
        #expect(try await late.all().isEmpty)
    }

    @Test func aListenerThatIsCancelledHarmsNobodyElse() async throws {
        let client = try await opened()
        let listening = Task { [stream = client.presentations()] in try await stream.all() }
        listening.cancel()
        #expect(try await listening.value.isEmpty)
        client.track("cart_updated", ["items": 1])
        let offer = try await client.offer()
        _ = try #require(await offer.begin())
        #expect(client.track("product_viewed", ["sku": "a"]) == .accepted)
        try await client.close()
    }

    @Test func anObserverThatThrowsHarmsNobody() async throws {
        final class Throwing: CoreObserver {
            struct Defect: Error {}
            func offered(offer: Offer) throws { throw Defect() }
            func withdrawn(presentationId: String, cause: String) throws { throw Defect() }
            func inboxChanged() throws { throw Defect() }
            func reported(report: String) throws { throw Defect() }
        }
        let playbook = try String(contentsOf: vectors.appendingPathComponent("playbooks/slice.json"), encoding: .utf8)
        let all = Purposes(analytics: true, personalization: true, messaging: true)
        let config = Config(
            playbook: playbook, store: .memory, consent: all, locale: "en", offsetMin: 0, canDisplay: true,
            retentionMs: nil, retentionBytes: nil,
            publicKey: nil, signature: nil, platform: nil, manual: nil)
        let native = try HearkenCore.open(config: config, observer: Throwing())
        try native.ready()
        _ = try native.track(name: "cart_updated", properties: ["items": .int(value: 1)])
        try native.settle()
        let measuring = Purposes(analytics: true, personalization: false, messaging: false)
        _ = try native.setConsent(purposes: measuring, purge: false)
        try native.settle()
        let lines = try native.exportPart(max: 100, encoding: .native, withPii: false)?.lines ?? []
        #expect(lines.contains { $0.contains("withdrawn") }, "it is recorded all the same")
        try native.shutdown()
    }

    @Test func aTaskThatIsCancelledWhileItBeginsGivesTheMessageBack() async throws {
        for _ in 0..<20 {
            let client = try await opened()
            client.track("cart_updated", ["items": 1])
            let offer = try await client.offer()
            let drawing = Task { await offer.begin() }
            drawing.cancel()
            let isBegun = await drawing.value != nil
            let outcome = try await client.explain("cart-reminder").outcome
            #expect((outcome == .displaying) == isBegun, "on the screen only if it was begun")
            try await client.close()
        }
    }

    @Test func aBeginThatFailsCanBeTriedAgain() async throws {
        let client = try await opened()
        client.track("cart_updated", ["items": 1])
        let offer = try await client.offer()
        client.setCanDisplay(false)
        #expect(await offer.begin() == nil)
        client.setCanDisplay(true)
        let again = try await client.offer()
        #expect(await again.begin()?.id == again.id)
        try await client.close()
    }

    @Test func anInboxThatCannotBeReadNowIsLeftOutAndTheNextChangeBringsTheNext() async throws {
        let changes = Broadcast<Void>()
        let count = Locked(0)
        let updates = changes.whenever { () -> Int? in
            let read = count.with { count in
                count += 1
                return count
            }
            return read == 2 ? nil : read
        }
        let reading = Task { try await updates.all() }
        for expected in 1...4 {
            for _ in 0..<5_000 where count.with({ $0 }) < expected { try await Task.sleep(nanoseconds: 1_000_000) }
            if expected < 4 { changes.send(()) }
        }
        changes.end()
        #expect(try await reading.value == [1, 3, 4], "the second could not be read")
    }

    @Test func theInboxOfAGuestIsAReportAndEndsWithTheClient() async throws {
        let folder = try Folder()
        let store = Store.file(folder.file("shop.db"))
        let owner = try await opened(store)
        let guest = try await opened(store)
        #expect(try await guest.isGuest())
        let listening = Task { [stream = guest.inboxUpdates()] in try await stream.all().count }
        let report = await guest.reports().first { $0.hasPrefix("inbox: ") }
        #expect(report?.contains("owns the store") == true)
        try await guest.close()
        #expect(try await listening.value == 0)
        try await owner.close()
    }

    @Test func theInboxOfAClientThatCannotBeOpenedEnds() async throws {
        let client = HearkenClient(playbook: .text("{}"), store: .memory, consent: .all)
        #expect(try await client.inboxUpdates().all().isEmpty)
        try await client.close()
    }

    @Test func everyCauseHasItsNameAndOneThatIsNewKeepsIt() {
        #expect(Withdrawal.Cause(rawValue: "snoozed") == .snoozed && Withdrawal.Cause.ghost.rawValue == "ghost")
        #expect(Withdrawal.Cause(rawValue: "by_decree") == .unknown("by_decree"))
        #expect(Withdrawal.Cause.unknown("by_decree").rawValue == "by_decree")
    }

    @Test func theStreamsOfAClientThatIsLetGoOfEnd() async throws {
        let folder = try Folder()
        let store = Store.file(folder.file("shop.db"))
        let offers: AsyncStream<Presentation>
        do {
            let client = try await opened(store)
            client.track("product_viewed", ["sku": "a"])
            try await client.flush()
            offers = client.presentations()
            _ = try await client.exported()
        }
        #expect(try await offers.all().isEmpty)
    }
}
