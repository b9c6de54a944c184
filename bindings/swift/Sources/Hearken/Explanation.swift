public import Foundation

/// Why a campaign is, or is not, shown.
public struct Explanation: Sendable, Hashable {
    /// The campaign's id.
    public let campaign: String
    /// The instant that it holds for.
    public let at: Date
    /// What becomes of the campaign.
    public let outcome: Outcome
    /// The stages that passed, in their order.
    public let passed: [PassedStage]
    /// When the stage that failed can pass, where that is known.
    public let nextEligibleAt: Date?
    /// What became of its last trigger since the client opened.
    public let last: Outcome?

    /// The code of the reason for which it is held back, in snake_case, if it is.
    public var reason: String? { outcome.stop?.reason }
}

/// A stage that passed.
public struct PassedStage: Sendable, Hashable {
    /// Its name, in snake_case.
    public let stage: String
    /// What was found there, for a developer.
    public let details: String
}

/// What became of a campaign.
public enum Outcome: Sendable, Hashable {
    /// It won: it is offered to the app.
    case offered
    /// It is on the screen.
    case displaying
    /// Nothing would hold it back: it would be offered if it were triggered now.
    case eligible
    /// It was triggered and waits for a stage to pass.
    case waiting(Stop)
    /// Its trigger dropped, or nothing has triggered it.
    case stopped(Stop)

    /// What holds it back, if anything does.
    public var stop: Stop? {
        switch self {
        case .waiting(let stop), .stopped(let stop): stop
        case .offered, .displaying, .eligible: nil
        }
    }
}

/// The stage that failed, and why.
public struct Stop: Sendable, Hashable {
    /// The stage's name, in snake_case.
    public let stage: String
    /// The reason's code, in snake_case, such as `limit`.
    public let reason: String
    /// What failed, what was seen, and until when: the whole reason, as JSON.
    public let details: String
}

/// What became of one campaign in one step.
public struct Decision: Sendable, Hashable {
    /// The campaign's id.
    public let campaign: String
    /// What became of it.
    public let outcome: Outcome
}
