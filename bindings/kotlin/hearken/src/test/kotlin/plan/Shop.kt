// Written by `hearken types` from the tracking plan; do not edit.

import dev.hearken.Hearken
import dev.hearken.Verdict

/** The events of the tracking plan. */
public sealed class ShopEvent(
    public val eventName: String,
) {
    /** The properties that are set, by the names of the plan. */
    public abstract fun toProperties(): Map<String, Any?>

    /** beacon_entered */
    public data class BeaconEntered(
        public val place: String? = null,
    ) : ShopEvent("beacon_entered") {
        override fun toProperties(): Map<String, Any?> =
            buildMap {
                place?.let { put("place", it) }
            }
    }

    /** cart_updated */
    public data class CartUpdated(
        public val items: Long? = null,
        public val topItem: String? = null,
        public val totalMinor: Long? = null,
    ) : ShopEvent("cart_updated") {
        override fun toProperties(): Map<String, Any?> =
            buildMap {
                items?.let { put("items", it) }
                topItem?.let { put("top_item", it) }
                totalMinor?.let { put("total_minor", it) }
            }
    }

    /** nps_answered */
    public data class NpsAnswered(
        public val score: Long? = null,
        public val why: String? = null,
    ) : ShopEvent("nps_answered") {
        override fun toProperties(): Map<String, Any?> =
            buildMap {
                score?.let { put("score", it) }
                why?.let { put("why", it) }
            }
    }

    /** order_completed */
    public data class OrderCompleted(
        public val orderId: String,
        public val revenueMinor: Long? = null,
    ) : ShopEvent("order_completed") {
        override fun toProperties(): Map<String, Any?> =
            buildMap {
                put("order_id", orderId)
                revenueMinor?.let { put("revenue_minor", it) }
            }
    }

    /** product_viewed */
    public data class ProductViewed(
        public val sku: String,
        public val priceMinor: Long? = null,
    ) : ShopEvent("product_viewed") {
        override fun toProperties(): Map<String, Any?> =
            buildMap {
                put("sku", sku)
                priceMinor?.let { put("price_minor", it) }
            }
    }
}

/** Records an event of the tracking plan. */
public fun Hearken.track(event: ShopEvent): Verdict = track(event.eventName, event.toProperties())

/** Sets the attribute first_name; null removes it. */
public fun Hearken.setFirstName(value: String?): Verdict = setAttribute("first_name", value)

/** Sets the attribute points; null removes it. */
public fun Hearken.setPoints(value: Long?): Verdict = setAttribute("points", value)

/** Sets the attribute tier; null removes it. */
public fun Hearken.setTier(value: String?): Verdict = setAttribute("tier", value)
