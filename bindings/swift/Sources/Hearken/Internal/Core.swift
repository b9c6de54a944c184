import Foundation
package import HearkenGenerated

/// The native client on its way to being open. Calls that wait for nothing queue until it is there, in their order; the
/// others wait for it on a queue of their own, neither the caller's thread nor one of the cooperative pool.
package final class Core: Sendable {
    package typealias Native = HearkenCore

    private enum State {
        /// What was called so far.
        case opening([@Sendable (Native) -> Void])
        case open(Native)
        case failed(HearkenError)
        case closed
    }

    /// How many calls may wait for the playbook to be read; the native client's own queue has room for all of them.
    package static let early = 5_000

    package let told: Told
    private let state = Locked(State.opening([]))
    private let offset: @Sendable () -> Int32
    /// The offset that the native client has, in minutes.
    private let sentOffset: Locked<Int32>
    /// The native client, or why there is none; set once, before anything else runs on `queue`.
    private let opened = Locked<Result<Native, HearkenError>>(.failure(.closed))
    private let queue = DispatchQueue(label: "hearken", attributes: .concurrent)

    /// Returns at once.
    package init(_ options: Options) {
        let told = Told()
        self.told = told
        offset = options.offset
        sentOffset = Locked(options.offset())
        queue.async(flags: .barrier) { [self] in open(options) }
    }

    private func open(_ options: Options) {
        do {
            let native = try HearkenCore.open(config: try options.config(), observer: told)
            opened.with { $0 = .success(native) }
            catchUp(native)
            try native.ready()
        } catch {
            fail(HearkenError(error))
        }
    }

    /// Does what was called meanwhile; calls find the native client themselves once none is left.
    private func catchUp(_ native: Native) {
        while true {
            let calls: [@Sendable (Native) -> Void] = state.with { state in
                guard case .opening(let early) = state else { return [] }
                state = early.isEmpty ? .open(native) : .opening([])
                return early
            }
            if calls.isEmpty { return }
            calls.forEach { $0(native) }
        }
    }

    private func fail(_ error: HearkenError) {
        state.with { state in
            if case .closed = state { return }
            state = .failed(error)
        }
        opened.with { if case .failure = $0 { $0 = .failure(error) } }
        told.reports.send("the client could not be opened: \(error.localizedDescription)")
        told.end()
    }

    /// A call that waits for nothing and throws nothing. `what` names it in a report, should it be refused later.
    package func say(_ what: String, _ call: @escaping @Sendable (Native) throws -> Verdict) -> Verdict {
        enum Next {
            case call(Native)
            case answer(Verdict)
        }
        let next: Next = state.with { state in
            switch state {
            case .open(let native): return .call(native)
            case .failed(let error): return .answer(error.verdict)
            case .closed: return .answer(HearkenError.closed.verdict)
            case .opening(var early):
                if early.count >= Self.early { return .answer(HearkenError.backpressure.verdict) }
                // Its own copy would make every call copy all those before it.
                state = .opening([])
                early.append { [weak self] native in self?.late(what, native, call) }
                state = .opening(early)
                return .answer(.accepted)
            }
        }
        switch next {
        case .call(let native): return verdict(native, call)
        case .answer(let verdict): return verdict
        }
    }

    private func late(_ what: String, _ native: Native, _ call: (Native) throws -> Verdict) {
        if case .rejected(let code, let message) = verdict(native, call) {
            told.reports.send("\(what): \(code): \(message)")
        }
    }

    private func verdict(_ native: Native, _ call: (Native) throws -> Verdict) -> Verdict {
        do {
            atLocalTime(native)
            return try call(native)
        } catch {
            return HearkenError(error).verdict
        }
    }

    /// A call that may wait for the disk, once the native client is there, off the caller's thread.
    package func wait<T: Sendable>(_ call: @escaping @Sendable (Native) throws -> T) async throws -> T {
        try await blocking { [self] in
            let native = try opened.with { $0 }.get()
            atLocalTime(native)
            return try call(native)
        }
    }

    private func blocking<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            queue.async {
                continuation.resume(with: Result(catching: work).mapError(HearkenError.init))
            }
        }
    }

    /// Tells the native client of another time zone, or of summer time, when it comes.
    private func atLocalTime(_ native: Native) {
        let now = offset()
        let isNew = sentOffset.with { sent in
            defer { sent = now }
            return sent != now
        }
        if isNew { native.setOffset(offsetMin: now) }
    }

    /// Waits for the disk.
    func close() async throws {
        try await blocking { [self] in
            let native: Native? = state.with { state in
                defer { state = .closed }
                guard case .open(let native) = state else { return nil }
                return native
            }
            try native?.shutdown()
        }
    }
}
