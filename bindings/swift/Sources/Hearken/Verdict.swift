/// What became of a call that waits for nothing.
public enum Verdict: Sendable, Hashable {
    /// It was taken; while the client is still opening: it waits for that.
    case accepted
    /// The person has not agreed to any purpose that would let it be recorded. Nothing changed.
    case notConsented
    /// The library is switched off: see ``HearkenClient/disable()``. Nothing changed.
    case disabled
    /// It was refused. Nothing of it was kept. `code` is the rule that it breaks, in snake_case: one of the tracking plan's
    /// such as `wrong_type`, `too_deep` for a value that JSON has no place for, or why the client takes nothing:
    /// `backpressure`, `not_owner`, `closed`, `store_unavailable`, `newer_format`, `invalid_playbook`, `invalid_option`,
    /// `internal`. `message` is for a developer.
    case rejected(code: String, message: String)
}
