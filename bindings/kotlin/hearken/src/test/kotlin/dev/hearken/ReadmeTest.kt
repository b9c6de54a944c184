package dev.hearken

import dev.hearken.testing.TestHearken
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Job
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.yield
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Files
import java.nio.file.Path
import java.time.OffsetDateTime
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.seconds

/** What the README shows, word for word. */
class ReadmeTest {
    @TempDir
    lateinit var folder: Path

    private val drawn = ArrayList<Message>()
    private val sent = ArrayList<String>()

    private fun draw(message: Message): String? {
        drawn += message
        return message.blocks
            .filterIsInstance<Block.Button>()
            .first()
            .id
    }

    private fun send(records: List<String>) {
        sent += records
    }

    @Test
    fun `two minutes`(): Unit =
        runBlocking {
            // README
            val hearken = Hearken.open(folder.resolve("shop.db"), Playbook.resource("playbook.json"), Consent.all())
            hearken.track("cart_updated", "items" to 2)
            // end
            val scope = CoroutineScope(coroutineContext + Job())
            // README
            scope.launch {
                hearken.presentations.collect { offer ->
                    val drawn = offer.begin() ?: return@collect // no longer to be shown
                    val seen =
                        launch {
                            delay(1.seconds) // on the screen for `settings.impression`
                            drawn.visible() // this is what counts
                        }
                    val button = draw(offer.message) // yours: what the person used; null if they closed it
                    seen.cancel()
                    if (button == null) drawn.dismiss() else drawn.click(button)
                }
            }
            // end
            assertEquals(Withdrawal.Cause.ACTION, hearken.withdrawals.first().cause)
            hearken.track("cart_updated", "items" to 2)
            // README
            val why = hearken.explain("cart-reminder")
            println("now: ${why.outcome}")
            println("the last trigger: ${why.last ?: "none since the client opened"}")
            // end
            assertEquals("limit", why.last?.stop?.reason)
            // README
            hearken.export(max = 500).collect { batch ->
                send(batch.records) // yours: JSON Lines
                batch.acknowledge()
            }
            // end
            // README
            hearken.identify("u-1001")
            hearken.screen("cart")
            hearken.setAttribute("tier", "silver")
            // end
            val badge = ArrayList<Int>()
            val listing =
                launch {
                    // README
                    hearken.inbox.collect { inbox -> badge += inbox.unread }
                    // end
                }
            while (badge.isEmpty()) yield()
            // README
            val receipt = hearken.erase()
            println("delete what was exported of ${receipt.profiles}")
            // end
            assertEquals(1, drawn.size)
            assertTrue(sent.map(::parse).types().containsAll(listOf("\$shown", "\$clicked", "cart_updated")))
            assertEquals(1, receipt.profiles.size)
            hearken.close()
            scope.coroutineContext.job.children.forEach { it.join() }
            listing.join()
        }

    @Test
    fun lifecycle(): Unit =
        runBlocking {
            val hearken = Hearken.open(null, Playbook.resource("playbook.json"), Consent.all())
            // README
            hearken.setCanDisplay(true) // onStart
            hearken.setCanDisplay(false) // onStop
            hearken.flush() // in a coroutine: survives the end of the process, which may come any time from here on
            // end
            hearken.track("cart_updated", "items" to 2)
            assertEquals("cannot_display", hearken.explain("cart-reminder").reason)
            // README
            hearken.setHost("app_version" to "4.2.0", "os_version" to "15", "device_class" to "tablet")
            // end
            hearken.setCanDisplay(true)
            val offer = hearken.offer()
            // README
            hearken.setConsent(Consent(analytics = false, personalization = false, messaging = true))
            // end
            val taken = CompletableDeferred<String>()
            val takeDown = { presentation: String -> taken.complete(presentation) }
            val taking =
                launch(start = CoroutineStart.UNDISPATCHED) {
                    // README
                    hearken.withdrawals.collect { gone -> takeDown(gone.presentation) } // yours
                    // end
                }
            hearken.setConsent(Consent.none())
            assertEquals(offer.id, taken.await())
            // README
            hearken.shutdown() // or close(), which holds the thread
            // end
            taking.join()
        }

    @Test
    fun `tests of your app`() {
        // README
        val t = TestHearken(Playbook.resource("playbook.json"), OffsetDateTime.parse("2026-11-21T10:00:00+02:00"))
        t.track("cart_updated", "items" to 2)
        assertEquals(listOf("cart-reminder"), t.shown().map { it.campaign })
        t.shown().single().click("go")
        t.advance(1.hours)
        t.track("cart_updated", "items" to 2)
        assertEquals("limit", t.why("cart-reminder").last?.stop?.reason)
        // end
        t.close()
    }

    @Test
    fun `the README shows what is tested here`() {
        val home = Path.of(System.getProperty("hearken.home"))
        val readme = Files.readString(home.resolve("../README.md"))
        val source = Files.readString(home.resolve("src/test/kotlin/dev/hearken/ReadmeTest.kt"))
        val tested =
            Regex("// README\n(.*?)\n *// end", RegexOption.DOT_MATCHES_ALL).findAll(source).map {
                it.groupValues[1].trimIndent()
            }
        assertEquals(blocks(readme, "kotlin"), tested.toList())
        assertEquals(blocks(readme, "json"), listOf(Playbook.resource("playbook.json").read().trim()))
    }

    private fun blocks(
        markdown: String,
        language: String,
    ): List<String> {
        val fenced = Regex("```$language\n(.*?)\n```", RegexOption.DOT_MATCHES_ALL)
        return fenced.findAll(markdown).map { it.groupValues[1] }.toList()
    }
}
