// Written by `hearken types` from the tracking plan; do not edit.

import dev.hearken.Hearken
import dev.hearken.Verdict

/** The events of the tracking plan. */
public sealed class MyShopEvent(
    public val eventName: String,
) {
    /** The properties that are set, by the names of the plan. */
    public abstract fun toProperties(): Map<String, Any?>

    /** 2nd "visit"   */
    public data class N2ndVisit(
        public val unnamed: Long? = null,
        public val odd: String? = null,
    ) : MyShopEvent("2nd \"visit\"*/") {
        override fun toProperties(): Map<String, Any?> =
            buildMap {
                unnamed?.let { put("", it) }
                odd?.let { put("\$odd", it) }
            }
    }

    /** Cart Updated */
    public data object CartUpdated : MyShopEvent("Cart Updated") {
        override fun toProperties(): Map<String, Any?> = emptyMap()
    }

    /** cart_updated */
    public data class CartUpdated2(
        public val items: Long,
        public val `class`: Double? = null,
        public val extra: Map<String, Any?>? = null,
        public val gift: Boolean? = null,
        public val tags: List<Any?>? = null,
        public val topItem: String? = null,
    ) : MyShopEvent("cart_updated") {
        override fun toProperties(): Map<String, Any?> =
            buildMap {
                put("items", items)
                `class`?.let { put("class", it) }
                extra?.let { put("extra", it) }
                gift?.let { put("gift", it) }
                tags?.let { put("tags", it) }
                topItem?.let { put("top-item", it) }
            }
    }
}

/** Records an event of the tracking plan. */
public fun Hearken.track(event: MyShopEvent): Verdict = track(event.eventName, event.toProperties())

/** Sets the attribute 2nd tier; null removes it. */
public fun Hearken.setN2ndTier(value: String?): Verdict = setAttribute("2nd tier", value)

/** Sets the attribute a b; null removes it. */
public fun Hearken.setAB(value: Long?): Verdict = setAttribute("a b", value)
