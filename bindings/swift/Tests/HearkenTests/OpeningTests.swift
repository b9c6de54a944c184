import Foundation
import Hearken
import Testing

/// Opening is nobody's wait: calls queue, in their order, and a bounded number of them.
@Suite struct OpeningTests {
    private let document = #"{"spec": 1, "id": "open", "revision": 1, "plan": {"mode": "open"}}"#

    /// A playbook that is not read before `read` is signalled.
    private func slow(_ read: DispatchSemaphore) -> Playbook {
        Playbook(place: "slow") { [document] in
            read.wait()
            return Data(document.utf8)
        }
    }

    @Test func callsQueueUntilTheClientIsOpen() async throws {
        let read = DispatchSemaphore(value: 0)
        let client = HearkenClient(playbook: slow(read), store: .memory, consent: .all)
        let reports = client.reports()
        for number in 0..<3 { #expect(client.track("e", ["n": .int(number)]) == .accepted) }
        #expect(client.track("e", ["n": .double(.infinity)]) == .accepted)
        read.signal()
        try await client.ready()
        #expect(code(client.track("e", ["n": .double(.infinity)])) == "number")
        let events = try await client.exported().filter { $0["type"] == .text("e") }
        #expect(events.map { $0["data"]?["n"] } == [.int(0), .int(1), .int(2)])
        try await client.close()
        let refusals = try await reports.all().filter { $0.hasPrefix("track e: number: ") }
        #expect(refusals.count == 1, "what is refused later is reported")
    }

    @Test func theQueueIsBounded() async throws {
        let read = DispatchSemaphore(value: 0)
        let client = HearkenClient(playbook: slow(read), store: .memory, consent: .all)
        for _ in 0..<Core.early { client.track("e") }
        #expect(code(client.track("e")) == "backpressure")
        read.signal()
        try await client.flush()
        #expect(client.track("e") == .accepted)
        let records = try await client.export(max: .max).all()[0].records
        #expect(records.count { $0.contains(#""type":"e""#) } == Core.early + 1)
        try await client.close()
    }

    @Test func aClientThatIsClosedWhileItOpensKeepsWhatItWasTold() async throws {
        let folder = try Folder()
        let store = Store.file(folder.file("shop.db"))
        let read = DispatchSemaphore(value: 0)
        let first = HearkenClient(playbook: slow(read), store: store, consent: .all)
        first.track("e")
        read.signal()
        try await first.close()
        let second = try await opened(store, .text(document))
        #expect(try await second.exported().types.contains("e"))
        try await second.close()
    }
}
