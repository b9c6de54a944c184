package dev.hearken

import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path

/** From an event to a click and out into the export, and never again after that. */
class SliceTest {
    @TempDir
    lateinit var folder: Path

    @Test
    fun `an event shows a message once, the person clicks, and the journal leaves the device`() {
        val store = folder.resolve("shop.db")
        runBlocking {
            val hearken = Hearken.open(store, slice, Consent.all())
            assertEquals(Verdict.Accepted, hearken.track("cart_updated", "items" to 2, "total_minor" to 4998))

            val offer = hearken.presentations.first()
            assertEquals("cart-reminder", offer.campaign)
            assertEquals("in_app", offer.channel)
            assertEquals(Layout.MODAL, offer.message.layout)
            val blocks = offer.message.blocks
            assertEquals(Block.Image("/cart.svg", "Your cart"), blocks[0])
            assertEquals(Block.Heading("Your cart is waiting"), blocks[1])
            assertEquals(Block.Text(listOf(TextSpan("We kept everything as you left it."))), blocks[2])
            val actions =
                listOf(
                    Action.Track("offer_accepted", mapOf("source" to "cart-reminder")),
                    Action.DeepLink("shop://cart"),
                )
            val go =
                Block.Button(
                    "go",
                    "Back to the cart",
                    ButtonRole.PRIMARY,
                    actions,
                    false,
                )
            assertEquals(go, blocks[3])
            val later = Block.Button("later", "Later", ButtonRole.SECONDARY, listOf(Action.Dismiss), false)
            assertEquals(later, blocks[4])

            val drawn = offer.begin()!!
            assertEquals(offer.id, drawn.id)
            assertEquals(Outcome.Displaying, hearken.explain("cart-reminder").outcome)
            assertEquals(Verdict.Accepted, drawn.visible())
            assertEquals(Verdict.Accepted, drawn.click("go"))
            hearken.flushDurable()

            val batches = hearken.export().toList()
            assertEquals(1, batches.size, "an export goes on only after an acknowledgement")
            val records = batches.single().records.map(::parse)
            assertEquals(
                listOf("\$consent", "\$playbook_installed", "\$session_start", "\$app_open", "cart_updated") +
                    listOf("\$triggered", "\$use_reserved", "\$displaying", "\$use_committed", "\$shown", "\$clicked") +
                    listOf("\$ended", "offer_accepted"),
                records.types(),
            )
            val tracked = records.single { it["type"].asText() == "cart_updated" }
            assertEquals(parse("""{"items": 2, "total_minor": 4998}"""), tracked["data"])
            val clicked = records.single { it["type"].asText() == "\$clicked" }
            assertEquals(offer.id, clicked["data"]["presentation_id"].asText())

            assertEquals(batches.single().records, hearken.export().first().records, "the very same bytes come again")
            batches.single().acknowledge()
            assertEquals(
                emptyList<ExportBatch>(),
                hearken.export().toList(),
                "and never again after the acknowledgement",
            )
            hearken.close()
        }
        runBlocking {
            val hearken = Hearken.open(store, slice, Consent.all())
            val offers = async(start = CoroutineStart.UNDISPATCHED) { hearken.presentations.toList() }
            assertEquals(Verdict.Accepted, hearken.track("cart_updated", "items" to 3))
            val why = hearken.explain("cart-reminder")
            val last = (why.last as Outcome.Stopped).stop
            assertEquals(listOf("limit", "limit"), listOf(last.stage, last.reason))
            assertEquals(1, parse(last.details)["times"].asInt())
            assertEquals(
                listOf("triggered", "not_triggered"),
                listOf(why.stage, why.reason),
                "and now it waits for nothing",
            )
            assertEquals(listOf("cart_updated"), hearken.exported().types())
            hearken.close()
            assertEquals(emptyList<Presentation>(), offers.await(), "the stream ends with the client, and nothing came")
        }
    }

    @Test
    fun `what the app puts off or refuses is spent nowhere`(): Unit =
        runBlocking {
            val hearken = openOn(null)
            hearken.track("cart_updated", "items" to 1)
            val first = hearken.offer()
            first.later()
            hearken.track("product_viewed", "sku" to "a")
            val second = hearken.offer()
            assertTrue(first.id != second.id)
            second.discard()
            assertEquals(
                "discarded",
                hearken.exported().last { it["type"].asText() == "\$ended" }["data"]["cause"].asText(),
            )
            assertEquals("not_triggered", hearken.explain("cart-reminder").reason, "neither limit nor cap was spent")
            hearken.close()
        }

    @Test
    fun `consent that is withdrawn takes the message off the screen`(): Unit =
        runBlocking {
            val hearken = openOn(null)
            val withdrawals = async(start = CoroutineStart.UNDISPATCHED) { hearken.withdrawals.toList() }
            hearken.track("cart_updated", "items" to 1)
            val drawn = hearken.offer().begin()!!
            assertEquals(
                Verdict.Accepted,
                hearken.setConsent(Consent(analytics = true, personalization = true, messaging = false)),
            )
            hearken.flush()
            hearken.close()
            assertEquals(listOf(Withdrawal(drawn.id, Withdrawal.Cause.WITHDRAWN)), withdrawals.await())
        }

    @Test
    fun `nothing is offered while the screen cannot be seen`(): Unit =
        runBlocking {
            val hearken = Hearken.open(null, slice, Consent.all(), canDisplay = false)
            hearken.track("cart_updated", "items" to 1)
            assertEquals("cannot_display", hearken.explain("cart-reminder").reason)
            assertEquals(Verdict.Accepted, hearken.setCanDisplay(true))
            assertEquals("cart-reminder", hearken.offer().campaign)
            hearken.close()
        }

    @Test
    fun `a playbook that is installed while the app runs takes effect at once`(): Unit =
        runBlocking {
            val hearken = openOn(null)
            assertEquals("unknown_event", (hearken.track("visited") as Verdict.Rejected).code)
            hearken.install(Playbook.text("""{"spec": 1, "id": "slice", "revision": 2, "plan": {"mode": "open"}}"""))
            assertEquals(Verdict.Accepted, hearken.track("visited"))
            assertEquals("unknown", hearken.explain("cart-reminder").reason)
            hearken.close()
        }

    @Test
    fun `an export comes in batches, each after the one before is acknowledged`(): Unit =
        runBlocking {
            val hearken = openOn(null)
            repeat(5) { hearken.track("product_viewed", "sku" to "$it") }
            val sizes = ArrayList<Int>()
            val skus = ArrayList<String>()
            hearken.export(max = 3).collect { batch ->
                sizes += batch.records.size
                skus +=
                    batch.records
                        .map(::parse)
                        .filter {
                            it["type"].asText() == "product_viewed"
                        }.map { it["data"]["sku"].asText() }
                batch.acknowledge()
            }
            assertTrue(sizes.size > 1 && sizes.all { it <= 3 }, "$sizes")
            assertEquals(listOf("0", "1", "2", "3", "4"), skus)
            hearken.close()
        }
}
