package dev.hearken.testing

import dev.hearken.Consent
import dev.hearken.HearkenException
import dev.hearken.Playbook
import dev.hearken.Verdict
import dev.hearken.Withdrawal
import dev.hearken.parse
import dev.hearken.slice
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import java.time.OffsetDateTime
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.seconds

/** The kit for the tests of an app. */
class TestHearkenTest {
    @TempDir
    lateinit var folder: Path

    private val now = OffsetDateTime.parse("2026-11-21T10:00:00+02:00")

    @Test
    fun `it shows at once what an app would`() {
        TestHearken(slice, now).use { t ->
            assertEquals(Verdict.Accepted, t.track("cart_updated", "items" to 2))
            val shown = t.shown().single()
            assertEquals("cart-reminder", shown.campaign)
            assertEquals(listOf("go", "later"), shown.buttons.map { it.id })
            shown.click("go")
            t.track("cart_updated", "items" to 2)
            assertEquals(1, t.shown().size)
            assertEquals("limit", t.why("cart-reminder").last?.stop?.reason)
            assertEquals(listOf(Withdrawal.Cause.ACTION), t.withdrawn().map { it.cause })
        }
    }

    @Test
    fun `the same seed gives the same journal, byte for byte`() {
        fun journal(seed: Long): List<String> =
            TestHearken(slice, now, seed = seed).use { t ->
                t.track("cart_updated", "items" to 2)
                t.advance(1.hours)
                t.track("product_viewed", "sku" to "a")
                t.export()
            }
        val first = journal(1)
        assertTrue(first.size > 8)
        assertEquals(first, journal(1))
        assertTrue(first != journal(2))
    }

    @Test
    fun `time stands still until it is moved`() {
        TestHearken(slice, now, draws = false).use { t ->
            t.track("cart_updated", "items" to 2)
            val offer = t.offered().single()
            t.advance(59.seconds)
            assertEquals(listOf(offer.id), t.offered().map { it.id })
            t.advance(1.seconds)
            assertEquals(listOf(Withdrawal.Cause.LEASE), t.withdrawn().map { it.cause })
            assertEquals(now.plusMinutes(1), t.now)
            val times = t.export().map { parse(it) }
            assertEquals(setOf(120), times.map { it["offset"].asInt() }.toSet())
        }
    }

    @Test
    fun `a person who travels takes their offset along`() {
        TestHearken(slice, now).use { t ->
            t.track("product_viewed", "sku" to "a")
            t.setTime(OffsetDateTime.parse("2026-11-21T11:00:00-03:30"))
            t.track("product_viewed", "sku" to "b")
            val viewed = t.export().map { parse(it) }.filter { it["type"].asText() == "product_viewed" }
            assertEquals(listOf(120, -210), viewed.map { it["offset"].asInt() })
        }
    }

    @Test
    fun `a file outlives the process`() {
        TestHearken(slice, now, store = folder.resolve("t.db")).use { t ->
            t.track("cart_updated", "items" to 2)
            assertEquals(1, t.shown().size)
            t.reopen()
            t.track("cart_updated", "items" to 2)
            assertEquals(1, t.shown().size)
            assertEquals("limit", t.why("cart-reminder").last?.stop?.reason)
        }
    }

    @Test
    fun `what a test does not expect is thrown`() {
        assertThrows<HearkenException.InvalidPlaybook> { TestHearken(Playbook.text("{}")) }
        TestHearken(slice, consent = Consent.none()).use { t ->
            assertEquals(Verdict.NotConsented, t.track("cart_updated", "items" to 2))
            assertEquals(emptyList<Shown>(), t.shown())
        }
    }
}
