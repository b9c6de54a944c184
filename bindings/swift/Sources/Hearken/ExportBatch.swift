internal import HearkenGenerated

/// A part of the journal, to be sent wherever the app sends it.
public final class ExportBatch: Sendable {
    /// One JSON document per record, oldest first; a record that comes again has the very same bytes.
    public let records: [String]
    /// All of them as the body of one request.
    public let body: String
    /// The body's media type.
    public let contentType: String
    /// The journal's id: new whenever a journal starts anew.
    public let journal: String
    private let through: UInt64
    private let core: Core
    private let acknowledged = Locked(false)

    init(_ part: ExportPart, core: Core) {
        records = part.lines
        body = part.body
        contentType = part.contentType
        journal = part.journal
        through = part.through
        self.core = core
    }

    /// Whether the records never come again.
    var isAcknowledged: Bool { acknowledged.with { $0 } }

    /// Says that the records have arrived: they never come again. Returns when that is stored.
    ///
    /// - Throws: ``HearkenError/storeUnavailable(_:)`` if it could not be stored: the records come again.
    public func acknowledge() async throws {
        try await core.wait { [journal, through] native in
            try native.acknowledge(journal: journal, through: through)
        }
        acknowledged.with { $0 = true }
    }
}

/// The batches of one export, one after the other.
final class Exporting: Sendable {
    private let core: Core
    private let max: UInt32
    private let encoding: HearkenGenerated.Encoding
    private let withPersonal: Bool
    private let last = Locked<ExportBatch?>(nil)

    init(core: Core, max: Int, encoding: Encoding, withPersonal: Bool) {
        self.core = core
        self.max = UInt32(clamping: Swift.max(1, max))
        self.encoding = encoding.generated
        self.withPersonal = withPersonal
    }

    /// The next batch; none at the end, or where the one before was not acknowledged.
    func next() async throws -> ExportBatch? {
        if let last = last.with({ $0 }), !last.isAcknowledged { return nil }
        while let part = try await core.wait({ [max, encoding, withPersonal] native in
            try native.exportPart(max: max, encoding: encoding, withPii: withPersonal)
        }) {
            let batch = ExportBatch(part, core: core)
            if !part.lines.isEmpty {
                last.with { $0 = batch }
                return batch
            }
            // Nothing to send: the person's consent kept all of it here.
            try await batch.acknowledge()
        }
        return nil
    }
}

/// How an export writes its records. Every encoding says the same.
public enum Encoding: Sendable, Hashable, CaseIterable {
    /// Hearken's own lines: JSON Lines.
    case native
    /// Messages of Segment's HTTP API; the body is a batch.
    case segment
    /// CloudEvents 1.0 in JSON; the body is a batch.
    case cloudEvents

    fileprivate var generated: HearkenGenerated.Encoding {
        switch self {
        case .native: .native
        case .segment: .segment
        case .cloudEvents: .cloudEvents
        }
    }
}
