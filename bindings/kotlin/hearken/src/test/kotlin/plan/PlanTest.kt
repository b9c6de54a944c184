import dev.hearken.Playbook
import dev.hearken.Verdict
import dev.hearken.testing.TestHearken
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** What `hearken types` writes is used as an app uses it. */
class PlanTest {
    private fun playbook(plan: String) = Playbook.text("""{"spec": 1, "id": "p", "revision": 1, "plan": $plan}""")

    @Test
    fun `events and attributes of a plan arrive under their names`() {
        val plan =
            """
            {"events": {"cart_updated": {"properties": {"items": {"type": "int"}, "top_item": {"type": "string"}}}},
             "attributes": {"tier": {"type": "string"}}}
            """
        TestHearken(playbook(plan)).use { t ->
            assertEquals(Verdict.Accepted, t.client.track(ShopEvent.CartUpdated(items = 2, topItem = "Lamp")))
            assertEquals(Verdict.Accepted, t.client.setTier("gold"))
            val lines = t.export().joinToString("\n")
            assertTrue(""""type":"cart_updated"""" in lines, lines)
            assertTrue(""""data":{"items":2,"top_item":"Lamp"}""" in lines, lines)
            assertTrue(""""op":"set","name":"tier","value":"gold"""" in lines, lines)
        }
    }

    @Test
    fun `odd names are taken as they stand in the plan`() {
        val plan =
            """
            {"mode": "strict", "events": {
               "cart_updated": {"properties": {"items": {"type": "int", "required": true},
                 "top-item": {"type": "string"}, "class": {"type": "number"}}},
               "Cart Updated": {}}, "attributes": {"2nd tier": {"type": "string"}}}
            """
        TestHearken(playbook(plan)).use { t ->
            val updated = MyShopEvent.CartUpdated2(items = 1, `class` = 1.5, topItem = "é")
            assertEquals(Verdict.Accepted, t.client.track(updated))
            assertEquals(Verdict.Accepted, t.client.track(MyShopEvent.CartUpdated))
            assertEquals(Verdict.Accepted, t.client.setN2ndTier(null))
            val lines = t.export().joinToString("\n")
            assertTrue(""""data":{"class":1.5,"items":1,"top-item":"é"}""" in lines, lines)
        }
    }
}
