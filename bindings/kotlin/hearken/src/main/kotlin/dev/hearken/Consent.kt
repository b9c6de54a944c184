package dev.hearken

import dev.hearken.generated.Purposes

/**
 * The purposes that a person agreed to. There is no default: an app says it.
 *
 * @property analytics measuring; only what is recorded under it is exported
 * @property personalization content that adapts to the person
 * @property messaging messages at all
 */
public data class Consent(
    val analytics: Boolean,
    val personalization: Boolean,
    val messaging: Boolean,
) {
    internal constructor(purposes: Purposes) : this(purposes.analytics, purposes.personalization, purposes.messaging)

    internal fun toPurposes(): Purposes = Purposes(analytics, personalization, messaging)

    /** The two ends. */
    public companion object {
        /** Every purpose. */
        @JvmStatic
        public fun all(): Consent = Consent(analytics = true, personalization = true, messaging = true)

        /** No purpose: nothing is recorded, nothing is shown. */
        @JvmStatic
        public fun none(): Consent = Consent(analytics = false, personalization = false, messaging = false)
    }
}
