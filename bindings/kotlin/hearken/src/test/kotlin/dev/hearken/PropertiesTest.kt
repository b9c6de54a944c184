package dev.hearken

import com.fasterxml.jackson.databind.JsonNode
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.math.BigInteger
import java.util.Date

/** What an app hands over becomes JSON, or is refused by its path. */
class PropertiesTest {
    private val open = Playbook.text("""{"spec": 1, "id": "open", "revision": 1, "plan": {"mode": "open"}}""")

    private fun recorded(vararg properties: Pair<String, Any?>): JsonNode =
        runBlocking {
            val hearken = openOn(null, open)
            assertEquals(Verdict.Accepted, hearken.track("e", *properties))
            val event = hearken.exported().single { it["type"].asText() == "e" }
            hearken.close()
            event["data"]
        }

    private fun refused(vararg properties: Pair<String, Any?>): Verdict.Rejected =
        runBlocking {
            val hearken = openOn(null, open)
            val verdict = hearken.track("e", *properties)
            assertEquals(emptyList<String>(), hearken.exported().types().filter { it == "e" })
            hearken.close()
            verdict as Verdict.Rejected
        }

    @Test
    fun `every type that has a place in JSON arrives`() {
        val properties =
            recorded(
                "null" to null,
                "yes" to true,
                "byte" to 1.toByte(),
                "int" to -2,
                "long" to 9_007_199_254_740_991,
                "big" to BigInteger.TEN,
                "double" to 0.1,
                "float" to 1.5f,
                "text" to "Λάμπα \u0000 \uD83D\uDE00",
                "char" to 'c',
                "list" to listOf(1, "two", null),
                "array" to arrayOf(1, 2),
                "ints" to intArrayOf(3),
                "map" to mapOf("a" to mapOf("b" to setOf(false))),
            )
        val expected =
            """{"null": null, "yes": true, "byte": 1, "int": -2, "long": 9007199254740991, "big": 10, "double": 0.1,
            "float": 1.5, "text": "Λάμπα \u0000 😀", "char": "c", "list": [1, "two", null], "array": [1, 2], "ints": [3],
            "map": {"a": {"b": [false]}}}"""
        assertEquals(parse(expected), properties)
    }

    @Test
    fun `a lone surrogate becomes the replacement character, everywhere`() {
        val properties = recorded("a\uD800" to "\uDC00b", "list" to listOf("\uD83D"))
        assertEquals(parse("""{"a�": "�b", "list": ["�"]}"""), properties)
        runBlocking {
            val hearken = openOn(null)
            assertEquals("unknown_event", (hearken.track("\uD800") as Verdict.Rejected).code)
            assertEquals("unknown_property", (hearken.setAttribute("\uD800", 1) as Verdict.Rejected).code)
            assertEquals("unknown", hearken.explain("\uD800").reason)
            hearken.close()
        }
    }

    @Test
    fun `what has no place in JSON is refused by its path`() {
        val date = refused("when" to listOf(mapOf("at" to Date(0))))
        assertEquals("not_json", date.code)
        assertTrue("e.when.0.at" in date.message && "java.util.Date" in date.message, date.message)
        val key = refused("map" to mapOf(1 to 2))
        assertTrue("e.map" in key.message, key.message)
        val nan = refused("n" to listOf(Double.NaN))
        assertEquals("number", nan.code)
        assertTrue("e.n.0" in nan.message, nan.message)
        assertEquals("number", refused("n" to 9_007_199_254_740_992).code)
        assertEquals("number", refused("n" to BigInteger.TWO.pow(80)).code)
    }

    @Test
    fun `a collection that contains itself, or breaks while it is read, is refused`() {
        val cycle = HashMap<String, Any?>()
        cycle["again"] = cycle
        assertEquals("too_deep", refused("cycle" to cycle).code)
        val broken =
            object : AbstractList<Int>() {
                override val size = 1

                override fun get(index: Int): Int = error("broken")
            }
        assertEquals("not_json", refused("list" to broken).code)
    }
}
