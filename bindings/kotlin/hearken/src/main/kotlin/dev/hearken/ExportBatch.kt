package dev.hearken

import dev.hearken.internal.Core

/**
 * A part of the journal, to be sent wherever the app sends it.
 *
 * @property records one JSON document per record, oldest first; a record that comes again has the very same bytes
 * @property body all of them as the body of one request
 * @property contentType the body's media type
 * @property journal the journal's id: new whenever a journal starts anew
 */
public class ExportBatch internal constructor(
    public val records: List<String>,
    public val body: String,
    public val contentType: String,
    public val journal: String,
    private val through: ULong,
    private val core: Core,
) {
    /** Set once these records never come again. */
    @Volatile
    internal var isAcknowledged: Boolean = false
        private set

    /**
     * Says that the records have arrived: they never come again. Suspends until that is stored.
     *
     * @throws HearkenException.StoreUnavailable it could not be stored: the records come again
     */
    public suspend fun acknowledge() {
        core.await { native -> native.acknowledge(journal, through) }
        isAcknowledged = true
    }
}
