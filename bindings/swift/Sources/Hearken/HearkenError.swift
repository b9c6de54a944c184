public import Foundation

/// What can go wrong, by what a caller can do about it.
public enum HearkenError: Error, Equatable, Sendable {
    /// The playbook cannot be used: mend it. `path` is where it is wrong, such as `plan.events.e.type`, or line and column,
    /// or the file; empty where it is the whole. The last good one stays in force.
    case invalidPlaybook(path: String, details: String)
    /// The store was written by a newer version of the library: update the app. Nothing was touched.
    case newerFormat(String)
    /// The store cannot be read or written now: trying again can help.
    case storeUnavailable(String)
    /// The call was refused: mend it. Nothing of it was kept. `code` is the rule that it breaks, in snake_case.
    case rejected(code: String, message: String)
    /// Too much waits to be stored: try again later.
    case backpressure
    /// Another process owns the store: this one only hands its events over.
    case notOwner
    /// The client was closed.
    case closed
    /// The client was opened with an option that cannot be used: mend it. `option` is its name in snake_case, such as
    /// `public_key`.
    case invalidOption(option: String, message: String)
    /// A defect of this library: please report it. The app goes on.
    case `internal`(String)
}

extension HearkenError: LocalizedError {
    /// For a developer.
    public var errorDescription: String? {
        switch self {
        case .invalidPlaybook("", let details): details
        case .invalidPlaybook(let path, let details): "\(path): \(details)"
        case .newerFormat(let details), .storeUnavailable(let details), .internal(let details): details
        case .rejected(_, let message): message
        case .backpressure: "too much waits to be stored"
        case .notOwner: "another process owns the store"
        case .closed: "the client is closed"
        case .invalidOption(let option, let message): "\(option): \(message)"
        }
    }
}
