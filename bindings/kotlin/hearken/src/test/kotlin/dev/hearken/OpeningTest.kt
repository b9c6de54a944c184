package dev.hearken

import dev.hearken.internal.EARLY
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import java.util.concurrent.CountDownLatch

/** Opening is nobody's wait: calls queue, in their order, and a bounded number of them. */
class OpeningTest {
    @TempDir
    lateinit var folder: Path

    private val document = """{"spec": 1, "id": "open", "revision": 1, "plan": {"mode": "open"}}"""

    /** A playbook that is not read before the latch opens. */
    private fun slow(read: CountDownLatch) =
        Playbook("slow") {
            read.await()
            document
        }

    @Test
    fun `calls queue until the client is open`(): Unit =
        runBlocking {
            val read = CountDownLatch(1)
            val hearken = Hearken.open(null, slow(read), Consent.all())
            for (n in 0..2) assertEquals(Verdict.Accepted, hearken.track("e", "n" to n))
            assertEquals(Verdict.Accepted, hearken.track("e", "n" to Double.NaN))
            read.countDown()
            hearken.awaitReady()
            assertEquals("number", (hearken.track("e", "n" to Double.NaN) as Verdict.Rejected).code)
            val events = hearken.exported().filter { it["type"].asText() == "e" }
            assertEquals(listOf(0, 1, 2), events.map { it["data"]["n"].asInt() })
            hearken.close()
            val refusals = hearken.reports.toList().filter { it.startsWith("track e: number: ") }
            assertEquals(1, refusals.size, "what is refused later is reported")
        }

    @Test
    fun `the queue is bounded`(): Unit =
        runBlocking {
            val read = CountDownLatch(1)
            val hearken = Hearken.open(null, slow(read), Consent.all())
            repeat(EARLY) { hearken.track("e") }
            assertEquals("backpressure", (hearken.track("e") as Verdict.Rejected).code)
            read.countDown()
            hearken.flush()
            assertEquals(Verdict.Accepted, hearken.track("e"))
            val records = hearken.export(max = Int.MAX_VALUE).first().records
            assertEquals(EARLY + 1, records.count { "\"type\":\"e\"" in it })
            hearken.close()
        }

    @Test
    fun `a client that is closed while it opens keeps what it was told`(): Unit =
        runBlocking {
            val store = folder.resolve("shop.db")
            val read = CountDownLatch(1)
            val first = Hearken.open(store, slow(read), Consent.all())
            first.track("e")
            read.countDown()
            first.close()
            val second = openOn(store, Playbook.text(document))
            assertTrue("e" in second.exported().types())
            second.close()
        }
}
