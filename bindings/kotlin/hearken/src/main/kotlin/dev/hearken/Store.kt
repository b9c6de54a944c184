package dev.hearken

import kotlin.time.Duration
import kotlin.time.Duration.Companion.days
import dev.hearken.generated.Encoding as GeneratedEncoding

/**
 * How long, and how much, is kept of what no export has taken, whichever is reached first. What is given up then is
 * recorded as `$journal_gap`.
 *
 * @property age how long
 * @property bytes how large the store may become
 */
public data class Retention(
    val age: Duration = 90.days,
    val bytes: Long = 50_000_000,
)

/**
 * What an erasure deleted.
 *
 * @property profiles the profiles of which nothing is left: the keys by which a warehouse deletes
 * @property journal the id of the journal that begins here
 */
public data class Receipt(
    val profiles: List<String>,
    val journal: String,
)

/** How an export writes its records. Every encoding says the same. */
public enum class Encoding {
    /** Hearken's own lines: JSON Lines. */
    NATIVE,

    /** Messages of Segment's HTTP API; the body is a batch. */
    SEGMENT,

    /** CloudEvents 1.0 in JSON; the body is a batch. */
    CLOUD_EVENTS,

    ;

    internal fun toGenerated(): GeneratedEncoding =
        when (this) {
            NATIVE -> GeneratedEncoding.NATIVE
            SEGMENT -> GeneratedEncoding.SEGMENT
            CLOUD_EVENTS -> GeneratedEncoding.CLOUD_EVENTS
        }
}
