import Foundation
package import HearkenGenerated

extension Verdict {
    package init(_ verdict: HearkenGenerated.Verdict) {
        switch verdict {
        case .accepted: self = .accepted
        case .notConsented: self = .notConsented
        case .disabled: self = .disabled
        case .rejected(let code, let details): self = .rejected(code: code, message: details)
        }
    }
}

extension Verdict {
    /// What was not taken, for a call that throws.
    package func get() throws {
        switch self {
        case .accepted: return
        case .notConsented:
            throw HearkenError.rejected(code: "not_consented", message: "the person has not agreed to it")
        case .disabled: throw HearkenError.rejected(code: "disabled", message: "the library is switched off")
        case .rejected(let code, let message): throw HearkenError.rejected(code: code, message: message)
        }
    }
}

extension TimeInterval {
    /// As the native client counts: what is longer than it can count is its longest, and no number at all is nothing.
    package var milliseconds: Int64 {
        let milliseconds = (self * 1000).rounded()
        if milliseconds.isNaN { return 0 }
        return Int64(exactly: milliseconds) ?? (milliseconds < 0 ? .min : .max)
    }
}

extension Explanation {
    package init(_ explanation: HearkenGenerated.Explanation) {
        campaign = explanation.campaign
        at = Date(milliseconds: explanation.atMs)
        outcome = Outcome(explanation.outcome)
        passed = explanation.passed.map { PassedStage(stage: $0.stage, details: $0.details) }
        nextEligibleAt = explanation.nextEligibleAtMs.map(Date.init(milliseconds:))
        last = explanation.last.map(Outcome.init)
    }
}

extension Decision {
    package init(_ decision: HearkenGenerated.Decision) {
        campaign = decision.campaign
        outcome = Outcome(decision.outcome)
    }
}

extension Outcome {
    fileprivate init(_ outcome: HearkenGenerated.Outcome) {
        switch outcome {
        case .offered: self = .offered
        case .displaying: self = .displaying
        case .eligible: self = .eligible
        case .waiting(let stop): self = .waiting(Stop(stop))
        case .stopped(let stop): self = .stopped(Stop(stop))
        }
    }
}

extension Stop {
    fileprivate init(_ stop: HearkenGenerated.Stop) {
        stage = stop.stage
        reason = stop.reason
        details = stop.details
    }
}

extension Date {
    init(milliseconds: Int64) {
        self.init(timeIntervalSince1970: Double(milliseconds) / 1000)
    }
}

extension HearkenError {
    /// By what a caller can do about it.
    init(_ error: any Error) {
        switch error {
        case let error as HearkenError: self = error
        case let error as CoreError: self.init(error)
        default: self = .internal("\(error)")
        }
    }

    private init(_ error: CoreError) {
        switch error {
        case .Playbook(let path, let details): self = .invalidPlaybook(path: path, details: details)
        case .Rejected(let code, let details): self = .rejected(code: code, message: details)
        case .Backpressure: self = .backpressure
        case .NewerFormat(let details): self = .newerFormat(details)
        case .StoreUnavailable(let details): self = .storeUnavailable(details)
        case .NotOwner: self = .notOwner
        case .Closed: self = .closed
        case .InvalidOption(let option, let details): self = .invalidOption(option: option, message: details)
        case .Internal(let details): self = .internal(details)
        }
    }

    /// What a call that throws nothing answers instead.
    var verdict: Verdict {
        switch self {
        case .rejected("disabled", _): return .disabled
        case .rejected("not_consented", _): return .notConsented
        default: break
        }
        let code =
            switch self {
            case .invalidPlaybook: "invalid_playbook"
            case .newerFormat: "newer_format"
            case .storeUnavailable: "store_unavailable"
            case .rejected(let code, _): code
            case .backpressure: "backpressure"
            case .notOwner: "not_owner"
            case .closed: "closed"
            case .invalidOption: "invalid_option"
            case .internal: "internal"
            }
        return .rejected(code: code, message: localizedDescription)
    }
}
