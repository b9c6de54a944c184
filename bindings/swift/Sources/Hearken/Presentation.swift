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
    /// - Throws: ``HearkenError/rejected(code:message:)`` if it is no longer to be shown, or was begun elsewhere, and
    ///   ``HearkenError/storeUnavailable(_:)`` if it could not be stored: do not draw it then.
    public func begin() async throws -> Drawn {
        guard core.told.offers.claim(id) else {
            throw HearkenError.rejected(code: "presentation", message: "presentation \(id) was begun already")
        }
        do {
            try await core.wait { [id] native in try native.begin(presentationId: id) }
        } catch {
            if case HearkenError.rejected = error { core.told.offers.taken(id) }
            core.told.offers.release(id)
            throw error
        }
        let drawn = Drawn(id: id, core: core)
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

    /// It was really seen: visible for a second. This is what counts.
    @discardableResult
    public func visible() -> Verdict {
        say("visible") { [id] native in try native.visible(presentationId: id) }
    }

    /// The person used the button with the id `target`. The engine does what is its own of the button's ``Button/actions``,
    /// the app the rest. `answers` are those of the form, by the names of its fields.
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
    /// The presentation's id.
    public let presentation: String
    /// Why, in snake_case: `dismissed` or `action` by the person, `auto` or `unmounted`, `discarded` or `later` by the app,
    /// `lease` after 60 seconds undrawn, `withdrawn` by the engine.
    public let cause: String

    /// A withdrawal, for tests of what takes it off the screen.
    public init(presentation: String, cause: String) {
        self.presentation = presentation
        self.cause = cause
    }
}
