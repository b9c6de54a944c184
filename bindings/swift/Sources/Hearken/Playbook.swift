public import Foundation

/// A playbook: the one JSON document that an app loads. It is read off the caller's thread, when a client opens.
public struct Playbook: Sendable {
    private let place: String
    private let source: @Sendable () throws -> Data?
    var signature: Data?

    /// `place` names it in errors; `source` may wait for the disk.
    package init(place: String, source: @escaping @Sendable () throws -> Data?) {
        self.place = place
        self.source = source
    }

    /// The same playbook with its detached Ed25519 signature: 64 bytes, of the document's bytes, for a client that asks for one.
    public func signed(_ signature: Data) -> Playbook {
        var signed = self
        signed.signature = signature
        return signed
    }

    /// The JSON document itself.
    public static func text(_ json: String) -> Playbook {
        Playbook(place: "text") { Data(json.utf8) }
    }

    /// The JSON document as UTF-8.
    public static func data(_ json: Data) -> Playbook {
        Playbook(place: "data") { json }
    }

    /// A UTF-8 file.
    public static func file(_ url: URL) -> Playbook {
        Playbook(place: url.path) { try Data(contentsOf: url) }
    }

    /// The resource `name.json` of a bundle.
    public static func bundled(_ name: String, in bundle: Bundle = .main) -> Playbook {
        let url = bundle.url(forResource: name, withExtension: "json")
        return Playbook(place: "\(name).json") { try url.map { try Data(contentsOf: $0) } }
    }

    /// The document; waits for the disk.
    package func read() throws -> String {
        do {
            guard let data = try source() else {
                throw HearkenError.invalidPlaybook(path: place, details: "is not there")
            }
            guard let text = String(data: data, encoding: .utf8) else {
                throw HearkenError.invalidPlaybook(path: place, details: "is not UTF-8")
            }
            return text
        } catch let error as HearkenError {
            throw error
        } catch {
            throw HearkenError.invalidPlaybook(path: place, details: "cannot be read: \(error)")
        }
    }
}
