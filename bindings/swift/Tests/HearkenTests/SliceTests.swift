import Foundation
import Hearken
import Testing

/// From an event to a click and out into the export, and never again after that.
@Suite struct SliceTests {
    @Test func anEventShowsAMessageOnceAndTheJournalLeavesTheDevice() async throws {
        let folder = try Folder()
        let store = Store.file(folder.file("shop.db"))
        var client = HearkenClient(playbook: slice, store: store, consent: .all)
        #expect(client.track("cart_updated", ["items": 2, "total_minor": 4998]) == .accepted)

        let offer = try await client.offer()
        #expect(offer.campaign == "cart-reminder")
        #expect(offer.channel == "in_app")
        #expect(offer.message.layout == .modal)
        let go = Message.Button.Action.deepLink("shop://cart")
        let accepts = Message.Button.Action.track(event: "offer_accepted", properties: ["source": "cart-reminder"])
        #expect(
            offer.message.blocks == [
                .image(src: "/cart.svg", alt: "Your cart"),
                .heading("Your cart is waiting"),
                .text([.init("We kept everything as you left it.")]),
                .button(
                    .init(id: "go", label: "Back to the cart", role: .primary, actions: [accepts, go], stays: false)),
                .button(.init(id: "later", label: "Later", role: .secondary, actions: [.dismiss], stays: false)),
            ])

        let drawn = try #require(await offer.begin())
        #expect(drawn.id == offer.id)
        #expect(try await client.explain("cart-reminder").outcome == .displaying)
        #expect(drawn.visible() == .accepted)
        #expect(drawn.click("go") == .accepted)
        try await client.flushDurable()

        let batches = try await client.export().all()
        #expect(batches.count == 1, "an export goes on only after an acknowledgement")
        let records = try batches[0].records.map { try JSON($0) }
        let expected = [
            "$consent", "$playbook_installed", "$session_start", "$app_open", "cart_updated", "$triggered",
            "$use_reserved", "$displaying", "$use_committed", "$shown", "$clicked", "$ended", "offer_accepted",
        ]
        #expect(records.types == expected)
        let tracked = records.first { $0["type"] == .text("cart_updated") }
        #expect(tracked?["data"] == .object(["items": .int(2), "total_minor": .int(4998)]))
        let clicked = records.first { $0["type"] == .text("$clicked") }
        #expect(clicked?["data"]?["presentation_id"] == .text(offer.id))

        let again = try await client.export().all()
        #expect(again[0].records == batches[0].records, "the very same bytes come again")
        try await batches[0].acknowledge()
        #expect(try await client.export().all().isEmpty, "and never again after the acknowledgement")
        try await client.close()

        client = HearkenClient(playbook: slice, store: store, consent: .all)
        let offers = client.presentations()
        #expect(client.track("cart_updated", ["items": 3]) == .accepted)
        let why = try await client.explain("cart-reminder")
        #expect(why.last?.stop?.stage == "limit")
        #expect(why.last?.stop?.reason == "limit")
        #expect(try JSON(why.last?.stop?.details ?? "")["times"] == .int(1))
        #expect(why.reason == "not_triggered", "and now it waits for nothing")
        #expect(try await client.exported().types == ["cart_updated"])
        try await client.close()
        #expect(try await offers.all().isEmpty, "the stream ends with the client, and nothing came")
    }

    @Test func whatTheAppPutsOffOrRefusesIsSpentNowhere() async throws {
        let client = try await opened()
        client.track("cart_updated", ["items": 1])
        let first = try await client.offer()
        try await first.later()
        client.track("product_viewed", ["sku": "a"])
        let second = try await client.offer()
        #expect(first.id != second.id)
        try await second.discard()
        let ended = try await client.exported().last { $0["type"] == .text("$ended") }
        #expect(ended?["data"]?["cause"] == .text("discarded"))
        #expect(try await client.explain("cart-reminder").reason == "not_triggered", "neither limit nor cap was spent")
        try await client.close()
    }

    @Test func consentThatIsWithdrawnTakesTheMessageOffTheScreen() async throws {
        let client = try await opened()
        let withdrawals = client.withdrawals()
        client.track("cart_updated", ["items": 1])
        let offer = try await client.offer()
        let drawn = try #require(await offer.begin())
        #expect(client.setConsent(Consent(analytics: true, personalization: true, messaging: false)) == .accepted)
        try await client.close()
        #expect(try await withdrawals.all() == [Withdrawal(presentation: drawn.id, cause: .withdrawn)])
    }

    @Test func nothingIsOfferedWhileTheScreenCannotBeSeen() async throws {
        let client = HearkenClient(playbook: slice, store: .memory, consent: .all, canDisplay: false)
        client.track("cart_updated", ["items": 1])
        #expect(try await client.explain("cart-reminder").reason == "cannot_display")
        #expect(client.setCanDisplay(true) == .accepted)
        #expect(try await client.offer().campaign == "cart-reminder")
        try await client.close()
    }

    @Test func aPlaybookThatIsInstalledWhileTheAppRunsTakesEffectAtOnce() async throws {
        let client = try await opened()
        #expect(code(client.track("visited")) == "unknown_event")
        try await client.install(.text(#"{"spec": 1, "id": "slice", "revision": 2, "plan": {"mode": "open"}}"#))
        #expect(client.track("visited") == .accepted)
        #expect(try await client.explain("cart-reminder").reason == "unknown")
        try await client.close()
    }

    @Test func anExportComesInBatchesEachAfterTheOneBeforeIsAcknowledged() async throws {
        let client = try await opened()
        for number in 0..<5 { client.track("product_viewed", ["sku": "\(number)"]) }
        var sizes: [Int] = []
        var skus: [String?] = []
        for try await batch in client.export(max: 3) {
            sizes.append(batch.records.count)
            let records = try batch.records.map { try JSON($0) }
            skus += records.filter { $0["type"] == .text("product_viewed") }.map { $0["data"]?["sku"]?.text }
            try await batch.acknowledge()
        }
        #expect(sizes.count > 1 && sizes.allSatisfy { $0 <= 3 }, "\(sizes)")
        #expect(skus == ["0", "1", "2", "3", "4"])
        try await client.close()
    }
}
