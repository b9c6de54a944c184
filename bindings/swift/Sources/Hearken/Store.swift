public import Foundation

/// How long, and how much, is kept of what no export has taken, whichever is reached first. What is given up then is recorded
/// as `$journal_gap`.
public struct Retention: Sendable, Hashable {
    /// How long, in seconds.
    public var age: TimeInterval
    /// How large the store may become.
    public var bytes: Int

    /// 90 days and 50 MB, unless said otherwise.
    public init(age: TimeInterval = 90 * 86_400, bytes: Int = 50_000_000) {
        self.age = age
        self.bytes = bytes
    }
}

/// Where a client keeps its journal.
public enum Store: Sendable, Hashable {
    /// Nowhere: gone with the client.
    case memory
    /// In a file, in a folder that exists.
    case file(URL)
    /// In a file of this name in the app's Application Support, which is no part of backups. Two names never share a file.
    case named(String)

    /// The file's path; makes the folder of a named store. Waits for the disk.
    package func path() throws -> String? {
        switch self {
        case .memory:
            return nil
        case .file(let url):
            return url.path
        case .named(let name):
            do {
                let support = try FileManager.default.url(
                    for: .applicationSupportDirectory, in: .userDomainMask, appropriateFor: nil, create: true)
                return try Self.file(of: name, in: support).path
            } catch {
                throw HearkenError.storeUnavailable("Application Support: \(error)")
            }
        }
    }

    /// The file of a named store; makes its folder, and leaves it out of backups.
    package static func file(of name: String, in support: URL) throws -> URL {
        let folder = support.appendingPathComponent("hearken", isDirectory: true)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        #if canImport(Darwin)
            var values = URLResourceValues()
            values.isExcludedFromBackup = true
            var kept = folder
            try kept.setResourceValues(values)
        #endif
        let allowed = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-_"))
        let encoded = name.addingPercentEncoding(withAllowedCharacters: allowed) ?? "default"
        return folder.appendingPathComponent("\(encoded).db")
    }
}
