package dev.hearken

import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir
import java.nio.ByteBuffer
import java.nio.file.Files
import java.nio.file.Path

/** What goes wrong reaches the caller as a type, and the app goes on. */
class ErrorsTest {
    @TempDir
    lateinit var folder: Path

    @Test
    fun `a playbook that is no playbook names the place`() {
        val events = """{"e": {"properties": {"p": "colour"}}}"""
        val bad = """{"spec": 1, "id": "shop", "revision": 1, "plan": {"events": $events}}"""
        val hearken = Hearken.open(null, Playbook.text(bad), Consent.all())
        val error = assertThrows<HearkenException.InvalidPlaybook> { runBlocking { hearken.awaitReady() } }
        assertTrue(error.path.startsWith("plan"), error.path)
        assertTrue(error.details.isNotEmpty())
        val refused = hearken.track("e")
        assertEquals("invalid_playbook", (refused as Verdict.Rejected).code)
        runBlocking {
            assertEquals(emptyList<Presentation>(), hearken.presentations.toList(), "the streams end")
            assertTrue(hearken.reports.toList().any { error.path in it }, "and a report says why")
        }
        hearken.close()
    }

    @Test
    fun `a playbook that is not JSON names line and column`() {
        val hearken = Hearken.open(null, Playbook.text("{\n  \"spec\": }"), Consent.all())
        val error = assertThrows<HearkenException.InvalidPlaybook> { runBlocking { hearken.awaitReady() } }
        assertTrue(error.path.startsWith("line 2, column"), error.path)
        hearken.close()
    }

    @Test
    fun `a playbook that is not there names the file`() {
        val path = folder.resolve("none.json")
        for ((place, playbook) in listOf("$path" to Playbook.file(path), "no/such" to Playbook.resource("no/such"))) {
            val hearken = Hearken.open(null, playbook, Consent.all())
            assertEquals(
                place,
                assertThrows<HearkenException.InvalidPlaybook> { runBlocking { hearken.awaitReady() } }.path,
            )
            assertThrows<HearkenException.InvalidPlaybook> { runBlocking { hearken.flush() } }
            assertEquals("invalid_playbook", (hearken.track("e") as Verdict.Rejected).code)
            hearken.close()
        }
    }

    @Test
    fun `a playbook that cannot be installed leaves the good one in force`(): Unit =
        runBlocking {
            val hearken = openOn(null)
            val bad = Playbook.text("""{"spec": 1, "id": "slice", "revision": "two"}""")
            val error = assertThrows<HearkenException.InvalidPlaybook> { runBlocking { hearken.install(bad) } }
            assertEquals("revision", error.path)
            assertTrue(error.details.isNotEmpty())
            val list = Playbook.text("[]")
            val none = assertThrows<HearkenException.InvalidPlaybook> { runBlocking { hearken.install(list) } }
            assertTrue(none.message.orEmpty().first().isLetter(), "where the place is the whole, none is named")
            val lower = Playbook.text("""{"spec": 1, "id": "slice", "revision": 0}""")
            assertEquals(
                "playbook",
                assertThrows<HearkenException.Rejected> { runBlocking { hearken.install(lower) } }.code,
            )
            assertEquals(Verdict.Accepted, hearken.track("cart_updated", "items" to 1))
            assertEquals("cart-reminder", hearken.offer().campaign)
            hearken.close()
        }

    @Test
    fun `an event that breaks the plan is refused by name`(): Unit =
        runBlocking {
            val hearken = openOn(null)
            val wrong = hearken.track("cart_updated", "items" to "two") as Verdict.Rejected
            assertEquals("wrong_type", wrong.code)
            assertTrue("cart_updated.items" in wrong.message, wrong.message)
            assertEquals("unknown_event", (hearken.track("unheard_of") as Verdict.Rejected).code)
            assertEquals("not_one_of", (hearken.setAttribute("tier", "tin") as Verdict.Rejected).code)
            hearken.setConsent(Consent.none())
            assertEquals(Verdict.NotConsented, hearken.track("product_viewed", "sku" to "a"))
            assertEquals(emptyList<String>(), hearken.exported().types().filter { !it.startsWith("$") })
            hearken.close()
        }

    @Test
    fun `a presentation that is no longer offered is refused by code`(): Unit =
        runBlocking {
            val hearken = openOn(null)
            hearken.track("cart_updated", "items" to 1)
            val offer = hearken.offer()
            hearken.setAttribute("tier", "gold")
            val error = assertThrows<HearkenException.Rejected> { runBlocking { offer.begun() } }
            assertEquals("presentation", error.code)
            assertTrue("audience" in error.message.orEmpty(), error.message)
            assertNull(offer.begin(), "there is nothing to draw, and nothing to catch")
            assertEquals("presentation", (hearken.drawn("no id").visible() as Verdict.Rejected).code)
            hearken.close()
        }

    @Test
    fun `a damaged file is kept aside and reported, and the client goes on`(): Unit =
        runBlocking {
            val store = folder.resolve("shop.db")
            val damaged = ByteArray(8192) { (it % 251).toByte() }
            Files.write(store, damaged)
            val hearken = openOn(store)
            assertEquals(Verdict.Accepted, hearken.track("product_viewed", "sku" to "a"))
            hearken.flush()
            val report = hearken.reports.first { "kept as" in it }
            val kept =
                Files
                    .list(folder)
                    .use { files ->
                        files.filter { ".damaged-" in it.fileName.toString() }.toList()
                    }.single()
            assertTrue(kept.toString() in report, report)
            assertArrayEquals(damaged, Files.readAllBytes(kept))
            assertTrue("product_viewed" in hearken.exported().types())
            hearken.close()
        }

    @Test
    fun `a file of a newer format is refused and left as it is`() {
        val store = folder.resolve("shop.db")
        runBlocking { openOn(store) }.close()
        val bytes = Files.readAllBytes(store)
        // `user_version` in the header of a SQLite file.
        ByteBuffer.wrap(bytes).putInt(60, 99)
        Files.write(store, bytes)
        val hearken = Hearken.open(store, slice, Consent.all())
        val error = assertThrows<HearkenException.NewerFormat> { runBlocking { hearken.awaitReady() } }
        assertTrue("99" in error.message.orEmpty(), error.message)
        assertEquals("newer_format", (hearken.track("cart_updated", "items" to 1) as Verdict.Rejected).code)
        hearken.close()
        assertArrayEquals(bytes, Files.readAllBytes(store))
    }

    @Test
    fun `a folder that is not there makes the store unavailable`() {
        val hearken = Hearken.open(folder.resolve("none/shop.db"), slice, Consent.all())
        assertThrows<HearkenException.StoreUnavailable> { runBlocking { hearken.awaitReady() } }
        hearken.close()
    }

    @Test
    fun `a closed client refuses everything and throws only where it can`(): Unit =
        runBlocking {
            val hearken = openOn(null)
            hearken.track("cart_updated", "items" to 1)
            val offer = hearken.offer()
            hearken.close()
            hearken.close()
            assertEquals(
                Verdict.Rejected("closed", "the client is closed"),
                hearken.track("cart_updated", "items" to 1),
            )
            assertEquals("closed", (hearken.setConsent(Consent.none()) as Verdict.Rejected).code)
            assertThrows<HearkenException.Closed> { runBlocking { hearken.flush() } }
            assertThrows<HearkenException.Closed> { runBlocking { hearken.explain("cart-reminder") } }
            assertThrows<HearkenException.Closed> { runBlocking { hearken.export().toList() } }
            assertNull(offer.begin())
            hearken.shutdown()
        }
}
