package import HearkenGenerated

/// What the native client says, on its own thread, handed on to whoever listens. It does not hold the client, so that one
/// that an app lets go of closes.
package final class Told: Sendable {
    package let offers = Offers()
    package let withdrawals = Broadcast<Withdrawal>()
    let reports = Broadcast<String>(remembered: 64)
    let inboxChanges = Broadcast<Void>()

    /// Nothing more will come.
    func end() {
        offers.end()
        withdrawals.end()
        reports.end()
        inboxChanges.end()
    }
}

extension Told: CoreObserver {
    package func offered(offer: Offer) throws {
        offers.offered(
            Offered(
                id: offer.presentationId, campaign: offer.campaign, variant: offer.variant, channel: offer.channel,
                placement: offer.placement, message: Message(offer.message)))
    }

    package func inboxChanged() throws {
        inboxChanges.send(())
    }

    package func withdrawn(presentationId: String, cause: String) throws {
        offers.over(presentationId)
        withdrawals.send(Withdrawal(presentation: presentationId, cause: .init(rawValue: cause)))
    }

    package func reported(report: String) throws {
        reports.send(report)
    }
}

/// An offer, without the client that it came from.
package struct Offered: Sendable {
    package let id: String
    let campaign: String
    let variant: String?
    let channel: String
    let placement: String?
    let message: Message
}

/// Offers that nobody has drawn yet, for every listener its own stream; and who has claimed which.
package final class Offers: Sendable {
    private struct State {
        var open: [Offered] = []
        var claimed: Set<String> = []
    }

    private let state = Locked(State())
    private let news = Broadcast<Offered>()

    func offered(_ offer: Offered) {
        state.with { state in
            // Offered again, as what fills a place is each time that this is there, it may be begun again.
            state.claimed.remove(offer.id)
            state.open.removeAll { $0.id == offer.id }
            state.open.append(offer)
            news.send(offer)
        }
    }

    /// Whether the caller is the first.
    func claim(_ id: String) -> Bool {
        state.with { $0.claimed.insert(id).inserted }
    }

    /// It could not be drawn after all.
    func release(_ id: String) {
        state.with { _ = $0.claimed.remove(id) }
    }

    /// It was answered.
    func taken(_ id: String) {
        state.with { $0.open.removeAll { $0.id == id } }
    }

    /// It is over.
    func over(_ id: String) {
        state.with { state in
            state.open.removeAll { $0.id == id }
            state.claimed.remove(id)
        }
    }

    fileprivate func isOpen(_ id: String) -> Bool {
        state.with { state in !state.claimed.contains(id) && state.open.contains { $0.id == id } }
    }

    func end() {
        state.with { $0 = State() }
        news.end()
    }

    /// What is open, and what will be offered; each if it is still open when it is asked for.
    func open() -> OpenOffers {
        OpenOffers(self, state.with { state in news.stream(first: state.open) })
    }

    /// What will be offered, to be taken without waiting.
    package func mailbox() -> Mailbox<Offered> {
        news.mailbox()
    }
}

/// One listener's offers. Like any stream's, its offers are taken by one task at a time.
final class OpenOffers: @unchecked Sendable {
    private let offers: Offers
    private var iterator: AsyncStream<Offered>.Iterator

    init(_ offers: Offers, _ stream: AsyncStream<Offered>) {
        self.offers = offers
        iterator = stream.makeAsyncIterator()
    }

    func next() async -> Offered? {
        while let offer = await iterator.next() {
            if offers.isOpen(offer.id) { return offer }
        }
        return nil
    }
}

/// Hands everything to every listener. Sending waits for nobody: a slow one keeps its own queue.
package final class Broadcast<Item: Sendable>: Sendable {
    private struct State {
        var streams: [Int: AsyncStream<Item>.Continuation] = [:]
        var mailboxes: [Mailbox<Item>] = []
        var latest: [Item] = []
        var next = 0
        var ended = false
    }

    private let state = Locked(State())
    private let remembered: Int

    init(remembered: Int = 0) {
        self.remembered = remembered
    }

    func send(_ item: Item) {
        state.with { state in
            if state.ended { return }
            if remembered > 0 {
                state.latest.append(item)
                state.latest.removeFirst(max(0, state.latest.count - remembered))
            }
            state.streams.values.forEach { $0.yield(item) }
            state.mailboxes.forEach { $0.put(item) }
        }
    }

    /// `newest` is how many wait for a slow listener; all, or as many as are remembered, if nothing is said.
    func stream(first: [Item] = [], newest: Int? = nil) -> AsyncStream<Item> {
        let most = newest ?? (remembered > 0 ? remembered : nil)
        let (stream, continuation) = AsyncStream.makeStream(
            of: Item.self, bufferingPolicy: most.map { .bufferingNewest($0) } ?? .unbounded)
        let number: Int? = state.with { state in
            (first + state.latest).forEach { continuation.yield($0) }
            if state.ended { return nil }
            state.next += 1
            state.streams[state.next] = continuation
            return state.next
        }
        guard let number else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in self?.forget(number) }
        return stream
    }

    /// What will be sent, to be taken without waiting.
    package func mailbox() -> Mailbox<Item> {
        let mailbox = Mailbox<Item>()
        state.with { $0.mailboxes.append(mailbox) }
        return mailbox
    }

    private func forget(_ number: Int) {
        state.with { _ = $0.streams.removeValue(forKey: number) }
    }

    func end() {
        let streams = state.with { state in
            state.ended = true
            defer { state.streams = [:] }
            return Array(state.streams.values)
        }
        // Without the lock: a stream that ends says so to `forget`.
        streams.forEach { $0.finish() }
    }
}

/// What was sent and not taken yet.
package final class Mailbox<Item: Sendable>: Sendable {
    private let items = Locked<[Item]>([])

    fileprivate func put(_ item: Item) {
        items.with { $0.append(item) }
    }

    package func take() -> [Item] {
        items.with { items in
            defer { items = [] }
            return items
        }
    }
}
