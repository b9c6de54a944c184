public import Foundation
@_exported public import Hearken

/// A client for the tests of an app: its clock stands still until it is moved, and every id is a function of a seed and the
/// calls, so a test gives the same result every time, and everywhere: conditions know of the host what the test says by
/// ``HearkenClient/setHost(_:)``. It plays an app that draws each message at once, and a person who sees it; every function
/// returns when everything is done.
///
/// ```swift
/// let t = try await TestHearken(playbook: .bundled("playbook", in: .module))
/// try await t.track("cart_updated", ["items": 2])
/// #expect(try await t.shown().map(\.campaign) == ["cart-reminder"])
/// ```
public actor TestHearken {
    /// A message that was drawn, and seen.
    public struct Shown: Sendable {
        /// What was offered.
        public let presentation: Presentation
        /// What the person does with it.
        public let drawn: Drawn

        /// The campaign's id.
        public var campaign: String { presentation.campaign }

        /// The buttons of all its pages.
        public var buttons: [Message.Button] {
            presentation.message.blocks.compactMap { block in
                if case .button(let button) = block { button } else { nil }
            }
        }
    }

    /// The client, to hand to the code under test. Another one after ``reopen()``.
    public private(set) var client: HearkenClient
    private let playbook: Playbook
    private let store: Store
    private let consent: Consent
    private var locale: Locale
    private let seed: Int
    private let draws: Bool
    private let time: Locked<Moment>
    private var opens = 1
    private var news: News
    private var offers: [Presentation] = []
    private var announcements: [Presentation] = []
    private var seen: [Shown] = []
    private var gone: [Withdrawal] = []

    /// Opens a client, and returns when it is open.
    ///
    /// - Parameters:
    ///   - playbook: What the app ships.
    ///   - now: The instant that the clock shows, as RFC 3339; its offset is the person's.
    ///   - consent: What the person agreed to.
    ///   - seed: Makes every id.
    ///   - store: Where the journal is kept; in memory it is gone after ``reopen()``.
    ///   - locale: The person's locale.
    ///   - draws: Whether messages are drawn at once; if not, they wait in ``offered()``.
    /// - Throws: ``HearkenError``: it could not be opened, or `now` is no instant.
    public init(
        playbook: Playbook,
        now: String = "2026-01-01T10:00:00Z",
        consent: Consent = .all,
        seed: Int = 1,
        store: Store = .memory,
        locale: Locale = Locale(identifier: "en"),
        draws: Bool = true
    ) async throws {
        self.playbook = playbook
        self.store = store
        self.consent = consent
        self.locale = locale
        self.seed = seed
        self.draws = draws
        time = Locked(try Moment(now))
        (client, news) = Self.open(playbook, store, consent, locale, time, "\(seed)/1")
        try await client.ready()
    }

    /// The instant that the clock shows.
    public var now: Date { time.with { $0.date } }

    /// As ``HearkenClient/track(_:_:)``, and what follows from it.
    @discardableResult
    public func track(_ name: String, _ properties: [String: PropertyValue] = [:]) async throws -> Verdict {
        try await settled(client.track(name, properties))
    }

    /// As ``HearkenClient/setAttribute(_:_:)``, and what follows from it.
    @discardableResult
    public func setAttribute(_ name: String, _ value: PropertyValue) async throws -> Verdict {
        try await settled(client.setAttribute(name, value))
    }

    /// As ``HearkenClient/setConsent(_:purging:)``, and what follows from it.
    @discardableResult
    public func setConsent(_ consent: Consent) async throws -> Verdict {
        try await settled(client.setConsent(consent))
    }

    /// As ``HearkenClient/screen(_:)``, and what follows from it.
    @discardableResult
    public func screen(_ name: String) async throws -> Verdict {
        try await settled(client.screen(name))
    }

    /// As ``HearkenClient/identify(_:)``, and what follows from it.
    public func identify(_ user: String) async throws {
        try await client.identify(user)
        try await settle()
    }

    /// As ``HearkenClient/reset()``, and what follows from it.
    @discardableResult
    public func reset() async throws -> Verdict {
        try await settled(client.reset())
    }

    /// As ``HearkenClient/manual(_:)``, and what follows from it.
    @discardableResult
    public func manual(_ name: String) async throws -> Verdict {
        try await settled(client.manual(name))
    }

    /// As ``HearkenClient/mount(_:)``, and what follows from it.
    @discardableResult
    public func mount(_ placement: String) async throws -> Verdict {
        try await settled(client.mount(placement))
    }

    /// The inbox now.
    public func inbox() async throws -> Inbox {
        try await settle()
        return try await client.inbox()
    }

    /// As ``HearkenClient/setCanDisplay(_:)``, and what follows from it.
    @discardableResult
    public func setCanDisplay(_ canDisplay: Bool) async throws -> Verdict {
        try await settled(client.setCanDisplay(canDisplay))
    }

    /// As ``HearkenClient/install(_:)``, and what follows from it.
    public func install(_ playbook: Playbook) async throws {
        try await settled(try await client.install(playbook))
    }

    /// Lets time pass, in seconds, and what is due happen.
    public func advance(by seconds: TimeInterval) async throws {
        time.with { $0.pass(seconds.milliseconds) }
        try await tick()
    }

    /// Sets the clock to an instant in RFC 3339, also to an earlier one or another offset, as a person can. Nothing is due
    /// before the next call.
    public func setTime(_ now: String) async throws {
        let moment = try Moment(now)
        time.with { $0 = moment }
        try await tellTime()
    }

    /// Lets what is due by now happen.
    public func tick() async throws {
        try await tellTime()
        try await native { try $0.tick() }
        try await settle()
    }

    /// Every message that was drawn and seen so far, the oldest first.
    public func shown() async throws -> [Shown] {
        try await settle()
        return seen
    }

    /// What is offered now and not drawn yet.
    public func offered() async throws -> [Presentation] {
        try await settle()
        return offers
    }

    /// Draws an offer, and a person sees it.
    @discardableResult
    public func show(_ presentation: Presentation) async throws -> Shown {
        try await settled(try await draw(presentation))
    }

    /// Everything that was taken off the screen, or back, so far; the oldest first.
    public func withdrawn() async throws -> [Withdrawal] {
        try await settle()
        return gone
    }

    /// What became of each campaign that was looked at since the last call, at most 256; the oldest first.
    public func decisions() async throws -> [Decision] {
        try await native { try $0.takeDecisions().map(Decision.init) }
    }

    /// Why a campaign is, or is not, shown now.
    public func why(_ campaign: String) async throws -> Explanation {
        try await client.explain(campaign)
    }

    /// What is recorded since the last call, as JSON Lines; acknowledged.
    public func export() async throws -> [String] {
        var lines: [String] = []
        for try await batch in client.export(max: .max) {
            lines += batch.records
            try await batch.acknowledge()
        }
        return lines
    }

    /// Closes, and opens the store again as the app's next process would. Without a file it starts empty.
    public func reopen() async throws {
        try await client.close()
        opens += 1
        offers = []
        (client, news) = Self.open(playbook, store, consent, locale, time, "\(seed)/\(opens)")
        try await client.ready()
        try await settle()
    }

    /// Closes the client.
    public func close() async throws {
        try await client.close()
    }

    /// For this package's own tests: every offer so far, each as often as it was made; the oldest first.
    package func announced() async throws -> [Presentation] {
        try await settle()
        return announcements
    }

    /// For this package's own tests: the person's locale from the next ``reopen()`` on.
    package func setLocale(_ locale: Locale) {
        self.locale = locale
    }

    /// For this package's own tests: what no app says, because it has no presentation in its hands.
    package func native<T: Sendable>(_ call: @escaping @Sendable (Core.Native) throws -> T) async throws -> T {
        try await client.core.wait(call)
    }

    private static func open(
        _ playbook: Playbook, _ store: Store, _ consent: Consent, _ locale: Locale, _ time: Locked<Moment>,
        _ seed: String
    ) -> (HearkenClient, News) {
        let manual = Options.Manual(now: time.with { $0.milliseconds }, seed: seed)
        let options = Options(
            playbook: playbook, store: store, consent: consent, locale: locale, canDisplay: true, manual: manual,
            offset: { time.with { $0.offset } })
        let core = Core(options)
        let news = News(offers: core.told.offers.mailbox(), withdrawals: core.told.withdrawals.mailbox())
        return (HearkenClient(core: core), news)
    }

    private func tellTime() async throws {
        let now = time.with { $0.milliseconds }
        try await native { try $0.setNow(nowMs: now) }
    }

    @discardableResult
    private func settled<T>(_ result: T) async throws -> T {
        try await settle()
        return result
    }

    private func settle() async throws {
        while true {
            try await native { try $0.settle() }
            let withdrawn = news.withdrawals.take()
            let offered = news.offers.take().map { Presentation($0, core: client.core) }
            announcements += offered
            offers.removeAll { known in offered.contains { $0.id == known.id } }
            offers += offered
            gone += withdrawn
            offers.removeAll { offer in withdrawn.contains { $0.presentation == offer.id } }
            if !draws || offers.isEmpty { return }
            for offer in offers {
                // Refused at the last moment, it is no message that was shown.
                do { try await draw(offer) } catch HearkenError.rejected {}
            }
        }
    }

    @discardableResult
    private func draw(_ presentation: Presentation) async throws -> Shown {
        offers.removeAll { $0.id == presentation.id }
        let drawn = try await presentation.begun()
        drawn.visible()
        let shown = Shown(presentation: presentation, drawn: drawn)
        seen.append(shown)
        return shown
    }
}

