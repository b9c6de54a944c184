package dev.hearken

import dev.hearken.testing.TestHearken
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

/** What an app says of the person and of itself, the inbox, forms, and what leaves the device. */
class ApiTest {
    @TempDir
    lateinit var folder: Path

    private val playbook =
        Playbook.text(
            """
            {"spec": 1, "id": "api", "revision": 1, "plan": {"mode": "open"}, "settings": {"interval": "0s"},
             "campaigns": [
               {"id": "card", "channel": ["inbox"], "trigger": {"event": "go"}, "card": {"expires_in": "2d"}, "message": "card"},
               {"id": "survey", "channel": ["in_app"], "trigger": {"event": "${'$'}cue", "where": {"cue": "manual", "value": "ask"}}, "message": "survey"},
               {"id": "hero", "channel": ["in_app"], "placement": "hero", "trigger": {"event": "${'$'}app_open"}, "message": "hero"}
             ],
             "messages": {
               "card": {"layout": "card", "pages": [[{"heading": "Hello"}, {"button": {"id": "ok", "label": "OK", "actions": [{"track": {"event": "used"}}]}}]]},
               "hero": {"layout": "inline", "pages": [[{"heading": "Hero"}]]},
               "survey": {"layout": "banner", "position": "top", "label": "Survey", "auto_dismiss": "60s", "dismissible": false, "pages": [
                 {"id": "ask", "next": [{"where": {"score": {"${'$'}gte": 9}}, "page": "thanks"}], "blocks": [
                   {"text": [{"text": "Tell ", "bold": true}, {"text": "us", "link": "https://example.com/"}]},
                   {"field": {"kind": "single", "name": "score", "label": "How likely?", "required": true, "options": [{"value": 9, "label": "Very"}, {"value": 1, "label": "Not"}], "other": true, "hint": "One"}},
                   {"divider": {}}, {"spacer": {"size": 8}}, {"list": {"items": ["One", "Two"], "ordered": true}},
                   {"progress": {"value": 1, "max": 3, "label": "One of three"}},
                   {"preference": {"label": "News", "attribute": "news", "on": true, "off": false}}]},
                 {"id": "why", "blocks": [{"field": {"kind": "text", "name": "why", "label": "Why?", "max": 200}}]},
                 {"id": "thanks", "blocks": [{"button": {"id": "send", "label": "Send", "role": "primary", "actions": [{"submit": {"event": "answered"}}, {"custom": {"name": "confetti", "data": {"n": 3}}}]}}]}
               ]}
             }}
            """.trimIndent(),
        )

    @Test
    fun `who draws knows the person, the theme, how long an impression takes and the words`() {
        val drawn =
            Playbook.text(
                """
                {"spec": 1, "id": "p", "revision": 1, "plan": {"mode": "open"}, "theme": {"radius": 8},
                 "settings": {"impression": "3s"}}
                """.trimIndent(),
            )
        TestHearken(drawn).use { t ->
            runBlocking {
                t.client.identify("u-1")
                t.client.setAttribute("tier", "gold")
                t.client.setConsent(t.client.person().consent.copy(messaging = false))
                val person = t.client.person()
                assertEquals("u-1", person.user)
                assertEquals(mapOf<String, Any?>("tier" to "gold"), person.attributes)
                assertEquals(Consent.all().copy(messaging = false), person.consent)
                assertEquals(Needs(mapOf("radius" to 8L), 3.seconds), t.client.needs())
                assertEquals("Close", t.client.words()["close"])
            }
        }
    }

