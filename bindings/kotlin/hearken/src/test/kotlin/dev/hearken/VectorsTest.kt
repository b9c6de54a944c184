package dev.hearken

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.node.ObjectNode
import dev.hearken.generated.HostAnswer
import dev.hearken.internal.toVerdict
import dev.hearken.testing.TestHearken
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Files
import java.nio.file.Path
import java.time.Instant
import java.time.OffsetDateTime
import java.util.Locale

/** The cases that every language runs; their format is `tests/vectors/README.md`. */
class VectorsTest {
    @TempDir
    lateinit var folder: Path

    @TestFactory
    fun vectors(): List<DynamicTest> {
        val cases = read("index.json")["cases"].map { it.asText() }
        assertTrue(cases.size >= 20, "the index names the cases")
        return cases.map { name -> dynamicTest(name) { Case(read("$name.json"), folder.resolve("$name.db")).run() } }
    }

    private fun read(name: String): JsonNode = parse(Files.readString(dev.hearken.vectors.resolve(name)))
}

/** One case, driven through the client as an app drives it. */
private class Case(
    private val case: JsonNode,
    private val store: Path,
) {
    private class Said(
        val verdict: String,
        val rejection: String? = null,
    )

    private lateinit var test: TestHearken
    private val ids = HashMap<String, String>()
    private val names = HashMap<String, String>()
    private var offers = 0
    private var withdrawals = 0

    fun run() {
        assertEquals(1, case["vector"].asInt(), "the format's version")
        try {
            case["steps"].forEachIndexed { number, step -> run("step $number: ${step["do"]}", step) }
        } finally {
            if (::test.isInitialized) test.close()
        }
    }

    private fun run(
        place: String,
        step: JsonNode,
    ) {
        val now = OffsetDateTime.parse(step["now"].asText())
        val expect = step["expect"]
        val (verb, with) = step["do"].properties().first().let { it.key to it.value }
        val said = if (verb == "open") open(now, with) else at(now) { act(verb, with) }
        assertEquals(expect["verdict"]?.asText() ?: "accepted", said.verdict, "$place: verdict")
        expect["rejection"]?.let { assertEquals(it.asText(), said.rejection, "$place: rejection") }

        val offered = test.announced().drop(offers)
        offers += offered.size
        val named = expect["offered"]?.toList().orEmpty()
        named.zip(offered).forEach { (expected, offer) -> call(offer.id, expected["as"].asText()) }
        val made = offered.mapIndexed { n, offer -> offer.spokenOf(named.getOrNull(n)) }
        assertEquals(named, made, "$place: offered")

        val withdrawn = test.withdrawn().drop(withdrawals)
        withdrawals += withdrawn.size
        val gone =
            withdrawn.map {
                json.valueToTree<JsonNode>(
                    mapOf(
                        "presentation" to names[it.presentation],
                        "cause" to it.cause.name.lowercase(),
                    ),
                )
            }
        assertEquals(expect["withdrawn"]?.toList().orEmpty(), gone, "$place: withdrawn")

        val decisions =
            test.decisions().mapIndexed { n, decision ->
                val seen = mapOf("campaign" to decision.campaign) + fields(decision.outcome)
                val with = expect["decisions"]?.get(n)?.get("with")
                val reason = decision.outcome.stop?.let { parse(it.details) }
                val said = if (with == null || reason == null) null else instants(with, spokenOf(with, reason))
                json.valueToTree<JsonNode>(if (said == null) seen else seen + ("with" to said))
            }
        expect["decisions"]?.let { assertEquals(it.toList(), decisions, "$place: decisions") }

        val records = test.export().map(::parse)
        val exported = (expect["exported"] ?: expect["records"]).map { it.asText() }
        assertEquals(exported, records.types(), "$place: exported")
        expect["data"]?.properties()?.forEach { (kind, fields) ->
            val record = records.firstOrNull { it["type"].asText() == kind }
            fields.properties().forEach { (field, value) ->
                val seen = record?.get("data")?.get(field) ?: json.nullNode()
                assertEquals(value, seen, "$place: $kind.$field")
            }
        }
        expect["inbox"]?.let { inbox(place, it) }
        expect["success"]?.properties()?.forEach { (metric, fields) -> success(place, metric, fields) }
        expect["why"]?.properties()?.forEach { (campaign, fields) -> why(place, campaign, fields) }
    }

    /** A name that is known stays with what it names: what is offered again has to be the same. */
    private fun call(
        id: String,
        name: String,
    ) {
        if (ids.putIfAbsent(name, id) == null) names[id] = name
    }

    /** What was seen, with its instants written as the vector writes them. */
    private fun instants(
        expected: JsonNode,
        seen: JsonNode,
    ): JsonNode {
        expected.properties().filter { (_, value) -> value.isTextual }.forEach { (field, value) ->
            val instant = runCatching { OffsetDateTime.parse(value.asText()).toInstant().toEpochMilli() }.getOrNull()
            if (instant != null && seen[field]?.asLong() == instant) (seen as ObjectNode).set<JsonNode>(field, value)
        }
        return seen
    }

    /** An offer with the fields that the vector speaks of. */
    private fun Presentation.spokenOf(expected: JsonNode?): JsonNode {
        val all =
            mapOf("variant" to variant, "placement" to placement, "message" to parse(message.document))
        val seen = json.valueToTree<ObjectNode>(mapOf("as" to names[id], "campaign" to campaign, "channel" to channel))
        expected?.properties()?.filter { (field, _) -> field in all }?.forEach { (field, value) ->
            seen.set<JsonNode>(field, spokenOf(value, json.valueToTree(all[field])))
        }
        return seen
    }

    /** The inbox by what the vector speaks of; later steps call its cards by the names given here. */
    private fun inbox(
        place: String,
        expected: JsonNode,
    ) {
        val inbox = parse(test.native { it.inboxDocument() })
        val cards = expected["cards"]?.toList().orEmpty()
        cards.zip(inbox["cards"]).forEach { (name, card) -> call(card["card"].asText(), name["as"].asText()) }
        val seen =
            inbox["cards"].mapIndexed { n, card ->
                val known = (cards.getOrNull(n)?.let { spokenOf(it, card) } ?: card) as ObjectNode
                known.put("as", names[card["card"].asText()]).set<JsonNode>("campaign", card["campaign"])
            }
        assertEquals(cards, seen, "$place: cards")
        expected["unread"]?.let { assertEquals(it, inbox["unread"], "$place: unread") }
    }

    private fun success(
        place: String,
        metric: String,
        expected: JsonNode,
    ) {
        val report = parse(test.native { it.successDocument() })
        val seen = report["metrics"]?.find { it["metric"].asText() == metric } ?: json.nullNode()
        assertEquals(expected, spokenOf(expected, seen), "$place: success of $metric")
    }

    /** The part of `seen` that `expected` speaks of: its fields, one by one; a list only as a whole, item by item. */
    private fun spokenOf(
        expected: JsonNode,
        seen: JsonNode,
    ): JsonNode =
        when {
            expected.isObject && seen.isObject -> {
                val part = json.createObjectNode()
                expected.properties().forEach { (field, value) ->
                    part.set<JsonNode>(field, spokenOf(value, seen[field] ?: json.nullNode()))
                }
                part
            }

            expected.isArray && seen.isArray && expected.size() == seen.size() -> {
                json.createArrayNode().addAll(expected.zip(seen).map { (one, other) -> spokenOf(one, other) })
            }

            else -> {
                seen
            }
        }

    private fun why(
        place: String,
        campaign: String,
        expected: JsonNode,
    ) {
        val why = test.why(campaign)
        val seen = fields(why.outcome)
        expected.properties().forEach { (field, value) ->
            if (field == "next_eligible_at") {
                assertEquals(
                    OffsetDateTime.parse(value.asText()).toInstant(),
                    why.nextEligibleAt,
                    "$place: why $campaign.$field",
                )
            } else {
                assertEquals(value.asText(), seen[field], "$place: why $campaign.$field")
            }
        }
    }

    private fun fields(outcome: Outcome): Map<String, String> {
        val name =
            when (outcome) {
                Outcome.Offered -> "offered"
                Outcome.Displaying -> "displaying"
                Outcome.Eligible -> "eligible"
                is Outcome.Waiting -> "waiting"
                is Outcome.Stopped -> "stopped"
            }
        val stop = outcome.stop ?: return mapOf("outcome" to name)
        return mapOf("outcome" to name, "stage" to stop.stage, "reason" to stop.reason)
    }

    private fun open(
        now: OffsetDateTime,
        with: JsonNode,
    ): Said {
        val locale = Locale.forLanguageTag(with["locale"]?.asText() ?: "en")
        if (::test.isInitialized) {
            test.setTime(now)
            test.locale = locale
            test.reopen()
        } else {
            test =
                TestHearken(
                    playbook(case["playbook"]),
                    now,
                    consent(case["consent"]),
                    store = store,
                    locale = locale,
                    draws = false,
                )
        }
        return Said("accepted")
    }

    private fun at(
        now: OffsetDateTime,
        act: () -> Said,
    ): Said {
        test.setTime(now)
        return act()
    }

    private fun act(
        verb: String,
        with: JsonNode,
    ): Said {
        val client = test.client
        // What has more to it than the client's own call takes is handed on as it is.
        val more = "at" in with.fieldNames().asSequence() || "op" in with.fieldNames().asSequence()
        val whole = more || (verb == "consent" && with.isObject)
        return if (whole) input(verb, with) else call(client, verb, with)
    }

    private fun call(
        client: Hearken,
        verb: String,
        with: JsonNode,
    ): Said =
        when (verb) {
            "track" -> said(client.track(with["name"].asText(), properties(with["properties"])))
            "attribute" -> said(client.setAttribute(with["name"].asText(), value(with["value"])))
            "consent" -> said(client.setConsent(consent(with)))
            "can_display" -> said(client.setCanDisplay(with.asBoolean()))
            "install" -> trying { client.install(playbook(with)) }
            "displaying" -> trying { begin(id(with)) }
            "visible" -> said(client.drawn(id(with)).visible())
            "dismiss" -> said(client.drawn(id(with)).dismiss())
            "click" -> said(client.drawn(id(with["presentation"])).click(with["target"].asText()))
            "ended" -> said(client.drawn(id(with["presentation"])).ended(departure(with["cause"].asText())))
            "answer" -> trying { answer(id(with["presentation"]), with["answer"].asText()) }
            "tick" -> trying { test.tick() }
            else -> input(verb, with)
        }

    /** Any other input of the engine, as its JSON; what it calls by a name has an id. */
    private fun input(
        verb: String,
        with: JsonNode,
    ): Said {
        val content = with.deepCopy<JsonNode>()
        for (field in listOf("presentation_id", "card")) {
            val id = content[field]?.asText()?.let { ids[it] } ?: continue
            (content as ObjectNode).put(field, id)
        }
        val input = json.createObjectNode().set<JsonNode>(verb, content).toString()
        return said(test.native { it.handleInput(input) }.toVerdict())
    }

    private suspend fun begin(id: String) {
        val offer = test.offered().firstOrNull { it.id == id }
        if (offer == null) test.native { it.begin(id) } else offer.begun()
    }

    private suspend fun answer(
        id: String,
        answer: String,
    ) {
        val offer = test.offered().firstOrNull { it.id == id }
        when {
            offer == null -> {
                test.native {
                    it.answer(
                        id,
                        if (answer ==
                            "later"
                        ) {
                            HostAnswer.Later(null)
                        } else {
                            HostAnswer.Discard
                        },
                    )
                }
            }

            answer == "later" -> {
                offer.later()
            }

            else -> {
                offer.discard()
            }
        }
    }

    private fun id(name: JsonNode): String = ids[name.asText()] ?: error("$name was not offered")

    private fun departure(cause: String): Departure = Departure.entries.first { it.name.lowercase() == cause }

    private fun said(verdict: Verdict): Said =
        when (verdict) {
            Verdict.Accepted -> Said("accepted")
            Verdict.NotConsented -> Said("not_consented")
            Verdict.Disabled -> Said("disabled")
            is Verdict.Rejected -> Said("rejected", verdict.code)
        }

    private fun trying(work: suspend () -> Unit): Said =
        try {
            runBlocking { work() }
            Said("accepted")
        } catch (refused: HearkenException.Rejected) {
            if (refused.code in
                setOf("disabled", "not_consented")
            ) {
                Said(refused.code)
            } else {
                Said("rejected", refused.code)
            }
        }

    private fun playbook(source: JsonNode): Playbook =
        if (source.isTextual) Playbook.file(vectors.resolve(source.asText())) else Playbook.text(source.toString())

    private fun consent(purposes: JsonNode?): Consent {
        val granted = purposes?.map { it.asText() } ?: return Consent.all()
        return Consent("analytics" in granted, "personalization" in granted, "messaging" in granted)
    }

    private fun properties(node: JsonNode?): Map<String, Any?> =
        node
            ?.properties()
            ?.asSequence()
            ?.associate { (name, property) -> name to value(property) }
            .orEmpty()

    private fun value(node: JsonNode): Any? = json.convertValue(node, Any::class.java)
}