/// What the client said since it was last asked.
private struct News {
    let offers: Mailbox<Offered>
    let withdrawals: Mailbox<Withdrawal>
}

/// An instant, in the person's offset.
private struct Moment: Sendable {
    /// Since the Unix epoch.
    var milliseconds: Int64
    /// Minutes that local time is ahead of UTC.
    var offset: Int32

    var date: Date { Date(timeIntervalSince1970: Double(milliseconds) / 1000) }

    init(_ text: String) throws {
        let format = ISO8601DateFormatter()
        format.formatOptions = .withInternetDateTime
        if text.contains(".") { format.formatOptions.insert(.withFractionalSeconds) }
        guard let date = format.date(from: text) else {
            throw HearkenError.rejected(code: "time", message: "`\(text)` is no instant in RFC 3339")
        }
        milliseconds = date.timeIntervalSince1970.milliseconds
        offset = Self.offset(text.suffix(6))
    }

    /// Stops at the end of time.
    mutating func pass(_ more: Int64) {
        let (sum, isPast) = milliseconds.addingReportingOverflow(more)
        milliseconds = isPast ? (more < 0 ? .min : .max) : sum
    }

    /// Of `+02:00`; anything else is UTC.
    private static func offset(_ suffix: Substring) -> Int32 {
        guard let sign = suffix.first, sign == "+" || sign == "-" else { return 0 }
        let parts = suffix.dropFirst().split(separator: ":").compactMap { Int32($0) }
        guard parts.count == 2 else { return 0 }
        return (sign == "-" ? -1 : 1) * (parts[0] * 60 + parts[1])
    }
}
