public import Foundation
internal import HearkenGenerated

/// A Hearken client: decides on the device which message a person sees, when and why, and keeps a journal of it.
///
/// Everything is safe to call from any thread. What is `async` waits on a queue of the client's own; everything else waits
/// for nothing. A client that is released closes by itself.
public final class HearkenClient: Sendable {
    package let core: Core

    /// Opens a client. Returns at once: playbook and store are opened off the caller's thread, and calls queue until they are.
    ///
    /// - Parameters:
    ///   - playbook: What the app ships.
    ///   - store: Where the journal is kept.
    ///   - consent: What the person agreed to so far; it serves only the first profile of a store. What the person chooses later
    ///     is said by ``setConsent(_:purging:)``.
    ///   - locale: The person's locale.
    ///   - canDisplay: Whether the app's screen can be seen from the start.
    ///   - retention: How long, and how much, is kept of what no export has taken.
    ///   - publicKey: The Ed25519 key, 32 bytes, that playbooks have to be ``Playbook/signed(_:)`` for; `nil` asks for none.
    public convenience init(
        playbook: Playbook,
        store: Store = .named("default"),
        consent: Consent,
        locale: Locale = .current,
        canDisplay: Bool = true,
        retention: Retention = Retention(),
        publicKey: Data? = nil
    ) {
        let options = Options(
            playbook: playbook, store: store, consent: consent, locale: locale, canDisplay: canDisplay,
            retention: retention, publicKey: publicKey)
        self.init(core: Core(options))
    }

    package init(core: Core) {
        self.core = core
    }

    deinit {
        core.told.end()
    }

    /// Returns when the client is open.
    ///
    /// - Throws: ``HearkenError/invalidPlaybook(path:details:)`` if the playbook cannot be used, and the store has no good
    ///   one either; ``HearkenError/invalidOption(option:message:)``; ``HearkenError/newerFormat(_:)``;
    ///   ``HearkenError/storeUnavailable(_:)``; ``HearkenError/closed``.
    public func ready() async throws {
        try await core.wait { native in try native.ready() }
    }

    /// Whether another process owns the store: this one hands its events over, and shows nothing. Returns when open.
    ///
    /// - Throws: What ``ready()`` throws.
    public func isGuest() async throws -> Bool {
        try await core.wait { native in
            try native.ready()
            return try native.isGuest()
        }
    }

    /// Records an event. Waits for nothing; it is stored in the background.
    @discardableResult
    public func track(_ name: String, _ properties: [String: PropertyValue] = [:]) -> Verdict {
        converted(properties, at: name) { [core] values in
            core.say("track \(name)") { native in Verdict(try native.track(name: name, properties: values)) }
        }
    }

    /// Installs a playbook while the app runs.
    ///
    /// - Throws: ``HearkenError/invalidPlaybook(path:details:)``: what is wrong with it, and where;
    ///   ``HearkenError/rejected(code:message:)`` if its revision is lower, or the same with another content. The last good
    ///   one stays. Besides ``HearkenError/notOwner`` in a guest; ``HearkenError/backpressure``; what ``ready()`` throws.
    public func install(_ playbook: Playbook) async throws {
        try await core.wait { native in
            let document = try playbook.read()
            try native.ready()
            try native.install(playbook: document, signature: playbook.signature)
        }
    }

    /// What a campaign would show this person, whatever holds it back; its first variant, unless one is named. Nothing is
    /// recorded.
    ///
    /// - Throws: ``HearkenError/rejected(code:message:)``: it would show nothing, and why; ``HearkenError/notOwner`` in a
    ///   guest; what ``ready()`` throws.
    public func preview(_ campaign: String, variant: String? = nil) async throws -> Message {
        try await core.wait { native in Message(try native.preview(campaign: campaign, variant: variant)) }
    }

    /// Messages to draw. Each call has its own stream, which starts with what is offered and not yet drawn; who calls
    /// ``Presentation/begin()`` first has the message. Ends when the client closes or cannot be opened, and at nothing else.
    public func presentations() -> AsyncStream<Presentation> {
        let offers = core.told.offers.open()
        return AsyncStream { [core] in
            await offers.next().map { Presentation($0, core: core) }
        }
    }

    /// Presentations that are over, from here on. Ends when the client closes or cannot be opened.
    public func withdrawals() -> AsyncStream<Withdrawal> {
        core.told.withdrawals.stream()
    }

    /// What a developer should know, such as a damaged store that was kept aside; the latest 64, and those to come. Ends when
    /// the client closes or cannot be opened, after the report that says why.
    public func reports() -> AsyncStream<String> {
        core.told.reports.stream()
    }

    /// A presentation by its id, for a screen that the system restored with a message on it: what the person did with it
    /// still counts.
    public func drawn(_ id: String) -> Drawn {
        Drawn(id: id, core: core)
    }

    /// Why a campaign is, or is not, shown now: the same walk that decides.
    ///
    /// - Throws: ``HearkenError/notOwner`` in a guest; what ``ready()`` throws.
    public func explain(_ campaign: String) async throws -> Explanation {
        try await core.wait { native in Explanation(try native.explain(campaign: campaign)) }
    }

    /// Returns when everything before it survives the end of the process.
    ///
    /// - Throws: ``HearkenError/storeUnavailable(_:)``: the store fails now, and what is not stored yet is tried again; or it
    ///   failed for so long that what was not stored is lost, which the message says and the journal keeps as `$journal_gap`.
    ///   Besides what ``ready()`` throws.
    public func flush() async throws {
        try await core.wait { native in try native.flush() }
    }

    /// Returns when everything before it survives a loss of power.
    ///
    /// - Throws: ``HearkenError/storeUnavailable(_:)``: the store fails now, and what is not stored yet is tried again; or it
    ///   failed for so long that what was not stored is lost, which the message says and the journal keeps as `$journal_gap`.
    ///   Besides what ``ready()`` throws.
    public func flushDurable() async throws {
        try await core.wait { native in try native.flushDurable() }
    }

    /// What is recorded and not acknowledged yet, oldest first. The next batch comes once ``ExportBatch/acknowledge()`` was
    /// called for the one before; the stream ends at the end, or where a batch was not acknowledged.
    ///
    /// - Parameters:
    ///   - max: Records in a batch; what one step wrote stays together.
    ///   - encoding: How the records are written.
    ///   - withPersonal: Whether properties that the plan marks as personal are part of it.
    /// - Returns: The batches. The stream throws ``HearkenError/storeUnavailable(_:)`` where the store fails: nothing is lost,
    ///   and the next export begins with the same batch; ``HearkenError/notOwner`` in a guest; what ``ready()`` throws.
    public func export(
        max: Int = 500, encoding: Encoding = .native, withPersonal: Bool = false
    ) -> AsyncThrowingStream<ExportBatch, any Error> {
        let exporting = Exporting(core: core, max: max, encoding: encoding, withPersonal: withPersonal)
        return AsyncThrowingStream { try await exporting.next() }
    }

    /// Stores what is left and closes. Every later call is refused as `closed`; nothing happens the second time.
    ///
    /// - Throws: ``HearkenError/storeUnavailable(_:)`` if something could not be stored.
    public func close() async throws {
        defer { core.told.end() }
        try await core.close()
    }
}
