import Foundation
package import HearkenGenerated

extension Verdict {
    package init(_ verdict: HearkenGenerated.Verdict) {
        switch verdict {
        case .accepted: self = .accepted
        case .notConsented: self = .notConsented
        case .rejected(let code, let details): self = .rejected(code: code, message: details)
        }
    }
}

extension Message {
    init(_ message: HearkenGenerated.Message) {
        layout =
            switch message.layout {
            case .modal: .modal
            }
        label = message.label
        pages = message.pages.map { $0.map(Block.init) }
    }
}

extension Block {
    fileprivate init(_ block: HearkenGenerated.Block) {
        switch block {
        case .image(let src, let alt): self = .image(src: src, alt: alt)
        case .heading(let text): self = .heading(text)
        case .text(let text): self = .text(text)
        case .button(let id, let label, let role, let actions, let stay):
            let role: Button.Role =
                switch role {
                case .primary: .primary
                case .secondary: .secondary
                }
            self = .button(
                Button(id: id, label: label, role: role, actions: actions.map(Button.Action.init), stays: stay))
        }
    }
}

extension Button.Action {
    fileprivate init(_ action: HearkenGenerated.Action) {
        switch action {
        case .dismiss: self = .dismiss
        case .openUrl(let url): self = .openURL(url)
        case .deepLink(let link): self = .deepLink(link)
        }
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
    fileprivate init(milliseconds: Int64) {
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
        case .InvalidOption(let option, let details): self = .internal("\(option): \(details)")
        case .Internal(let details): self = .internal(details)
        }
    }

    /// What a call that throws nothing answers instead.
    var verdict: Verdict {
        let code =
            switch self {
            case .invalidPlaybook: "invalid_playbook"
            case .newerFormat: "newer_format"
            case .storeUnavailable: "store_unavailable"
            case .rejected(let code, _): code
            case .backpressure: "backpressure"
            case .notOwner: "not_owner"
            case .closed: "closed"
            case .internal: "internal"
            }
        return .rejected(code: code, message: localizedDescription)
    }
}