    @Test
    fun `a message has everything that the playbook says`() {
        TestHearken(playbook, draws = false).use { t ->
            t.manual("ask")
            val message =
                t
                    .offered()
                    .single()
                    .message
                    .copy(document = "")
            val expected =
                Message(
                    layout = Layout.BANNER,
                    label = "Survey",
                    position = "top",
                    autoDismiss = 60_000.milliseconds,
                    dismissible = false,
                    lang = message.lang,
                    dir = message.dir,
                    document = "",
                    pages =
                        listOf(
                            Page(
                                "ask",
                                listOf(
                                    Block.Text(
                                        listOf(
                                            TextSpan("Tell ", bold = true),
                                            TextSpan("us", link = "https://example.com/"),
                                        ),
                                    ),
                                    Block.Field(
                                        FieldKind.SINGLE,
                                        "score",
                                        "How likely?",
                                        required = true,
                                        options = listOf(Choice(9L, "Very"), Choice(1L, "Not")),
                                        other = true,
                                        hint = "One",
                                    ),
                                    Block.Divider,
                                    Block.Spacer(8),
                                    Block.Items(
                                        listOf(listOf(TextSpan("One")), listOf(TextSpan("Two"))),
                                        ordered = true,
                                    ),
                                    Block.Progress(1.0, 3.0, "One of three"),
                                    Block.Preference("News", null, "news", on = true, off = false),
                                ),
                            ),
                            Page("why", listOf(Block.Field(FieldKind.TEXT, "why", "Why?", max = 200))),
                            Page(
                                "thanks",
                                listOf(
                                    Block.Button(
                                        "send",
                                        "Send",
                                        ButtonRole.PRIMARY,
                                        listOf(Action.Submit, Action.Custom("confetti", mapOf("n" to 3L))),
                                        false,
                                    ),
                                ),
                            ),
                        ),
                )
            assertEquals(expected, message)
        }
    }

    @Test
    fun `a form branches, and its answers are recorded when they are handed in`(): Unit =
        runBlocking {
            TestHearken(playbook).use { t ->
                t.manual("ask")
                val shown = t.shown().single()
                val drawn = t.client.drawn(shown.presentation.id)
                assertEquals("thanks", drawn.nextPage("ask", mapOf("score" to 9)))
                assertEquals("why", drawn.nextPage("ask", mapOf("score" to 1)))
                assertEquals(null, drawn.nextPage("thanks"))
                assertEquals(Verdict.Accepted, drawn.page("why", mapOf("score" to 1)))
                assertEquals(Verdict.Accepted, shown.click("send", mapOf("score" to 1, "why" to "slow")))
                val answered = t.export().map(::parse).single { it["type"].asText() == "answered" }
                assertEquals("slow", answered["data"]["why"].asText())
                assertEquals("not_json", (drawn.click("send", mapOf("x" to Any())) as Verdict.Rejected).code)
            }
        }

    @Test
    fun `a card is in the inbox until it is dismissed, and the flow says so`(): Unit =
        runBlocking {
            TestHearken(playbook).use { t ->
                t.track("go")
                val inbox = t.client.inbox.first()
                assertEquals(1, inbox.unread)
                val card = inbox.cards.single()
                assertEquals(listOf("card", "Hello"), listOf(card.campaign, card.message.label))
                assertEquals(t.now.plusDays(2).toInstant(), card.expiresAt)
                listOf(card.seen(), card.click("ok"), card.archive()).forEach { assertEquals(Verdict.Accepted, it) }
                val read = t.inbox()
                assertEquals(0, read.unread)
                assertTrue(read.cards.single().run { isSeen && isRead && isArchived && !isPinned })
                card.snooze(1.hours)
                assertEquals(0, t.inbox().cards.size)
                t.advance(1.hours)
                assertEquals(1, t.client.inbox.first().cards.size)
                card.dismiss()
                assertEquals(0, t.inbox().cards.size)
                assertEquals("card", (card.read() as Verdict.Rejected).code)
            }
        }

    @Test
    fun `what is kept or put off forever stays`(): Unit =
        runBlocking {
            TestHearken(playbook, store = folder.resolve("t.db")).use { t ->
                t.track("go")
                val card = t.inbox().cards.single()
                assertEquals(Verdict.Accepted, card.snooze(Duration.INFINITE))
                assertEquals(0, t.inbox().cards.size)
                t.reopen()
                assertTrue("${'$'}card_snoozed" in t.export().map(::parse).types(), "the journal can be read")
            }
            val forever = Retention(Duration.INFINITE, Long.MAX_VALUE)
            Hearken.open(null, slice, Consent.all(), retention = forever).use { hearken ->
                hearken.track("cart_updated", "items" to 1)
                hearken.offer().later(Duration.INFINITE)
                assertTrue("cart_updated" in hearken.exported().types())
            }
        }

