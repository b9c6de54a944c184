package dev.hearken

import dev.hearken.generated.Config
import dev.hearken.generated.ManualTime
import dev.hearken.generated.StorePlace
import dev.hearken.internal.Core
import dev.hearken.internal.accepting
import dev.hearken.internal.converted
import dev.hearken.internal.properties
import dev.hearken.internal.propertyValue
import dev.hearken.internal.toExplanation
import dev.hearken.internal.toVerdict
import dev.hearken.internal.wellFormed
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.map
import java.nio.file.Path
import java.util.Locale
import java.util.TimeZone

/**
 * A Hearken client: decides on the device which message a person sees, when and why, and keeps a journal of it.
 *
 * Everything is safe to call from any thread. Functions that suspend do their waiting on a dispatcher for blocking work;
 * the others wait for nothing, except [close].
 */
public class Hearken internal constructor(
    internal val core: Core,
) : AutoCloseable {
    /**
     * Messages to draw. Each collector has its own stream, which starts with what is offered and not yet drawn; who calls
     * [Presentation.begin] first has the message. Completes when the client closes.
     */
    public val presentations: Flow<Presentation> =
        core.told.offers
            .flow()
            .map { offered -> Presentation(offered, core) }

    /** Presentations that are over, from here on. Completes when the client closes. */
    public val withdrawals: Flow<Withdrawal> = core.told.withdrawals.flow()

    /** What a developer should know, such as a damaged store that was kept aside; the latest 64, and those to come. */
    public val reports: Flow<String> = core.told.reports.flow()

    /**
     * Suspends until the client is open.
     *
     * @throws HearkenException.InvalidPlaybook the playbook cannot be used, and the store has no good one either
     * @throws HearkenException.NewerFormat the store is of a newer format
     * @throws HearkenException.StoreUnavailable the store cannot be read or written
     */
    public suspend fun awaitReady() {
        core.await { native -> native.ready() }
    }

    /** Whether another process owns the store: this one hands its events over, and shows nothing. Suspends until open. */
    public suspend fun isGuest(): Boolean =
        core.await { native ->
            native.ready()
            native.isGuest()
        }

    /**
     * Records an event. Waits for nothing and throws nothing; it is stored in the background.
     *
     * @param name as the tracking plan has it
     * @param properties texts, numbers, booleans, null, and lists and maps of these
     */
    public fun track(
        name: String,
        vararg properties: Pair<String, Any?>,
    ): Verdict = track(name, properties.toMap())

    /** Records an event, as [track] with pairs does. */
    public fun track(
        name: String,
        properties: Map<String, Any?>,
    ): Verdict {
        val event = name.wellFormed()
        return converted({ properties(properties, event) }) { values ->
            core.say("track $event") { native -> native.track(event, values).toVerdict() }
        }
    }

    /** Sets an attribute of the person; null removes it. Waits for nothing and throws nothing. */
    public fun setAttribute(
        name: String,
        value: Any?,
    ): Verdict {
        val attribute = name.wellFormed()
        return converted({ propertyValue(value, attribute) }) { values ->
            core.say("attribute $attribute") { native -> native.setAttribute(attribute, values).toVerdict() }
        }
    }

    /** The person's choice of purposes. Without messaging, what is open is taken back at once. Waits for nothing. */
    public fun setConsent(consent: Consent): Verdict =
        core.say("consent", accepting { native -> native.setConsent(consent.toPurposes()) })

    /** Says whether the app's screen can be seen: no message is offered while it cannot. Waits for nothing. */
    public fun setCanDisplay(canDisplay: Boolean): Verdict =
        core.say("canDisplay", accepting { native -> native.setCanDisplay(canDisplay) })

    /**
     * Installs a playbook while the app runs.
     *
     * @throws HearkenException.InvalidPlaybook what is wrong with it, and where; the last good one stays
     * @throws HearkenException.Rejected its revision is lower, or the same with another content
     */
    public suspend fun install(playbook: Playbook) {
        core.await { native ->
            val document = playbook.read()
            native.ready()
            native.install(document)
        }
    }

    /**
     * A presentation by its id, for a screen that the system restored with a message on it: what the person did with it
     * still counts.
     */
    public fun drawn(id: String): Drawn = Drawn(id.wellFormed(), core)

    /** Why a campaign is, or is not, shown now: the same walk that decides. */
    public suspend fun explain(campaign: String): Explanation =
        core.await { native -> native.explain(campaign.wellFormed()).toExplanation() }

    /**
     * Suspends until everything before it survives the end of the process.
     *
     * @throws HearkenException.StoreUnavailable the store failed; what was not kept is tried again
     */
    public suspend fun flush() {
        core.await { native -> native.flush() }
    }

    /**
     * Suspends until everything before it survives a loss of power.
     *
     * @throws HearkenException.StoreUnavailable the store failed; what was not kept is tried again
     */
    public suspend fun flushDurable() {
        core.await { native -> native.flushDurable() }
    }

    /**
     * What is recorded and not acknowledged yet, oldest first. The next batch comes once [ExportBatch.acknowledge] was
     * called for the one before; the flow completes at the end, or where a batch was not acknowledged.
     *
     * @param max records in a batch; what one step wrote stays together
     */
    public fun export(max: Int = 500): Flow<ExportBatch> =
        flow {
            val most = max.coerceAtLeast(1).toUInt()
            while (true) {
                val part = core.await { native -> native.exportPart(most) } ?: break
                val batch = ExportBatch(part.lines, part.journal, part.through, core)
                // Nothing to send: the person's consent kept all of it here.
                if (part.lines.isEmpty()) batch.acknowledge() else emit(batch)
                if (!batch.isAcknowledged) break
            }
        }

    /**
     * Stores what is left and closes; waits for the disk, so not on a main thread: see [shutdown]. Every later call is
     * refused as `closed`. Throws nothing: what could not be stored is a report.
     */
    override fun close() {
        try {
            core.shutdown()
        } catch (error: HearkenException) {
            core.told.reports.send("close: ${error.message}")
        } finally {
            core.told.end()
        }
    }

    /**
     * As [close], without holding the caller's thread.
     *
     * @throws HearkenException.StoreUnavailable something could not be stored
     */
    public suspend fun shutdown() {
        core.blocking {
            try {
                core.shutdown()
            } finally {
                core.told.end()
            }
        }
    }

    /** Where clients come from. */
    public companion object {
        /**
         * Opens a client. Returns at once: the native library, the playbook and the store are opened on a thread of the
         * client's own, and calls queue until they are.
         *
         * @param store the file that keeps the journal, in a folder that exists; null keeps it in memory
         * @param playbook what the app ships
         * @param consent what the person agreed to so far; it serves only the first profile of a store
         * @param locale the person's locale
         * @param canDisplay whether the app's screen can be seen from the start
         */
        @JvmStatic
        @JvmOverloads
        public fun open(
            store: Path?,
            playbook: Playbook,
            consent: Consent,
            locale: Locale = Locale.getDefault(),
            canDisplay: Boolean = true,
        ): Hearken = Hearken(Core.opening(Options(store, playbook, consent, locale, canDisplay)))
    }
}

/** How a client is opened; `manual` and `offset` are for tests. */
internal class Options(
    val store: Path?,
    val playbook: Playbook,
    val consent: Consent,
    val locale: Locale,
    val canDisplay: Boolean,
    val manual: ManualTime? = null,
    /** Minutes that local time is ahead of UTC. */
    val offset: () -> Int = { TimeZone.getDefault().getOffset(System.currentTimeMillis()) / 60_000 },
) {
    /** Reads the playbook. */
    fun toConfig(): Config =
        Config(
            playbook = playbook.read(),
            store = store?.let { StorePlace.File(it.toAbsolutePath().toString()) } ?: StorePlace.Memory,
            consent = consent.toPurposes(),
            locale = locale.toLanguageTag(),
            offsetMin = offset(),
            canDisplay = canDisplay,
            manual = manual,
        )
}
