import Foundation
internal import HearkenGenerated

/// How a client is opened; `manual` and `offset` are for tests.
package struct Options: Sendable {
    let playbook: Playbook
    let store: Store
    let consent: Consent
    let locale: Locale
    let canDisplay: Bool
    let retention: Retention
    let publicKey: Data?
    let manual: Manual?
    /// Minutes that local time is ahead of UTC.
    let offset: @Sendable () -> Int32

    /// A time that a test moves.
    package struct Manual: Sendable {
        let now: Int64
        let seed: String

        /// `now` in milliseconds since the Unix epoch.
        package init(now: Int64, seed: String) {
            self.now = now
            self.seed = seed
        }
    }

    package init(
        playbook: Playbook,
        store: Store,
        consent: Consent,
        locale: Locale,
        canDisplay: Bool,
        retention: Retention = Retention(),
        publicKey: Data? = nil,
        manual: Manual? = nil,
        offset: @escaping @Sendable () -> Int32 = { Int32(TimeZone.autoupdatingCurrent.secondsFromGMT() / 60) }
    ) {
        self.playbook = playbook
        self.store = store
        self.consent = consent
        self.locale = locale
        self.canDisplay = canDisplay
        self.retention = retention
        self.publicKey = publicKey
        self.manual = manual
        self.offset = offset
    }

    /// Reads the playbook; waits for the disk.
    func config() throws -> Config {
        let path = try store.path()
        return Config(
            playbook: try playbook.read(),
            store: path.map { .file(path: $0) } ?? .memory,
            consent: consent.purposes,
            locale: locale.tag,
            offsetMin: offset(),
            canDisplay: canDisplay,
            retentionMs: retention.age.milliseconds,
            retentionBytes: UInt64(clamping: retention.bytes),
            publicKey: publicKey,
            signature: playbook.signature,
            platform: platform,
            manual: manual.map { ManualTime(nowMs: $0.now, seed: $0.seed) }
        )
    }
}

/// What conditions ask for as `$host.platform`.
private var platform: String {
    #if os(iOS)
        "ios"
    #elseif os(macOS)
        "macos"
    #elseif os(tvOS)
        "tvos"
    #elseif os(watchOS)
        "watchos"
    #elseif os(visionOS)
        "visionos"
    #elseif os(Windows)
        "windows"
    #elseif os(Android)
        "android"
    #else
        "linux"
    #endif
}

extension Locale {
    /// Its BCP 47 tag.
    var tag: String {
        if #available(iOS 16, macOS 13, *) { return identifier(.bcp47) }
        return identifier.prefix { $0 != "@" }.replacingOccurrences(of: "_", with: "-")
    }
}
