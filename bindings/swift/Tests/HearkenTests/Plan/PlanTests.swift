import Hearken
import HearkenTesting
import Testing

/// What `hearken types` writes is used as an app uses it.
@Suite struct PlanTests {
    private func playbook(_ id: String, _ plan: String) -> Playbook {
        .text(#"{"spec": 1, "id": "\#(id)", "revision": 1, "plan": \#(plan)}"#)
    }

    @Test func eventsAndAttributesOfAPlanArriveUnderTheirNames() async throws {
        let plan = #"{"events": {"cart_updated": {"properties": {"items": {"type": "int"}, "top_item": {"type": "string"}}}}, "attributes": {"tier": {"type": "string"}}}"#
        let t = try await TestHearken(playbook: playbook("shop", plan))
        #expect(await t.client.track(ShopEvents.CartUpdated(items: 2, topItem: "Lamp")) == .accepted)
        #expect(await t.client.setTier("gold") == .accepted)
        let lines = try await t.export()
        #expect(lines.contains { $0.contains(#""type":"cart_updated""#) && $0.contains(#""data":{"items":2,"top_item":"Lamp"}"#) })
        #expect(lines.contains { $0.contains(#""name":"tier""#) && $0.contains(#""value":"gold""#) })
        try await t.close()
    }

    @Test func oddNamesAreTakenAsTheyStandInThePlan() async throws {
        let plan = #"{"mode": "strict", "events": {"cart_updated": {"properties": {"items": {"type": "int", "required": true}, "top-item": {"type": "string"}, "class": {"type": "number"}}}, "Cart Updated": {}}, "attributes": {"2nd tier": {"type": "string"}}}"#
        let t = try await TestHearken(playbook: playbook("odd", plan))
        #expect(await t.client.track(MyShopEvents.CartUpdated2(items: 1, class: 1.5, topItem: "é")) == .accepted)
        #expect(await t.client.setN2ndTier(nil) == .accepted)
        #expect(try await t.export().contains { $0.contains(#""data":{"class":1.5,"items":1,"top-item":"é"}"#) })
        try await t.close()
    }
}
