public import Foundation
internal import HearkenGenerated

/// A message that is offered to one person. Undrawn for 60 seconds, it goes back.
public struct Presentation: Sendable, Identifiable {
    /// The same on the screen, in the journal and in the warehouse.
    public let id: String
    /// The campaign's id.
    public let campaign: String
    /// The variant of its experiment.
    public let variant: String?
    /// The channel: `in_app`.
    public let channel: String
    /// The place on the screen that it fills, for an inline message.
    public let placement: String?
    /// What to draw.
    public let message: Message
    private let core: Core

    package init(_ offered: Offered, core: Core) {
        id = offered.id
        campaign = offered.campaign
        variant = offered.variant
        channel = offered.channel
        placement = offered.placement
        message = offered.message
        self.core = core
    }

    /// Says that it is about to be drawn, and returns when that is stored: draw after it. The first call claims the message;
    /// everything is asked again here, so it can still be refused. A task that is cancelled meanwhile gives it back.
    ///
    /// - Returns: Where to say what becomes of it; `nil` if nothing is to be drawn: it is no longer to be shown, was begun
    ///   elsewhere, the task was cancelled, the client is closed, or it could not be stored. Only the last is a fault, and a
    ///   report.
    public func begin() async -> Drawn? {
        do {
            return try await begun()
        } catch HearkenError.rejected, HearkenError.closed, is CancellationError {
            return nil
        } catch {
            core.told.reports.send("begin \(id): \(error.localizedDescription)")
            return nil
        }
    }

    /// As ``begin()``, with the reason why not.
    package func begun() async throws -> Drawn {
        guard core.told.offers.claim(id) else {
            throw HearkenError.rejected(code: "presentation", message: "presentation \(id) was begun already")
        }
        let drawn = Drawn(id: id, core: core)
        do {
            try await core.wait { [id] native in try native.begin(presentationId: id) }
        } catch {
            if case HearkenError.rejected = error { core.told.offers.taken(id) }
            // Begun, but not stored: it is not drawn, so it does not stand in the way of others.
            if case HearkenError.storeUnavailable = error { drawn.ended(.unmounted) }
            core.told.offers.release(id)
            throw error
        }
        if Task.isCancelled {
            drawn.ended(.unmounted)
            throw CancellationError()
        }
        return drawn
    }

    /// Not now: nothing is spent, and it is offered again when conditions change.
    ///
    /// - Parameter seconds: Not before so much time has passed.
    /// - Throws: ``HearkenError/rejected(code:message:)`` if it is no longer offered.
    public func later(after seconds: TimeInterval? = nil) async throws {
        try await answer(.later(afterMs: seconds?.milliseconds))
    }

    /// Not at all: nothing is spent.
    ///
    /// - Throws: ``HearkenError/rejected(code:message:)`` if it is no longer offered.
    public func discard() async throws {
        try await answer(.discard)
    }

    private func answer(_ answer: HostAnswer) async throws {
        try await core.wait { [id] native in try native.answer(presentationId: id, answer: answer) }
        core.told.offers.taken(id)
    }
}

/// A message that is on the screen. Every call waits for nothing and may be made from any thread.
public struct Drawn: Sendable, Identifiable {
    /// The presentation's id.
    public let id: String
    private let core: Core

    package init(id: String, core: Core) {
        self.id = id
        self.core = core
    }

    /// It was really seen: it stood on the screen for as long as the playbook's `settings.impression` says, a second unless it
    /// says otherwise. This is what counts. Say it while the message is open.
    @discardableResult
    public func visible() -> Verdict {
        say("visible") { [id] native in try native.visible(presentationId: id) }
    }

    /// The person used the button with the id `target`. The engine does what is its own of ``Message/Button/actions``, the app
    /// the rest. `answers` are those of the form, by the names of its fields.
    @discardableResult
    public func click(_ target: String, answers: [String: PropertyValue] = [:]) -> Verdict {
        converted(answers, at: "answers") { answers in
            say("click") { [id] native in
                try native.interact(presentationId: id, interaction: .click(target: target, answers: answers))
            }
        }
    }

