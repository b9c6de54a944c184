import Foundation
import Hearken
import Testing

/// The folder of the vectors, in the checkout.
let vectors: URL = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("tests/vectors")

/// One campaign, `cart-reminder`, on `cart_updated` with at least one item.
let slice = Playbook.file(vectors.appendingPathComponent("playbooks/slice.json"))

/// A folder that is removed with its test.
final class Folder: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("hearken-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    func file(_ name: String) -> URL {
        url.appendingPathComponent(name)
    }
}

/// Opens, and waits for it.
func opened(_ store: Store = .memory, _ playbook: Playbook = slice) async throws -> HearkenClient {
    let client = HearkenClient(playbook: playbook, store: store, consent: .all)
    try await client.ready()
    return client
}

extension HearkenClient {
    /// Everything that is recorded and not acknowledged yet.
    func exported() async throws -> [JSON] {
        var records: [JSON] = []
        for try await batch in export() { records += try batch.records.map { try JSON($0) } }
        return records
    }

    /// The first message on offer.
    func offer() async throws -> Presentation {
        for await offer in presentations() { return offer }
        throw HearkenError.closed
    }
}

extension AsyncSequence {
    /// All of it, at its end.
    func all() async throws -> [Element] {
        try await reduce(into: []) { $0.append($1) }
    }
}

/// The code of a refusal, or what else the verdict is.
func code(_ verdict: Verdict) -> String {
    switch verdict {
    case .accepted: "accepted"
    case .notConsented: "not_consented"
    case .disabled: "disabled"
    case .rejected(let code, _): code
    }
}

/// The error that the work ends with.
func thrown<T>(_ work: () async throws -> T) async -> HearkenError? {
    do {
        _ = try await work()
        return nil
    } catch {
        return error as? HearkenError
    }
}
