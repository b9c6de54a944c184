public import Foundation
internal import HearkenGenerated

/// The inbox at one moment.
public struct Inbox: Sendable {
    /// The cards that stand in it: pinned first, then the newest.
    public let cards: [Card]
    /// How many are neither read nor archived.
    public let unread: Int
}

/// A card of the inbox. What a person does with it counts once; every call waits for nothing.
public struct Card: Sendable, Identifiable {
    /// The same on every device of an identified person.
    public let id: String
    /// The campaign that made it.
    public let campaign: String
    /// When it was made.
    public let madeAt: Date
    /// When it goes by itself.
    public let expiresAt: Date?
    /// Whether it stands before the others, and cannot be dismissed.
    public let isPinned: Bool
    /// Whether it was on the screen.
    public let isSeen: Bool
    /// Whether it was opened.
    public let isRead: Bool
    /// Whether it was put away.
    public let isArchived: Bool
    /// What it shows.
    public let message: Message
    private let core: Core

    init(_ card: HearkenGenerated.Card, core: Core) {
        id = card.id
        campaign = card.campaign
        madeAt = Date(milliseconds: card.madeAtMs)
        expiresAt = card.expiresAtMs.map(Date.init(milliseconds:))
        isPinned = card.pinned
        isSeen = card.seen
        isRead = card.read
        isArchived = card.archived
        message = Message(card.message)
        self.core = core
    }

    /// It was on the screen.
    @discardableResult
    public func seen() -> Verdict { say(.seen) }

    /// The person opened it.
    @discardableResult
    public func read() -> Verdict { say(.read) }

    /// The person put it away; it stays in the inbox, and is not unread.
    @discardableResult
    public func archive() -> Verdict { say(.archive) }

    /// The person dismissed it; a pinned one cannot be.
    @discardableResult
    public func dismiss() -> Verdict { say(.dismiss) }

    /// The person put it off for so many seconds.
    @discardableResult
    public func snooze(for seconds: TimeInterval) -> Verdict { say(.snooze(lastsMs: seconds.milliseconds)) }

    /// The person used the button with the id `target`. The engine does what is its own of it, the app the rest.
    @discardableResult
    public func click(_ target: String) -> Verdict { say(.click(target: target)) }

    private func say(_ action: CardAction) -> Verdict {
        core.say("card \(id)") { [id] native in Verdict(try native.card(card: id, action: action)) }
    }
}

extension HearkenClient {
    /// The inbox now.
    ///
    /// - Throws: ``HearkenError/notOwner`` in a guest; what ``HearkenClient/ready()`` throws.
    public func inbox() async throws -> Inbox {
        let inbox = try await core.wait { native in try native.inbox() }
        return Inbox(cards: inbox.cards.map { Card($0, core: core) }, unread: Int(inbox.unread))
    }

    /// The inbox: as it is now, and again whenever it changed. Each call has its own stream. It ends when the client closes or
    /// cannot be opened, and at nothing else: an inbox that cannot be read now, such as a guest's, is a report, and the next
    /// change brings the next one.
    public func inboxUpdates() -> AsyncStream<Inbox> {
        let told = core.told
        return told.inboxChanges.whenever { [weak self] in
            do {
                return try await self?.inbox()
            } catch HearkenError.closed {
                return nil
            } catch {
                told.reports.send("inbox: \(error.localizedDescription)")
                return nil
            }
        }
    }
}

extension Broadcast<Void> {
    /// What is read now, and again after each change; those that come while it is read are one. What cannot be read is left
    /// out. Ends with the changes.
    func whenever<Read: Sendable>(_ read: @escaping @Sendable () async -> Read?) -> AsyncStream<Read> {
        let changes = Latest(stream(first: [()], newest: 1))
        return AsyncStream {
            while await changes.next() {
                if let now = await read() { return now }
            }
            return nil
        }
    }
}

/// One listener's changes. Like any stream's, they are taken by one task at a time.
private final class Latest: @unchecked Sendable {
    private var iterator: AsyncStream<Void>.Iterator

    init(_ stream: AsyncStream<Void>) {
        iterator = stream.makeAsyncIterator()
    }

    func next() async -> Bool {
        await iterator.next() != nil
    }
}