    /// The person came to a page; `answers` are those of the form so far.
    @discardableResult
    public func page(_ page: String, answers: [String: PropertyValue] = [:]) -> Verdict {
        converted(answers, at: "answers") { answers in
            say("page") { [id] native in
                try native.interact(presentationId: id, interaction: .page(page: page, answers: answers))
            }
        }
    }

    /// The id of the page that follows another, given the answers so far; `nil` after the last.
    public func nextPage(after page: String, answers: [String: PropertyValue] = [:]) async throws -> String? {
        let answers = try converted(answers, at: "answers")
        return try await core.wait { [id] native in
            try native.nextPage(presentationId: id, page: page, answers: answers)
        }
    }

    /// The person closed it.
    @discardableResult
    public func dismiss() -> Verdict {
        say("dismiss") { [id] native in try native.interact(presentationId: id, interaction: .dismiss) }
    }

    /// It left the screen without the person's doing, or could not be drawn.
    @discardableResult
    public func ended(_ cause: Departure = .unmounted) -> Verdict {
        let leaving: Leaving =
            switch cause {
            case .auto: .auto
            case .unmounted: .unmounted
            }
        return say("ended") { [id] native in try native.ended(presentationId: id, leaving: leaving) }
    }

    private func say(_ what: String, _ call: @escaping @Sendable (HearkenCore) throws -> Void) -> Verdict {
        core.say("\(what) \(id)") { native in
            try call(native)
            return .accepted
        }
    }
}

/// Why a message left the screen without the person's doing.
public enum Departure: String, Sendable, Hashable, CaseIterable {
    /// Its time was over.
    case auto
    /// The app removed it, or could not draw it.
    case unmounted
}

/// A presentation that is over: take it off the screen if it still stands there.
public struct Withdrawal: Sendable, Hashable {
    /// Why a presentation is over.
    public enum Cause: Sendable, Hashable {
        /// The person closed it.
        case dismissed
        /// The person used a button that closes it.
        case action
        /// The person handed in its form.
        case submitted
        /// The person put it off; it returns.
        case snoozed
        /// Its time on the screen was over.
        case auto
        /// The app removed it, or could not draw it.
        case unmounted
        /// The app refused it.
        case discarded
        /// The app put it off.
        case later
        /// It stayed undrawn for 60 seconds.
        case lease
        /// The engine took it back: the person's consent, or its campaign, is gone.
        case withdrawn
        /// The process that drew it is gone.
        case orphan
        /// It was never to be drawn: the person is in a control group or holdout.
        case ghost
        /// One that this version has no name for, in snake_case.
        case unknown(String)
    }

    /// The presentation's id.
    public let presentation: String
    /// Why.
    public let cause: Cause

    /// A withdrawal, for tests of what takes it off the screen.
    public init(presentation: String, cause: Cause) {
        self.presentation = presentation
        self.cause = cause
    }
}

extension Withdrawal.Cause: RawRepresentable {
    private static let known: [Withdrawal.Cause] = [
        .dismissed, .action, .submitted, .snoozed, .auto, .unmounted, .discarded, .later, .lease, .withdrawn, .orphan,
        .ghost,
    ]

    /// The cause of this name, in snake_case as the journal has it.
    public init(rawValue: String) {
        self = Self.known.first { $0.rawValue == rawValue } ?? .unknown(rawValue)
    }

    /// Its name, in snake_case as the journal has it.
    public var rawValue: String {
        switch self {
        case .dismissed: "dismissed"
        case .action: "action"
        case .submitted: "submitted"
        case .snoozed: "snoozed"
        case .auto: "auto"
        case .unmounted: "unmounted"
        case .discarded: "discarded"
        case .later: "later"
        case .lease: "lease"
        case .withdrawn: "withdrawn"
        case .orphan: "orphan"
        case .ghost: "ghost"
        case .unknown(let name): name
        }
    }
}
