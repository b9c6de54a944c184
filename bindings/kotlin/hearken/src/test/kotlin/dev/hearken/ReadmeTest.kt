package dev.hearken

import dev.hearken.testing.TestHearken
import kotlinx.coroutines.CompletableDeferred
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

/** What the README shows, word for word. */
class ReadmeTest {
    @TempDir
    lateinit var folder: Path

    private val drawn = ArrayList<Message>()
    private val sent = ArrayList<String>()
    private val clicked = CompletableDeferred<Unit>()

    private fun draw(message: Message): String {
        drawn += message
        return message.blocks
            .filterIsInstance<Block.Button>()
            .first()
            .id
            .also { clicked.complete(Unit) }
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
            val collecting =
                launch {
                    // README
                    hearken.presentations.collect { offer ->
                        val drawn = offer.begin()
                        val button = draw(offer.message) // yours: suspends until the person has chosen
                        drawn.visible() // seen for a second: this is what counts
                        drawn.click(button)
                    }
                    // end
                }
            clicked.await()
            hearken.flush()
            hearken.track("cart_updated", "items" to 2)
            // README
            val why = hearken.explain("cart-reminder")
            println("${why.outcome}, the last time ${why.last?.stop?.reason}")
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
            collecting.join()
            listing.join()
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
