internal import HearkenGenerated

/// The purposes that a person agreed to. There is no default: an app says it.
public struct Consent: Sendable, Hashable {
    /// Measuring: only what is recorded under it is exported.
    public var analytics: Bool
    /// Content that adapts to the person.
    public var personalization: Bool
    /// Messages at all.
    public var messaging: Bool

    /// The purposes, each granted or not.
    public init(analytics: Bool, personalization: Bool, messaging: Bool) {
        self.analytics = analytics
        self.personalization = personalization
        self.messaging = messaging
    }

    /// Every purpose.
    public static let all = Consent(analytics: true, personalization: true, messaging: true)

    /// No purpose: nothing is recorded, nothing is shown.
    public static let none = Consent(analytics: false, personalization: false, messaging: false)

    init(_ purposes: Purposes) {
        self.init(
            analytics: purposes.analytics, personalization: purposes.personalization, messaging: purposes.messaging)
    }

    var purposes: Purposes {
        Purposes(analytics: analytics, personalization: personalization, messaging: messaging)
    }
}
