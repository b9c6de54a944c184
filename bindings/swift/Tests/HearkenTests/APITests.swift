import Foundation
import Hearken
import HearkenTesting
import Testing

/// What an app says of the person and of itself, the inbox, forms, and what leaves the device.
@Suite struct APITests {
    private let playbook = Playbook.text(
        #"""
        {"spec": 1, "id": "api", "revision": 1, "plan": {"mode": "open"}, "settings": {"interval": "0s"},
         "campaigns": [
           {"id": "card", "channel": ["inbox"], "trigger": {"event": "go"}, "card": {"expires_in": "2d"}, "message": "card"},
           {"id": "survey", "channel": ["in_app"], "trigger": {"event": "$cue", "where": {"cue": "manual", "value": "ask"}}, "message": "survey"},
           {"id": "hero", "channel": ["in_app"], "placement": "hero", "trigger": {"event": "$app_open"}, "message": "hero"}
         ],
         "messages": {
           "card": {"layout": "card", "pages": [[{"heading": "Hello"}, {"button": {"id": "ok", "label": "OK", "actions": [{"track": {"event": "used"}}]}}]]},
           "hero": {"layout": "inline", "pages": [[{"heading": "Hero"}]]},
           "survey": {"layout": "banner", "position": "top", "label": "Survey", "auto_dismiss": "60s", "dismissible": false, "pages": [
             {"id": "ask", "next": [{"where": {"score": {"$gte": 9}}, "page": "thanks"}], "blocks": [
               {"text": [{"text": "Tell ", "bold": true}, {"text": "us", "link": "https://example.com/"}]},
               {"field": {"kind": "single", "name": "score", "label": "How likely?", "required": true, "options": [{"value": 9, "label": "Very"}, {"value": 1, "label": "Not"}], "other": true, "hint": "One"}},
               {"divider": {}}, {"spacer": {"size": 8}}, {"list": {"items": ["One", "Two"], "ordered": true}},
               {"progress": {"value": 1, "max": 3, "label": "One of three"}},
               {"preference": {"label": "News", "attribute": "news", "on": true, "off": false}}]},
             {"id": "why", "blocks": [{"field": {"kind": "text", "name": "why", "label": "Why?", "max": 200}}]},
             {"id": "thanks", "blocks": [{"button": {"id": "send", "label": "Send", "role": "primary", "actions": [{"submit": {"event": "answered"}}, {"custom": {"name": "confetti", "data": {"n": 3}}}]}}]}
           ]}
         }}
        """#)

    @Test func whoDrawsKnowsThePersonTheThemeHowLongAnImpressionTakesAndTheWords() async throws {
        let drawn = Playbook.text(
            #"""
            {"spec": 1, "id": "p", "revision": 1, "plan": {"mode": "open"}, "theme": {"radius": 8},
             "settings": {"impression": "3s"}}
            """#)
        let t = try await TestHearken(playbook: drawn)
        let client = await t.client
        try await client.identify("u-1")
        client.setAttribute("tier", "gold")
        var consent = try await client.person().consent
        consent.messaging = false
        client.setConsent(consent)
        let person = try await client.person()
        #expect(person.user == "u-1" && person.attributes == ["tier": "gold"] && person.profile != nil)
        #expect(person.consent == Consent(analytics: true, personalization: true, messaging: false))
        let needs = try #require(try await client.needs())
        #expect(needs.theme == ["radius": 8] && needs.impression == 3)
        #expect(try await client.words()["close"] == "Close")
    }

    @Test func aMessageHasEverythingThatThePlaybookSays() async throws {
        let t = try await TestHearken(playbook: playbook, draws: false)
        try await t.manual("ask")
        let message = try await t.offered()[0].message
        #expect(message.layout == .banner && message.position == "top" && message.label == "Survey")
        #expect(message.autoDismiss == 60 && !message.isDismissible)
        var score = Message.Field(kind: .single, name: "score", label: "How likely?")
        score.isRequired = true
        score.options = [.init(value: 9, label: "Very"), .init(value: 1, label: "Not")]
        score.takesOther = true
        score.hint = "One"
        var why = Message.Field(kind: .text, name: "why", label: "Why?")
        why.max = 200
        var news = Message.Preference(label: "News")
        news.attribute = "news"
        news.on = true
        news.off = false
        let actions: [Message.Button.Action] = [.submit, .custom(name: "confetti", data: ["n": 3])]
        let send = Message.Button(id: "send", label: "Send", role: .primary, actions: actions, stays: false)
        let ask: [Message.Block] = [
            .text([.init("Tell ", isBold: true), .init("us", link: "https://example.com/")]),
            .field(score), .divider, .spacer(8), .list([[.init("One")], [.init("Two")]], ordered: true),
            .progress(value: 1, max: 3, label: "One of three"), .preference(news),
        ]
        let pages = [
            Message.Page(id: "ask", blocks: ask), .init(id: "why", blocks: [.field(why)]),
            .init(id: "thanks", blocks: [.button(send)]),
        ]
        #expect(message.pages == pages)
        try await t.close()
    }

    @Test func aFormBranchesAndItsAnswersAreRecordedWhenTheyAreHandedIn() async throws {
        let t = try await TestHearken(playbook: playbook)
        try await t.manual("ask")
        let drawn = try await t.shown()[0].drawn
        #expect(try await drawn.nextPage(after: "ask", answers: ["score": 9]) == "thanks")
        #expect(try await drawn.nextPage(after: "ask", answers: ["score": 1]) == "why")
        #expect(try await drawn.nextPage(after: "thanks") == nil)
        #expect(drawn.page("why", answers: ["score": 1]) == .accepted)
        #expect(drawn.click("send", answers: ["score": 1, "why": "slow"]) == .accepted)
        let answered = try await t.export().map { try JSON($0) }.first { $0["type"] == .text("answered") }
        #expect(answered?["data"]?["why"] == .text("slow"))
        try await t.close()
    }

    @Test func aCardIsInTheInboxUntilItIsDismissed() async throws {
        let t = try await TestHearken(playbook: playbook)
        let client = await t.client
        var updates = client.inboxUpdates().makeAsyncIterator()
        #expect(await updates.next()?.unread == 0)
        try await t.track("go")
        let inbox = try #require(await updates.next())
        #expect(inbox.unread == 1)
        let card = try #require(inbox.cards.first)
        #expect(card.campaign == "card" && card.message.label == "Hello")
        let now = await t.now
        #expect(card.expiresAt == now.addingTimeInterval(2 * 86_400))
        #expect([card.seen(), card.click("ok"), card.archive()] == [.accepted, .accepted, .accepted])
        let read = try await t.inbox()
        #expect(read.unread == 0 && read.cards[0].isSeen && read.cards[0].isRead && read.cards[0].isArchived)
        card.snooze(for: 3600)
        #expect(try await t.inbox().cards.isEmpty)
        try await t.advance(by: 3600)
        #expect(try await t.inbox().cards.count == 1)
        card.dismiss()
        #expect(try await t.inbox().cards.isEmpty)
        #expect(code(card.read()) == "card")
        try await t.close()
    }

    @Test func aCardThatIsPutOffForeverComesBackWithTheFile() async throws {
        let folder = try Folder()
        let t = try await TestHearken(playbook: playbook, store: .file(folder.file("t.db")))
        try await t.track("go")
        #expect(try await t.inbox().cards[0].snooze(for: .infinity) == .accepted)
        #expect(try await t.inbox().cards.isEmpty)
        try await t.reopen()
        #expect(try await t.export().map { try JSON($0) }.types.contains("$card_snoozed"))
        try await t.close()
    }

    @Test func conditionsKnowThePlatformUnlessTheAppSaysAnother() async throws {
        let playbook = Playbook.text(
            #"""
            {"spec": 1, "id": "host", "revision": 1, "plan": {"mode": "open"}, "campaigns": [
              {"id": "here", "channel": ["inbox"], "trigger": {"event": "$app_open"}, "message": "m",
               "audience": {"$host": {"platform": {"$in": ["linux", "macos", "ios"]}, "sdk_version": {"$vgte": "0.1"}}}},
              {"id": "there", "channel": ["inbox"], "trigger": {"event": "go"}, "message": "m",
               "audience": {"$host": {"platform": "kiosk"}}}],
             "messages": {"m": {"layout": "card", "pages": [[{"heading": "Hello"}]]}}}
            """#)
        let client = HearkenClient(playbook: playbook, store: .memory, consent: .all)
        client.track("begin")
        #expect(try await client.inbox().cards.map(\.campaign) == ["here"])
        client.setHost(["platform": "kiosk"])
        client.track("go")
        #expect(try await Set(client.inbox().cards.map(\.campaign)) == ["here", "there"])
        try await client.close()
        let t = try await TestHearken(playbook: playbook)
        try await t.track("begin")
        #expect(try await t.inbox().cards.isEmpty, "a test runs anywhere: what it does not say, nobody knows")
        try await t.close()
    }

    @Test func whatTheAppSaysOfThePersonReachesTheJournal() async throws {
        let t = try await TestHearken(playbook: playbook)
        let client = await t.client
        try await client.identify("u-1")
        guard case .rejected = await thrown({ try await client.identify("") }) else {
            Issue.record("an empty name is none")
            return
        }
        let said = [
            client.increment("points", by: 5), client.append("a", to: "likes"), client.append("b", to: "likes"),
            client.remove("a", from: "likes"), client.setAttribute("tier", "gold"), client.unsetAttribute("tier"),
            client.screen("cart"),
            client.touch(Touch(.opened, channel: "email", deliveryID: "d-1", campaign: "spring")),
            client.setHost(["app_version": "4.2.0"]), client.pause(), client.resume(),
            client.setLocale(Locale(identifier: "fr")), client.cue("dwell", 500), client.reset(),
        ]
        #expect(said.allSatisfy { $0 == .accepted }, "\(said)")
        let records = try await t.export().map { try JSON($0) }
        let values = records.filter { $0["type"] == .text("$attribute") }.map { $0["data"]?["value"] }
        #expect(
            values[0] == .int(5) && values[2] == .list([.text("a"), .text("b")]) && values[3] == .list([.text("b")]))
        #expect(Set(records.types).isSuperset(of: ["$identify", "$screen", "$opened", "$reset"]))
        try await t.close()
    }

    @Test func aPlaceIsFilledWhileItIsThereAndAnAppBringsItsOwnMessages() async throws {
        let t = try await TestHearken(playbook: playbook, draws: false)
        try await t.screen("home")
        try await t.mount("hero")
        let hero = try await t.offered()[0]
        #expect(hero.placement == "hero" && hero.campaign == "hero" && hero.message.layout == .inline)
        let client = await t.client
        #expect(client.unmount("hero") == .accepted)
        let pushed =
            #"{"id": "push", "channel": ["in_app"], "message": "m", "messages": {"m": {"layout": "modal", "pages": [[{"heading": "Pushed"}]]}}}"#
        #expect(client.offer(pushed) == .accepted)
        #expect(try await t.offered().last?.message.label == "Pushed")
        #expect(code(client.offer("{}")) == "document")
        try await t.close()
    }

    @Test func anOfferThatIsPutOffComesBackAfterItsTime() async throws {
        let t = try await TestHearken(playbook: playbook, draws: false)
        try await t.manual("ask")
        try await t.offered()[0].later(after: 600)
        try await t.advance(by: 599)
        #expect(try await t.offered().isEmpty)
        try await t.advance(by: 1)
        #expect(try await t.offered().count == 1)
        try await t.close()
    }

    @Test func stateGoesToTheSamePersonElsewhereAndOffIsOff() async throws {
        let one = try await TestHearken(playbook: playbook)
        let other = try await TestHearken(playbook: playbook, seed: 2)
        try await one.identify("u-1")
        try await one.setAttribute("tier", "gold")
        let state = try await one.client.exportState()
        let client = await other.client
        guard case .rejected("wrong_user", _) = await thrown({ try await client.importState(state) }) else {
            Issue.record("another person's state is refused")
            return
        }
        try await other.identify("u-1")
        try await client.importState(state)
        #expect(try await client.exportState().contains("gold"))
        #expect(client.disable() == .accepted)
        #expect(try await other.track("go") == .disabled)
        #expect(client.enable() == .accepted)
        #expect(try await other.track("go") == .accepted)
        try await one.close()
        try await other.close()
    }

    @Test func aPreviewShowsWhatWouldBeShownAndRecordsNothing() async throws {
        let t = try await TestHearken(playbook: playbook)
        let client = await t.client
        #expect(try await !t.export().isEmpty)
        #expect(try await client.preview("survey").label == "Survey")
        guard case .rejected("unknown", _) = await thrown({ try await client.preview("unheard_of") }) else {
            Issue.record("an unknown campaign has no preview")
            return
        }
        #expect(try await t.export().isEmpty)
        try await t.close()
    }

    @Test func erasingGivesTheKeysByWhichAWarehouseDeletesAndBeginsANewJournal() async throws {
        let t = try await TestHearken(playbook: playbook)
        try await t.identify("u-1")
        try await t.track("go")
        let client = await t.client
        let stale = try #require(try await client.export().all().first)
        let receipt = try await client.erase()
        #expect(receipt.profiles.count == 1 && receipt.journal != stale.journal)
        try await stale.acknowledge()
        let batch = try #require(try await client.export().all().first)
        #expect(batch.journal == receipt.journal)
        #expect(try JSON(batch.records[0])["type"] == .text("$erase"))
        #expect(try await t.inbox().cards.isEmpty)
        client.setConsent(.all, purging: true)
        #expect(try await client.exported().types == ["$consent"])
        try await t.close()
    }

    @Test func anExportIsWrittenAsTheAppAsksForIt() async throws {
        let plan =
            #"{"spec": 1, "id": "api", "revision": 1, "plan": {"events": {"answered": {"properties": {"why": {"type": "string", "pii": true}}}}}}"#
        let t = try await TestHearken(playbook: .text(plan))
        try await t.track("answered", ["why": "Ann said so"])
        var types: [String] = []
        for encoding in Encoding.allCases {
            let client = await t.client
            let batch = try #require(try await client.export(encoding: encoding).all().first)
            let personal = try #require(try await client.export(encoding: encoding, withPersonal: true).all().first)
            #expect(batch.body.contains("answered") && !batch.body.contains("Ann") && personal.body.contains("Ann"))
            types.append(batch.contentType)
        }
        #expect(types == ["application/x-ndjson", "application/json", "application/cloudevents-batch+json"])
        try await t.close()
    }

    @Test func aClientThatAsksForSignaturesTakesNoOtherPlaybook() async throws {
        // The public key of RFC 8032, 7.1, test 1.
        let hex = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
        let key = Data(stride(from: 0, to: 64, by: 2).map { UInt8(hex.dropFirst($0).prefix(2), radix: 16) ?? 0 })
        for unsigned in [playbook, playbook.signed(Data(count: 64))] {
            let client = HearkenClient(playbook: unsigned, store: .memory, consent: .all, publicKey: key)
            guard case .invalidPlaybook("signature", _) = await thrown({ try await client.ready() }) else {
                Issue.record("it is not signed")
                return
            }
        }
        let client = HearkenClient(playbook: playbook, store: .memory, consent: .all, publicKey: Data(count: 3))
        guard case .invalidOption("public_key", let message) = await thrown({ try await client.ready() }) else {
            Issue.record("three bytes are no key")
            return
        }
        #expect(message.contains("32 bytes"))
        #expect(code(client.track("go")) == "invalid_option")
    }
}
