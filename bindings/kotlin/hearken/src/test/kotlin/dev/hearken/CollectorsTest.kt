package dev.hearken

import dev.hearken.generated.CoreObserver
import dev.hearken.generated.HearkenCore
import dev.hearken.generated.Offer
import dev.hearken.generated.PropertyValue
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import dev.hearken.generated.Verdict as NativeVerdict

/** Every collector has its own stream, and none can harm another, or the client. */
class CollectorsTest {
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
                    async {
                        try {
                            offer.begin().id
                        } catch (refused: HearkenException.Rejected) {
                            refused.code
                        }
                    }
                }
            assertEquals(setOf(late.id, "presentation"), begun.awaitAll().toSet())
            hearken.close()
        }

    @Test
    fun `what was begun elsewhere is no longer in a stream that starts later`(): Unit =
        runBlocking {
            val hearken = openOn(null)
            hearken.track("cart_updated", "items" to 1)
            hearken.offer().begin()
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
            offer.begin()
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
            assertThrows<HearkenException.Rejected> { runBlocking { offer.begin() } }
            hearken.setCanDisplay(true)
            val again = hearken.offer()
            assertEquals(again.id, again.begin().id)
            hearken.close()
        }
}
