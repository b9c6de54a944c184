// What the tests start as another process on the same file.
import Foundation
import Hearken

func arguments() -> (what: String, playbook: Playbook, store: Store) {
    let arguments = CommandLine.arguments.dropFirst().map { String($0) }
    return (arguments[0], .file(URL(fileURLWithPath: arguments[1])), .file(URL(fileURLWithPath: arguments[2])))
}

func guest(_ client: HearkenClient) async throws {
    print("guest: \(try await client.isGuest())")
    print("track: \(client.track("product_viewed", ["sku": "the guest's"]))")
    if case .rejected(let code, _) = client.setAttribute("tier", "gold") { print("attribute: \(code)") }
    do {
        print("explain: \(try await client.explain("cart-reminder").outcome)")
    } catch {
        print("explain: \(error)")
    }
    try await client.flush()
    try await client.close()
    var offers = 0
    for await _ in client.presentations() { offers += 1 }
    print("offers: \(offers)")
}

func killed(_ client: HearkenClient) async throws {
    client.track("cart_updated", ["items": 1])
    for await offer in client.presentations() {
        _ = await offer.begin()
        print("drawn")
        fflush(nil)
        kill(getpid(), SIGKILL)
    }
}

/// No file may grow: as on a device that is full.
func limitFiles(_ bytes: rlim_t) {
    signal(SIGXFSZ, SIG_IGN)
    var limit = rlimit(rlim_cur: bytes, rlim_max: rlim_t.max)
    #if os(Linux)
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
    #else
        setrlimit(RLIMIT_FSIZE, &limit)
    #endif
}

func full(_ client: HearkenClient) async throws {
    let withdrawals = client.withdrawals()
    client.track("cart_updated", ["items": 1])
    for await offer in client.presentations() {
        limitFiles(0)
        print("begun: \(await offer.begin() != nil)")
        let report = await client.reports().first { $0.hasPrefix("begin \(offer.id)") }
        print("reported: \(report != nil)")
        limitFiles(.max)
        break
    }
    while (try? await client.flush()) == nil {}
    print("displaying: \(try await client.explain("cart-reminder").outcome == .displaying)")
    try await client.close()
    let gone = await withdrawals.first { _ in true }
    print("over: \(gone?.cause.rawValue ?? "never")")
}

let (what, playbook, store) = arguments()
let client = HearkenClient(playbook: playbook, store: store, consent: .all)
try await client.ready()
switch what {
case "guest": try await guest(client)
case "killed": try await killed(client)
case "full": try await full(client)
default: exit(2)
}
