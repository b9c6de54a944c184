public import Foundation
internal import HearkenGenerated

/// What an erasure deleted.
public struct Receipt: Sendable, Hashable {
    /// The profiles of which nothing is left: the keys by which a warehouse deletes.
    public let profiles: [String]
    /// The id of the journal that begins here.
    public let journal: String
}

/// Who is there now, as a preference centre shows it.
public struct Person: Sendable, Hashable {
    /// The profile's id; `nil` before anything is recorded.
    public let profile: String?
    /// The id that the app identified the person by.
    public let user: String?
    /// What the person agreed to. To turn one switch: change a copy, and hand it to ``HearkenClient/setConsent(_:)``.
    public let consent: Consent
    /// The attributes that are set.
    public let attributes: [String: PropertyValue]
}

/// What the playbook in force asks of whoever draws its messages.
public struct Needs: Sendable, Hashable {
    /// How messages look: the playbook's `theme`.
    public let theme: PropertyValue?
    /// How long a message has to be seen before ``Drawn/visible()`` is said, in seconds.
    public let impression: TimeInterval
}

extension HearkenClient {
    /// Who is there now: what a preference centre shows before anything is changed.
    ///
    /// - Throws: ``HearkenError/notOwner`` if another process owns the store; ``HearkenError/closed``.
    public func person() async throws -> Person {
        let person = try await core.wait { native in try native.person() }
        return Person(
            profile: person.profile, user: person.user, consent: Consent(person.consent),
            attributes: person.attributes.mapValues(PropertyValue.init))
    }

    /// What the playbook in force asks of whoever draws its messages; `nil` if none is in force.
    ///
    /// - Throws: ``HearkenError/notOwner`` if another process owns the store; ``HearkenError/closed``.
    public func needs() async throws -> Needs? {
        let needs = try await core.wait { native in try native.needs() }
        return needs.map { needs in
            Needs(theme: needs.theme.map(PropertyValue.init), impression: TimeInterval(needs.impressionMs) / 1000)
        }
    }

    /// The words that a renderer needs beside those of a message, in the person's locale: `close`, `back`, `next`, `send`,
    /// `required`, `email`, `other`, `unread`, `pinned`, `inbox`, `empty`, `remove`; in English where the playbook brings no
    /// others.
    ///
    /// - Throws: ``HearkenError/notOwner`` if another process owns the store; ``HearkenError/closed``.
    public func words() async throws -> [String: String] {
        try await core.wait { native in try native.words() }
    }

    /// The person has a name: an id of the app's own. An anonymous profile gets it; where somebody else was known, that
    /// person's profile becomes current, and what was open for the one before is taken back.
    ///
    /// - Throws: ``HearkenError/rejected(code:message:)`` if it is no name, or the library is switched off;
    ///   ``HearkenError/notOwner`` in a guest; ``HearkenError/backpressure``; what ``HearkenClient/ready()`` throws.
    public func identify(_ user: String) async throws {
        try await core.wait { native in
            try native.ready()
            try Verdict(try native.identify(user: user)).get()
        }
    }

    /// The person left: a new, anonymous profile is current from here on. Waits for nothing.
    @discardableResult
    public func reset() -> Verdict {
        core.say("reset") { native in Verdict(try native.reset()) }
    }

    /// Sets an attribute of the person; `nil` removes it. Waits for nothing.
    @discardableResult
    public func setAttribute(_ name: String, _ value: PropertyValue) -> Verdict {
        attribute(name, value) { .set(value: $0) }
    }

    /// Removes an attribute. Waits for nothing.
    @discardableResult
    public func unsetAttribute(_ name: String) -> Verdict {
        attribute(name, .null) { _ in .unset }
    }

    /// Adds to an attribute that is a number; one that is not there counts as 0. Waits for nothing.
    @discardableResult
    public func increment(_ name: String, by number: PropertyValue) -> Verdict {
        attribute(name, number) { .increment(by: $0) }
    }

    /// Adds a value to an attribute that is a list, if it is not there yet. Waits for nothing.
    @discardableResult
    public func append(_ value: PropertyValue, to name: String) -> Verdict {
        attribute(name, value) { .append(value: $0) }
    }

    /// Takes a value out of an attribute that is a list. Waits for nothing.
    @discardableResult
    public func remove(_ value: PropertyValue, from name: String) -> Verdict {
        attribute(name, value) { .remove(value: $0) }
    }

    private func attribute(
        _ name: String, _ value: PropertyValue, _ change: (HearkenGenerated.PropertyValue) -> AttributeChange
    ) -> Verdict {
        converted(value, at: name) { [core] value in
            let change = change(value)
            return core.say("attribute \(name)") { native in
                Verdict(try native.changeAttribute(name: name, change: change))
            }
        }
    }

    /// The person's choice of purposes. Without messaging, what is open is taken back at once. Waits for nothing.
    /// `purging`, nothing that was recorded before is exported any more: it leaves the store.
    @discardableResult
    public func setConsent(_ consent: Consent, purging: Bool = false) -> Verdict {
        core.say("consent") { native in Verdict(try native.setConsent(purposes: consent.purposes, purge: purging)) }
    }

    /// Switches the library off: it records nothing and shows nothing, also after a restart, until ``enable()``.
    @discardableResult
    public func disable() -> Verdict {
        core.say("disable") { native in Verdict(try native.setEnabled(enabled: false)) }
    }

    /// Switches the library on again.
    @discardableResult
    public func enable() -> Verdict {
        core.say("enable") { native in Verdict(try native.setEnabled(enabled: true)) }
    }

    /// What this device knows of the person and another may take over, as JSON.
    ///
    /// - Throws: ``HearkenError/notOwner`` in a guest; what ``HearkenClient/ready()`` throws.
    public func exportState() async throws -> String {
        try await core.wait { native in try native.exportState() }
    }

    /// Takes over what ``exportState()`` gave on another device, or before the storage was lost.
    ///
    /// - Throws: ``HearkenError/rejected(code:message:)`` if it is another person's, so identify first; or no such document;
    ///   ``HearkenError/notOwner`` in a guest; ``HearkenError/backpressure``; what ``HearkenClient/ready()`` throws.
    public func importState(_ document: String) async throws {
        try await core.wait { native in
            try native.ready()
            try native.importState(document: document)
        }
    }

    /// Deletes everything: profiles, journal, inbox, what was not exported, damaged copies. A new journal begins with the
    /// receipt and the consent in force; the playbook is installed again.
    ///
    /// - Throws: ``HearkenError/storeUnavailable(_:)``: nothing is deleted yet, or ever if the store goes on failing;
    ///   ``HearkenError/notOwner`` in a guest; what ``HearkenClient/ready()`` throws.
    @discardableResult
    public func erase() async throws -> Receipt {
        let receipt = try await core.wait { native in try native.erase() }
        return Receipt(profiles: receipt.profiles, journal: receipt.journal)
    }
}
