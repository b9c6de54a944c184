package dev.hearken

import dev.hearken.generated.CoreObserver
import dev.hearken.generated.HearkenCore
import dev.hearken.generated.Offer
import dev.hearken.generated.PropertyValue
import dev.hearken.internal.Broadcast
import dev.hearken.internal.whenever
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import dev.hearken.generated.Verdict as NativeVerdict

/** Every collector has its own stream, and none can harm another, or the client. */
class CollectorsTest {
    @TempDir
    lateinit var folder: Path

    @Test
    fun `two collectors see the same offer, and the first that begins has it`(): Unit =
        runBlocking {
            val hearken = openOn(null)
            val early = async(start = CoroutineStart.UNDISPATCHED) { hearken.presentations.first() }
            hearken.track("cart_updated", "items" to 1)
            val late = hearken.presentations.first()
            assertEquals(early.await().id, late.id)
            val begun =
                listOf(early.await(), late).map { offer ->
                    async { offer.begin()?.id }
                }
            assertEquals(setOf(late.id, null), begun.awaitAll().toSet())
            hearken.close()
        }

    @Test
    fun `what was begun elsewhere is no longer in a stream that starts later`(): Unit =
        runBlocking {
            val hearken = openOn(null)
            hearken.track("cart_updated", "items" to 1)
            assertNotNull(hearken.offer().begin())
            val late = async(start = CoroutineStart.UNDISPATCHED) { hearken.presentations.toList() }
            hearken.close()
            assertEquals(emptyList<Presentation>(), late.await())
        }

    @Test
    fun `a collector that throws harms nobody else`(): Unit =
        runBlocking {
            val hearken = openOn(null)
            val reached = CompletableDeferred<String>()
            val failed =
                async(start = CoroutineStart.UNDISPATCHED) {
                    runCatching {
                        hearken.presentations.collect { offer ->
                            reached.complete(offer.id)
                            error("the app's own defect")
                        }
                    }
                }
            hearken.track("cart_updated", "items" to 1)
            assertEquals("the app's own defect", failed.await().exceptionOrNull()?.message)
            val offer = hearken.offer()
            assertEquals(reached.await(), offer.id)
            assertNotNull(offer.begin())
            assertEquals(Verdict.Accepted, hearken.track("product_viewed", "sku" to "a"))
            hearken.close()
        }

    @Test
    fun `an observer that throws harms nobody`() {
        val told = CompletableDeferred<String>()
        val throwing =
            object : CoreObserver {
                override fun offered(offer: Offer) {
                    told.complete(offer.campaign)
                    error("a defect in a callback")
                }

                override fun withdrawn(
                    presentationId: String,
                    cause: String,
                ): Unit = throw NoClassDefFoundError("a worse one")

                override fun inboxChanged(): Unit = error("a defect in a callback")

                override fun reported(report: String): Unit = error("a defect in a callback")
            }
        val native =
            HearkenCore.open(
                Options(null, slice, Consent.all(), java.util.Locale.ENGLISH, true).toConfig(),
                throwing,
            )
        native.ready()
        native.track(
            "cart_updated",
            mapOf(
                "items" to
                    dev.hearken.generated.PropertyValue
                        .Int(1),
            ),
        )
        assertEquals("cart-reminder", runBlocking { told.await() })
        native.setConsent(Consent.none().toPurposes(), false)
        native.settle()
        val viewed = mapOf("sku" to PropertyValue.Text("a"))
        assertEquals(NativeVerdict.NotConsented, native.track("product_viewed", viewed))
        assertTrue(
            native.exportPart(100u, dev.hearken.generated.Encoding.NATIVE, false)!!.lines.any {
                "withdrawn" in it
            },
            "it is recorded all the same",
        )
        native.shutdown()
    }

    @Test
    fun `a caller that is cancelled while it begins gives the message back`(): Unit =
        runBlocking {
            repeat(20) {
                val hearken = openOn(null)
                hearken.track("cart_updated", "items" to 1)
                val offer = hearken.offer()
                val drawing = async(start = CoroutineStart.UNDISPATCHED) { offer.begin() }
                drawing.cancel()
                drawing.join()
                val outcome = hearken.explain("cart-reminder").outcome
                assertEquals(!drawing.isCancelled, outcome == Outcome.Displaying, "on the screen only if it was begun")
                hearken.close()
            }
        }

    @Test
    fun `a begin that fails can be tried again`(): Unit =
        runBlocking {
            val hearken = openOn(null)
            hearken.track("cart_updated", "items" to 1)
            val offer = hearken.offer()
            hearken.setCanDisplay(false)
            assertNull(offer.begin())
            hearken.setCanDisplay(true)
            val again = hearken.offer()
            assertEquals(again.id, again.begin()?.id)
            hearken.close()
        }

    @Test
    fun `an inbox that cannot be read now is left out, and the next change brings the next one`(): Unit =
        runBlocking {
            val changes = Broadcast<Unit>()
            val asked = Channel<Int>(Channel.UNLIMITED)
            var count = 0
            val reads =
                async(start = CoroutineStart.UNDISPATCHED) {
                    changes
                        .whenever {
                            count += 1
                            asked.send(count)
                            count.takeIf { it != 2 }
                        }.toList()
                }
            for (expected in 1..3) {
                assertEquals(expected, asked.receive())
                changes.send(Unit)
            }
            assertEquals(4, asked.receive())
            changes.end()
            assertEquals(listOf(1, 3, 4), reads.await(), "the second could not be read")
        }

    @Test
    fun `the inbox of a guest is a report, and completes with the client`(): Unit =
        runBlocking {
            val store = folder.resolve("shop.db")
            val owner = openOn(store)
            val guest = openOn(store)
            assertTrue(guest.isGuest())
            val inboxes = async(start = CoroutineStart.UNDISPATCHED) { guest.inbox.toList() }
            val report = guest.reports.first { it.startsWith("inbox: ") }
            assertTrue("owns the store" in report, report)
            guest.close()
            assertEquals(0, inboxes.await().size)
            owner.close()
        }

    @Test
    fun `the inbox of a client that cannot be opened completes`(): Unit =
        runBlocking {
            Hearken.open(null, Playbook.text("{}"), Consent.all()).use { hearken ->
                assertEquals(0, hearken.inbox.toList().size)
            }
        }

    @Test
    fun `every cause has its name, and one that is new is unknown`() {
        for (cause in Withdrawal.Cause.entries) assertEquals(cause, Withdrawal.Cause.of(cause.name.lowercase()))
        assertEquals(Withdrawal.Cause.UNKNOWN, Withdrawal.Cause.of("by_decree"))
    }
}
