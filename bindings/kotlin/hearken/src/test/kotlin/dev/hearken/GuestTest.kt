package dev.hearken

import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import kotlin.system.exitProcess

/** Another process on the same file hands its events over, and decides nothing. */
class GuestTest {
    @TempDir
    lateinit var folder: Path

    private fun inAnotherProcess(
        what: String,
        store: Path,
    ): List<String> {
        val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
        val classPath = System.getProperty("surefire.test.class.path") ?: System.getProperty("java.class.path")
        val vectors = "-Dhearken.vectors=${System.getProperty("hearken.vectors")}"
        val command = listOf(java, "-cp", classPath, vectors, OtherProcess::class.java.name, what, store.toString())
        val process = ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start()
        val lines = process.inputStream.bufferedReader().readLines()
        assertEquals(if (what == "killed") 9 else 0, process.waitFor(), "$lines")
        return lines
    }

    @Test
    fun `a guest's events arrive in the owner's export`(): Unit =
        runBlocking {
            val store = folder.resolve("shop.db")
            val owner = openOn(store)
            assertFalse(owner.isGuest())
            owner.track("product_viewed", "sku" to "the owner's")
            owner.flush()
            val said = inAnotherProcess("guest", store)
            val expected =
                listOf(
                    "guest: true",
                    "track: Accepted",
                    "attribute: not_owner",
                    "explain: NotOwner",
                    "offers: 0",
                )
            assertEquals(expected, said)
            val viewed = owner.exported().filter { it["type"].asText() == "product_viewed" }
            assertEquals(listOf("the owner's", "the guest's"), viewed.map { it["data"]["sku"].asText() })
            owner.close()
        }

    @Test
    fun `what a killed process had on its screen counts as seen, and is not shown again`(): Unit =
        runBlocking {
            val store = folder.resolve("shop.db")
            assertEquals(listOf("drawn"), inAnotherProcess("killed", store))
            val hearken = openOn(store)
            hearken.track("cart_updated", "items" to 1)
            assertEquals("limit", hearken.explain("cart-reminder").last?.stop?.reason)
            val committed = hearken.exported().single { it["type"].asText() == "\$use_committed" }
            assertEquals(true, committed["data"]["assumed"].asBoolean())
            hearken.close()
        }
}

/** What the other process does. */
internal object OtherProcess {
    @JvmStatic
    fun main(arguments: Array<String>) {
        val store = Path.of(arguments[1])
        runBlocking { if (arguments[0] == "guest") guest(store) else killed(store) }
    }

    private suspend fun guest(store: Path) {
        val hearken = openOn(store)
        println("guest: ${hearken.isGuest()}")
        println("track: ${hearken.track("product_viewed", "sku" to "the guest's")}")
        println("attribute: ${(hearken.setAttribute("tier", "gold") as Verdict.Rejected).code}")
        val explained = runCatching { hearken.explain("cart-reminder") }.exceptionOrNull()
        println("explain: ${explained?.javaClass?.simpleName}")
        hearken.flush()
        hearken.close()
        var offers = 0
        hearken.presentations.collect { offers += 1 }
        println("offers: $offers")
        exitProcess(0)
    }

    private suspend fun killed(store: Path) {
        val hearken = openOn(store)
        hearken.track("cart_updated", "items" to 1)
        hearken.presentations.first().begin()
        println("drawn")
        System.out.flush()
        Runtime.getRuntime().halt(9)
    }
}