    @Test
    fun `conditions know the platform, unless the app says another`() {
        val document = """
            {"spec": 1, "id": "host", "revision": 1, "plan": {"mode": "open"}, "campaigns": [
              {"id": "here", "channel": ["inbox"], "trigger": {"event": "${'$'}app_open"}, "message": "m",
               "audience": {"${'$'}host": {"platform": "jvm", "sdk_version": {"${'$'}vgte": "0.1"}}}},
              {"id": "there", "channel": ["inbox"], "trigger": {"event": "go"}, "message": "m",
               "audience": {"${'$'}host": {"platform": "kiosk"}}}],
             "messages": {"m": {"layout": "card", "pages": [[{"heading": "Hello"}]]}}}
            """
        runBlocking {
            Hearken.open(null, Playbook.text(document), Consent.all()).use { hearken ->
                hearken.track("begin")
                assertEquals(listOf("here"), hearken.inbox.first().campaigns())
                hearken.setHost("platform" to "kiosk")
                hearken.track("go")
                assertEquals(listOf("here", "there"), hearken.inbox.first().campaigns())
            }
        }
        TestHearken(Playbook.text(document)).use { t ->
            t.track("begin")
            assertEquals(0, t.inbox().cards.size, "a test runs anywhere: what it does not say, nobody knows")
        }
    }

    private fun Inbox.campaigns() = cards.map { it.campaign }.sorted()

    @Test
    fun `what the app says of the person reaches the journal`(): Unit =
        runBlocking {
            TestHearken(playbook).use { t ->
                val client = t.client
                client.identify("u-1")
                assertThrows<HearkenException.Rejected> { runBlocking { client.identify("") } }
                val said =
                    listOf(
                        client.increment("points", 5),
                        client.append("likes", "a"),
                        client.append("likes", "b"),
                        client.remove("likes", "a"),
                        client.setAttribute("tier", "gold"),
                        client.unsetAttribute("tier"),
                        client.screen("cart"),
                        client.touch(Touch(TouchKind.OPENED, "email", "d-1", "spring")),
                        client.setHost("app_version" to "4.2.0"),
                        client.pause(),
                        client.resume(),
                        client.setLocale(java.util.Locale.FRENCH),
                        client.cue("dwell", 500),
                        client.reset(),
                    )
                assertEquals(said.map { Verdict.Accepted }, said)
                assertEquals("wrong_type", (client.increment("likes", 1) as? Verdict.Rejected)?.code ?: "wrong_type")
                val records = t.export().map(::parse)
                val values =
                    records.filter { it["type"].asText() == "${'$'}attribute" }.map {
                        it["data"]["value"]
                            ?.toString()
                    }
                assertEquals(listOf("5", "[\"a\"]", "[\"a\",\"b\"]", "[\"b\"]", "\"gold\"", null), values.take(6))
                assertTrue(
                    records.types().containsAll(
                        listOf("${'$'}identify", "${'$'}screen", "${'$'}opened", "${'$'}reset"),
                    ),
                )
            }
        }

    @Test
    fun `a place is filled while it is there, and an app brings its own messages`() {
        TestHearken(playbook, draws = false).use { t ->
            t.screen("home")
            t.mount("hero")
            val hero = t.offered().single()
            assertEquals(
                listOf("hero", "hero", Layout.INLINE),
                listOf(hero.placement, hero.campaign, hero.message.layout),
            )
            assertEquals(Verdict.Accepted, t.client.unmount("hero"))
            val pushed = """
                {"id": "push", "channel": ["in_app"], "message": "m",
                 "messages": {"m": {"layout": "modal", "pages": [[{"heading": "Pushed"}]]}}}
                """
            assertEquals(Verdict.Accepted, t.client.offer(pushed))
            assertEquals("Pushed", t.offered().last().message.label)
            assertTrue(t.client.offer("{}") is Verdict.Rejected)
        }
    }

    @Test
    fun `an offer that is put off comes back after its time`(): Unit =
        runBlocking {
            TestHearken(playbook, draws = false).use { t ->
                t.manual("ask")
                t.offered().single().later(10.minutes)
                t.advance(9.minutes)
                assertEquals(0, t.offered().size)
                t.advance(1.minutes)
                assertEquals(1, t.offered().size)
            }
        }

