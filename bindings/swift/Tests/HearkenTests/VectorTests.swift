import Foundation
import Hearken
import HearkenTesting
import Testing

/// The cases that every language runs; their format is `tests/vectors/README.md`.
@Suite struct VectorTests {
    static let cases: [String] = {
        let index = try? JSON(contentsOf: vectors.appendingPathComponent("index.json"))
        return index?["cases"]?.list?.compactMap(\.text) ?? []
    }()

    @Test func theIndexNamesTheCases() {
        #expect(Self.cases.count >= 20)
    }

    @Test(arguments: cases) func vector(_ name: String) async throws {
        let folder = try Folder()
        let json = try JSON(contentsOf: vectors.appendingPathComponent("\(name).json"))
        let run = try Run(json, store: .file(folder.file("case.db")))
        try await run.all()
    }
}

/// One case, driven through the client as an app drives it.
private final class Run {
    private let json: JSON
    private let store: Store
    private var test: TestHearken?
    private var ids: [String: String] = [:]
    private var names: [String: String] = [:]
    private var announced = 0
    private var withdrawals = 0

    init(_ json: JSON, store: Store) throws {
        self.json = json
        self.store = store
    }

    func all() async throws {
        #expect(json["vector"] == .int(1), "the format's version")
        for (number, step) in try #require(json["steps"]?.list).enumerated() {
            try await run("step \(number): \(step["do"] ?? .null)", step)
        }
        try await test?.close()
    }

    private func run(_ place: String, _ step: JSON) async throws {
        let now = try #require(step["now"]?.text)
        let expect = try #require(step["expect"])
        let (verb, with) = try #require(step["do"]?.object?.first)
        let (verdict, rejection) = verb == "open" ? try await open(now, with) : try await act(now, verb, with)
        let test = try #require(test)
        #expect(verdict == expect["verdict"]?.text ?? "accepted", "\(place): verdict")
        if let expected = expect["rejection"] { #expect(rejection == expected.text, "\(place): rejection") }

        let offered = try await Array(test.announced().dropFirst(announced))
        announced += offered.count
        let expectedOffers = expect["offered"]?.list ?? []
        for (expected, offer) in zip(expectedOffers, offered) { call(offer.id, try text(expected["as"])) }
        let offers = try offered.enumerated().map { number, offer in
            try spokenOf(offer, expectedOffers.indices.contains(number) ? expectedOffers[number] : nil)
        }
        #expect(offers == expectedOffers, "\(place): offered")

        let withdrawn = try await test.withdrawn().dropFirst(withdrawals)
        withdrawals += withdrawn.count
        let gone = withdrawn.map { object(["presentation": names[$0.presentation], "cause": $0.cause.rawValue]) }
        #expect(gone == expect["withdrawn"]?.list ?? [], "\(place): withdrawn")

        let decisions = try await test.decisions().enumerated().map { number, decision in
            let expected = expect["decisions"]?.list ?? []
            let with = expected.indices.contains(number) ? expected[number]["with"] : nil
            var seen = fields(decision.outcome).compactMapValues { $0.map { JSON.text($0) } }
            seen["campaign"] = .text(decision.campaign)
            if let with, let reason = decision.outcome.stop?.details {
                seen["with"] = instants(spokenOf(try JSON(reason), with), with)
            }
            return JSON.object(seen)
        }
        if let expected = expect["decisions"]?.list { #expect(decisions == expected, "\(place): decisions") }

        let records = try await test.export().map { try JSON($0) }
        let exported = try #require((expect["exported"] ?? expect["records"])?.list).compactMap(\.text)
        #expect(records.types == exported, "\(place): exported")
        for (kind, fields) in expect["data"]?.object ?? [:] {
            let record = records.first { $0["type"] == .text(kind) }
            for (field, value) in fields.object ?? [:] {
                #expect(record?["data"]?[field] ?? .null == value, "\(place): \(kind).\(field)")
            }
        }
        if let expected = expect["inbox"] { try await inbox(place, expected, test) }
        for (metric, fields) in expect["success"]?.object ?? [:] { try await success(place, metric, fields, test) }
        for (campaign, fields) in expect["why"]?.object ?? [:] { try await why(place, campaign, fields, test) }
    }

    /// A name that is known stays with what it names: what is offered again has to be the same.
    private func call(_ id: String, _ name: String) {
        if ids[name] != nil { return }
        ids[name] = id
        names[id] = name
    }

    /// What was seen, with its instants written as the vector writes them.
    private func instants(_ seen: JSON, _ expected: JSON) -> JSON {
        var fields = seen.object ?? [:]
        let format = ISO8601DateFormatter()
        for (name, value) in expected.object ?? [:] {
            format.formatOptions = .withInternetDateTime
            if value.text?.contains(".") == true { format.formatOptions.insert(.withFractionalSeconds) }
            guard let at = value.text.flatMap({ format.date(from: $0) }) else { continue }
            if fields[name] == .int(Int((at.timeIntervalSince1970 * 1000).rounded())) { fields[name] = value }
        }
        return .object(fields)
    }

    /// An offer with the fields that the vector speaks of.
    private func spokenOf(_ offer: Presentation, _ expected: JSON?) throws -> JSON {
        var seen: [String: JSON] = [
            "as": names[offer.id].map { .text($0) } ?? .null, "campaign": .text(offer.campaign),
            "channel": .text(offer.channel),
        ]
        let all: [String: JSON] = [
            "variant": offer.variant.map { .text($0) } ?? .null,
            "placement": offer.placement.map { .text($0) } ?? .null,
            "message": try JSON(offer.message.document),
        ]
        for (field, value) in expected?.object ?? [:] {
            if let whole = all[field] { seen[field] = spokenOf(whole, value) }
        }
        return .object(seen)
    }

    /// The part of what was seen that `expected` speaks of: its fields, one by one; a list only as a whole, item by item.
    private func spokenOf(_ seen: JSON, _ expected: JSON) -> JSON {
        if let fields = seen.object, let expected = expected.object {
            let part = expected.map { name, value in (name, spokenOf(fields[name] ?? .null, value)) }
            return .object(Dictionary(uniqueKeysWithValues: part))
        }
        if let items = seen.list, let expected = expected.list, items.count == expected.count {
            return .list(zip(items, expected).map { spokenOf($0, $1) })
        }
        return seen
    }

    /// The inbox by what the vector speaks of; later steps call its cards by the names given here.
    private func inbox(_ place: String, _ expected: JSON, _ test: TestHearken) async throws {
        let inbox = try JSON(try await test.native { try $0.inboxDocument() })
        let expectedCards = expected["cards"]?.list ?? []
        let cards = inbox["cards"]?.list ?? []
        for (expected, card) in zip(expectedCards, cards) {
            call(try text(card["card"]), try text(expected["as"]))
        }
        let seen = try cards.enumerated().map { number, card -> JSON in
            let part = expectedCards.indices.contains(number) ? spokenOf(card, expectedCards[number]) : card
            var fields = part.object ?? [:]
            fields["as"] = names[try text(card["card"])].map { .text($0) } ?? .null
            fields["campaign"] = card["campaign"]
            return .object(fields)
        }
        #expect(seen == expectedCards, "\(place): cards")
        if let unread = expected["unread"] { #expect(inbox["unread"] == unread, "\(place): unread") }
    }

    private func success(_ place: String, _ metric: String, _ expected: JSON, _ test: TestHearken) async throws {
        let report = try JSON(try await test.native { try $0.successDocument() })
        let seen = (report["metrics"]?.list ?? []).first { $0["metric"] == .text(metric) } ?? .null
        #expect(spokenOf(seen, expected) == expected, "\(place): success of \(metric)")
    }

    private func why(_ place: String, _ campaign: String, _ expected: JSON, _ test: TestHearken) async throws {
        let why = try await test.why(campaign)
        let seen = fields(why.outcome)
        for (field, value) in try #require(expected.object) {
            if field == "next_eligible_at" {
                let format = ISO8601DateFormatter()
                let at = try #require(format.date(from: value.text ?? ""))
                #expect(why.nextEligibleAt == at, "\(place): why \(campaign).\(field)")
            } else {
                #expect(seen[field] == value.text, "\(place): why \(campaign).\(field)")
            }
        }
    }

    private func fields(_ outcome: Outcome) -> [String: String?] {
        let name =
            switch outcome {
            case .offered: "offered"
            case .displaying: "displaying"
            case .eligible: "eligible"
            case .waiting: "waiting"
            case .stopped: "stopped"
            }
        guard let stop = outcome.stop else { return ["outcome": name] }
        return ["outcome": name, "stage": stop.stage, "reason": stop.reason]
    }

    private func object(_ fields: [String: String?]) -> JSON {
        .object(fields.compactMapValues { $0.map { JSON.text($0) } })
    }

    private func open(_ now: String, _ with: JSON) async throws -> (String, String?) {
        let locale = Locale(identifier: with["locale"]?.text ?? "en")
        if let test {
            try await test.setTime(now)
            await test.setLocale(locale)
            try await test.reopen()
        } else {
            test = try await TestHearken(
                playbook: try playbook(json["playbook"]), now: now, consent: consent(json["consent"]), store: store,
                locale: locale, draws: false)
        }
        return ("accepted", nil)
    }

    private func act(_ now: String, _ verb: String, _ with: JSON) async throws -> (String, String?) {
        let test = try #require(test)
        try await test.setTime(now)
        let client = await test.client
        // What has more to it than the client's own call takes is handed on as it is.
        if with["at"] != nil || with["op"] != nil || (verb == "consent" && with.object != nil) {
            return try await input(verb, with, test)
        }
        switch verb {
        case "track":
            let properties = with["properties"]?.object?.mapValues(\.property) ?? [:]
            return said(client.track(try text(with["name"]), properties))
        case "attribute":
            return said(client.setAttribute(try text(with["name"]), (with["value"] ?? .null).property))
        case "consent": return said(client.setConsent(consent(with)))
        case "can_display": return said(client.setCanDisplay(with == .bool(true)))
        case "install": return try await trying { try await client.install(try playbook(with)) }
        case "displaying": return try await trying { try await begin(try id(with), test) }
        case "visible": return said(client.drawn(try id(with)).visible())
        case "dismiss": return said(client.drawn(try id(with)).dismiss())
        case "click": return said(client.drawn(try id(with["presentation"])).click(try text(with["target"])))
        case "ended":
            let cause = try #require(Departure(rawValue: try text(with["cause"])))
            return said(client.drawn(try id(with["presentation"])).ended(cause))
        case "answer":
            return try await trying {
                try await answer(try id(with["presentation"]), try text(with["answer"]), test)
            }
        case "tick": return try await trying { try await test.tick() }
        default: return try await input(verb, with, test)
        }
    }

    /// Any other input of the engine, as its JSON; what it calls by a name has an id.
    private func input(_ verb: String, _ with: JSON, _ test: TestHearken) async throws -> (String, String?) {
        var content = with
        if var fields = with.object {
            for field in ["presentation_id", "card"] {
                if let name = fields[field]?.text, let id = ids[name] { fields[field] = .text(id) }
            }
            content = .object(fields)
        }
        let json = String(decoding: try JSONEncoder().encode(JSON.object([verb: content])), as: UTF8.self)
        return said(try await test.native { Verdict(try $0.handleInput(json: json)) })
    }

    private func begin(_ id: String, _ test: TestHearken) async throws {
        if let offer = try await test.offered().first(where: { $0.id == id }) {
            _ = try await offer.begun()
        } else {
            try await test.native { try $0.begin(presentationId: id) }
        }
    }

    private func answer(_ id: String, _ answer: String, _ test: TestHearken) async throws {
        guard let offer = try await test.offered().first(where: { $0.id == id }) else {
            try await test.native {
                try $0.answer(presentationId: id, answer: answer == "later" ? .later(afterMs: nil) : .discard)
            }
            return
        }
        if answer == "later" { try await offer.later() } else { try await offer.discard() }
    }

    private func text(_ json: JSON?) throws -> String {
        try #require(json?.text)
    }

    private func id(_ name: JSON?) throws -> String {
        try #require(ids[try text(name)])
    }

    private func said(_ verdict: Verdict) -> (String, String?) {
        switch verdict {
        case .accepted: ("accepted", nil)
        case .notConsented: ("not_consented", nil)
        case .disabled: ("disabled", nil)
        case .rejected(let code, _): ("rejected", code)
        }
    }

    private func trying(_ work: () async throws -> Void) async throws -> (String, String?) {
        do {
            try await work()
            return ("accepted", nil)
        } catch HearkenError.rejected(let code, _) {
            return ["disabled", "not_consented"].contains(code) ? (code, nil) : ("rejected", code)
        }
    }

    private func playbook(_ source: JSON?) throws -> Playbook {
        if let path = source?.text { return .file(vectors.appendingPathComponent(path)) }
        return .data(try JSONEncoder().encode(source))
    }

    private func consent(_ purposes: JSON?) -> Consent {
        guard let granted = purposes?.list?.compactMap(\.text) else { return .all }
        return Consent(
            analytics: granted.contains("analytics"),
            personalization: granted.contains("personalization"),
            messaging: granted.contains("messaging")
        )
    }
}