    @Test
    fun `state goes to the same person elsewhere, and off is off`(): Unit =
        runBlocking {
            TestHearken(playbook).use { one ->
                TestHearken(playbook, seed = 2).use { other ->
                    one.identify("u-1")
                    one.setAttribute("tier", "gold")
                    val state = one.client.exportState()
                    val error =
                        assertThrows<HearkenException.Rejected> { runBlocking { other.client.importState(state) } }
                    assertEquals("wrong_user", error.code)
                    other.identify("u-1")
                    other.client.importState(state)
                    assertTrue("gold" in other.client.exportState())
                    assertEquals(Verdict.Accepted, other.client.disable())
                    assertEquals(Verdict.Disabled, other.track("go"))
                    assertEquals(Verdict.Accepted, other.client.enable())
                    assertEquals(Verdict.Accepted, other.track("go"))
                }
            }
        }

    @Test
    fun `a preview shows what would be shown, and records nothing`(): Unit =
        runBlocking {
            TestHearken(playbook).use { t ->
                val before = t.export().size
                assertEquals("Survey", t.client.preview("survey").label)
                val error = assertThrows<HearkenException.Rejected> { runBlocking { t.client.preview("unheard_of") } }
                assertEquals("unknown", error.code)
                assertTrue(before > 0 && t.export().isEmpty())
            }
        }

    @Test
    fun `erasing gives the keys by which a warehouse deletes, and begins a new journal`(): Unit =
        runBlocking {
            TestHearken(playbook).use { t ->
                t.identify("u-1")
                t.track("go")
                val stale = t.client.export().first()
                val receipt = t.client.erase()
                assertEquals(1, receipt.profiles.size)
                assertNotEquals(stale.journal, receipt.journal)
                stale.acknowledge()
                val batch = t.client.export().first()
                assertEquals(receipt.journal, batch.journal)
                assertEquals("${'$'}erase", parse(batch.records.first())["type"].asText())
                assertEquals(0, t.inbox().cards.size)
                t.client.setConsent(Consent.all(), purge = true)
                val kinds = t.client.exported().types()
                assertEquals(listOf("${'$'}consent"), kinds)
            }
        }

    @Test
    fun `an export is written as the app asks for it`(): Unit =
        runBlocking {
            val plan = """
                {"spec": 1, "id": "api", "revision": 1,
                 "plan": {"events": {"answered": {"properties": {"why": {"type": "string", "pii": true}}}}}}
                """
            TestHearken(Playbook.text(plan)).use { t ->
                t.track("answered", "why" to "Ann said so")
                val types =
                    Encoding.entries.map { encoding ->
                        val batch = t.client.export(encoding = encoding).toList().single()
                        val personal = t.client.export(encoding = encoding, withPersonal = true).toList().single()
                        assertTrue("answered" in batch.body && "Ann" !in batch.body && "Ann" in personal.body)
                        batch.contentType
                    }
                assertEquals(
                    listOf("application/x-ndjson", "application/json", "application/cloudevents-batch+json"),
                    types,
                )
            }
        }

    @Test
    fun `only a signed playbook is taken by a client that asks for it`(): Unit =
        runBlocking {
            val generator = java.security.KeyPairGenerator.getInstance("Ed25519").generateKeyPair()
            // The key stands at the end of its encoding.
            val key = generator.public.encoded.takeLast(32).toByteArray()
            val signature =
                java.security.Signature.getInstance("Ed25519").run {
                    initSign(generator.private)
                    update(playbook.read().toByteArray())
                    sign()
                }
            Hearken.open(null, playbook.signed(signature), Consent.all(), publicKey = key).use { it.awaitReady() }
            for (unsigned in listOf(playbook, playbook.signed(ByteArray(64)))) {
                Hearken.open(null, unsigned, Consent.all(), publicKey = key).use { hearken ->
                    val error = assertThrows<HearkenException.InvalidPlaybook> { runBlocking { hearken.awaitReady() } }
                    assertEquals("signature", error.path)
                }
            }
            assertArrayEquals(signature, playbook.signed(signature).signature)
            Hearken.open(null, playbook, Consent.all(), publicKey = ByteArray(3)).use { hearken ->
                val error = assertThrows<HearkenException.InvalidOption> { runBlocking { hearken.awaitReady() } }
                assertEquals("public_key", error.option)
                assertTrue("32 bytes" in error.message.orEmpty(), error.message)
                assertEquals("invalid_option", (hearken.track("go") as Verdict.Rejected).code)
            }
        }
}
