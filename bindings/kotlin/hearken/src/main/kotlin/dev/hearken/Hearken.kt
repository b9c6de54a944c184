package dev.hearken

import dev.hearken.generated.AttributeChange
import dev.hearken.generated.Config
import dev.hearken.generated.ManualTime
import dev.hearken.generated.PropertyValue
import dev.hearken.generated.StorePlace
import dev.hearken.internal.Core
import dev.hearken.internal.accepting
import dev.hearken.internal.converted
import dev.hearken.internal.orThrow
import dev.hearken.internal.properties
import dev.hearken.internal.propertyValue
import dev.hearken.internal.toExplanation
import dev.hearken.internal.toMap
import dev.hearken.internal.toMessage
import dev.hearken.internal.toReport
import dev.hearken.internal.toVerdict
import dev.hearken.internal.wellFormed
import dev.hearken.internal.whenever
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.map
import java.nio.file.Path
import java.util.Locale
import java.util.TimeZone
import kotlin.time.Duration.Companion.milliseconds

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
     * [Presentation.begin] first has the message. Completes when the client closes or cannot be opened, and throws nothing.
     */
    public val presentations: Flow<Presentation> =
        core.told.offers
            .flow()
            .map { offered -> Presentation(offered, core) }

    /** Presentations that are over, from here on. Completes when the client closes or cannot be opened, and throws nothing. */
    public val withdrawals: Flow<Withdrawal> = core.told.withdrawals.flow()

    /**
     * What a developer should know, such as a damaged store that was kept aside; the latest 64, and those to come. Completes
     * when the client closes or cannot be opened, after the report that says why, and throws nothing.
     */
    public val reports: Flow<String> = core.told.reports.flow()

    /**
     * Suspends until the client is open.
     *
     * @throws HearkenException.InvalidPlaybook the playbook cannot be used, and the store has no good one either
     * @throws HearkenException.InvalidOption an option cannot be used
     * @throws HearkenException.NewerFormat the store is of a newer format
     * @throws HearkenException.StoreUnavailable the store cannot be read or written
     * @throws HearkenException.Closed the client is closed
     */
    public suspend fun awaitReady() {
        core.await { native -> native.ready() }
    }

    /**
     * Whether another process owns the store: this one hands its events over, and shows nothing. Suspends until open.
     *
     * @throws HearkenException what [awaitReady] throws
     */
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

    /**
     * The inbox: as it is now, and again whenever it changed. Completes when the client closes or cannot be opened, and throws
     * nothing: an inbox that cannot be read now, such as a guest's, is a report, and the next change brings the next one.
     */
    public val inbox: Flow<Inbox> =
        core.told.inboxChanges.whenever {
            try {
                readInbox()
            } catch (_: HearkenException.Closed) {
                null
            } catch (fault: HearkenException) {
                core.told.reports.send("inbox: ${fault.message}")
                null
            }
        }

    private suspend fun readInbox(): Inbox =
        core.await { native ->
            val inbox = native.inbox()
            Inbox(inbox.cards.map { Card(it, core) }, inbox.unread.toInt())
        }

    /**
     * The person has a name: an id of the app's own. An anonymous profile gets it; where somebody else was known, that
     * person's profile becomes current, and what was open for the one before is taken back. Suspends until the client is
     * open.
     *
     * @throws HearkenException.Rejected no name, or the library is switched off
     * @throws HearkenException.NotOwner in a guest
     * @throws HearkenException.Backpressure too much waits to be stored
     * @throws HearkenException what [awaitReady] throws
     */
    public suspend fun identify(user: String) {
        core.await { native ->
            native.ready()
            native.identify(user.wellFormed()).orThrow()
        }
    }

    /** The person left: a new, anonymous profile is current from here on. Waits for nothing. */
    public fun reset(): Verdict = core.say("reset") { native -> native.reset().toVerdict() }

    /** Sets an attribute of the person; null removes it. Waits for nothing and throws nothing. */
    public fun setAttribute(
        name: String,
        value: Any?,
    ): Verdict = attribute(name, value) { AttributeChange.Set(it) }

    /** Removes an attribute. Waits for nothing and throws nothing. */
    public fun unsetAttribute(name: String): Verdict = attribute(name, null) { AttributeChange.Unset }

    /** Adds to an attribute that is a number; one that is not there counts as 0. Waits for nothing and throws nothing. */
    public fun increment(
        name: String,
        by: Number,
    ): Verdict = attribute(name, by) { AttributeChange.Increment(it) }

    /** Adds a value to an attribute that is a list, if it is not there yet. Waits for nothing and throws nothing. */
    public fun append(
        name: String,
        value: Any?,
    ): Verdict = attribute(name, value) { AttributeChange.Append(it) }

    /** Takes a value out of an attribute that is a list. Waits for nothing and throws nothing. */
    public fun remove(
        name: String,
        value: Any?,
    ): Verdict = attribute(name, value) { AttributeChange.Remove(it) }

    private fun attribute(
        name: String,
        value: Any?,
        change: (PropertyValue) -> AttributeChange,
    ): Verdict {
        val attribute = name.wellFormed()
        return converted({ change(propertyValue(value, attribute)) }) { changed ->
            core.say("attribute $attribute") { native -> native.changeAttribute(attribute, changed).toVerdict() }
        }
    }

    /**
     * The person's choice of purposes. Without messaging, what is open is taken back at once. Waits for nothing.
     *
     * @param purge nothing that was recorded before is exported any more: it leaves the store
     */
    @JvmOverloads
    public fun setConsent(
        consent: Consent,
        purge: Boolean = false,
    ): Verdict = core.say("consent") { native -> native.setConsent(consent.toPurposes(), purge).toVerdict() }

    /** Switches the library off: it records nothing and shows nothing, also after a restart, until [enable]. */
    public fun disable(): Verdict = core.say("disable") { native -> native.setEnabled(false).toVerdict() }

    /** Switches the library on again. */
    public fun enable(): Verdict = core.say("enable") { native -> native.setEnabled(true).toVerdict() }

    /** The person came to a screen of the app. Waits for nothing and throws nothing. */
    public fun screen(name: String): Verdict =
        core.say("screen $name") { native -> native.screen(name.wellFormed()).toVerdict() }

    /** Sets off the campaigns that wait for this cue of the app's own: the trigger `{manual: NAME}`. */
    public fun manual(name: String): Verdict = cue("manual", name)

    /** What only the app can see, such as `dwell` in milliseconds; recorded only where a campaign waits for it. */
    @JvmOverloads
    public fun cue(
        cue: String,
        value: Any? = null,
    ): Verdict =
        converted({ value?.let { propertyValue(it, "value") } }) { converted ->
            core.say("cue $cue") { native -> native.cue(cue.wellFormed(), converted).toVerdict() }
        }

    /** A touch through another channel. Waits for nothing and throws nothing. */
    public fun touch(touch: Touch): Verdict =
        core.say("touch ${touch.deliveryId}") { native -> native.touch(touch.toGenerated()).toVerdict() }

    /**
     * A message or card that the app brings, such as from a push payload: a campaign without a trigger, with its `messages`,
     * `text` and `locales`. It goes the same way as the playbook's own.
     *
     * @param document as JSON
     */
    public fun offer(document: String): Verdict =
        core.say("offer") { native -> native.offer(document.wellFormed()).toVerdict() }

    /** A place on the screen is there: what fills it is offered. Waits for nothing. */
    public fun mount(placement: String): Verdict =
        core.say("mount $placement") { native -> native.mount(placement.wellFormed(), true).toVerdict() }

    /** A place on the screen is gone. Waits for nothing. */
    public fun unmount(placement: String): Verdict =
        core.say("unmount $placement") { native -> native.mount(placement.wellFormed(), false).toVerdict() }

    /** Values that conditions may ask for by `$host`, such as `app_version`; what is not named stays. */
    public fun setHost(vararg values: Pair<String, Any?>): Verdict = setHost(values.toMap())

    /** As [setHost] with pairs does. */
    public fun setHost(values: Map<String, Any?>): Verdict =
        converted({ properties(values, "host") }) { converted ->
            core.say("host") { native -> native.setHost(converted).toVerdict() }
        }

    /** Holds every message back but the cards of the inbox, until [resume]: for a checkout, or a call. Waits for nothing. */
    public fun pause(): Verdict = core.say("pause") { native -> native.setPaused(true).toVerdict() }

    /** Lets messages come again. Waits for nothing. */
    public fun resume(): Verdict = core.say("resume") { native -> native.setPaused(false).toVerdict() }

    /** The person's locale from here on. Waits for nothing. */
    public fun setLocale(locale: Locale): Verdict =
        core.say("locale", accepting { native -> native.setLocale(locale.toLanguageTag()) })

    /** Says whether the app's screen can be seen: no message is offered while it cannot. Waits for nothing. */
    public fun setCanDisplay(canDisplay: Boolean): Verdict =
        core.say("canDisplay", accepting { native -> native.setCanDisplay(canDisplay) })

    /**
     * Installs a playbook while the app runs.
     *
     * @throws HearkenException.InvalidPlaybook what is wrong with it, and where; the last good one stays
     * @throws HearkenException.Rejected its revision is lower, or the same with another content
     * @throws HearkenException.NotOwner in a guest
     * @throws HearkenException.Backpressure too much waits to be stored
     * @throws HearkenException what [awaitReady] throws
     */
    public suspend fun install(playbook: Playbook) {
        core.await { native ->
            val document = playbook.read()
            native.ready()
            native.install(document, playbook.signature)
        }
    }

    /**
     * What a campaign would show this person, whatever holds it back. Nothing is recorded.
     *
     * @param variant one of its experiment's; null for the first
     * @throws HearkenException.Rejected it would show nothing, and why
     * @throws HearkenException.NotOwner in a guest
     * @throws HearkenException what [awaitReady] throws
     */
    public suspend fun preview(
        campaign: String,
        variant: String? = null,
    ): Message = core.await { native -> native.preview(campaign.wellFormed(), variant?.wellFormed()).toMessage() }

    /**
     * What this device knows of the person and another may take over, as JSON.
     *
     * @throws HearkenException.NotOwner in a guest
     * @throws HearkenException what [awaitReady] throws
     */
    public suspend fun exportState(): String = core.await { native -> native.exportState() }

    /**
     * Takes over what [exportState] gave on another device, or before the storage was lost.
     *
     * @throws HearkenException.Rejected it is another person's, so identify first; or no such document
     * @throws HearkenException.NotOwner in a guest
     * @throws HearkenException.Backpressure too much waits to be stored
     * @throws HearkenException what [awaitReady] throws
     */
    public suspend fun importState(document: String) {
        core.await { native ->
            native.ready()
            native.importState(document.wellFormed())
        }
    }

    /**
     * Deletes everything: profiles, journal, inbox, what was not exported, damaged copies. A new journal begins with the
     * receipt and the consent in force; the playbook is installed again.
     *
     * @throws HearkenException.StoreUnavailable nothing is deleted yet, or ever if the store goes on failing
     * @throws HearkenException.NotOwner in a guest
     * @throws HearkenException what [awaitReady] throws
     */
    public suspend fun erase(): Receipt =
        core.await { native -> native.erase().let { Receipt(it.profiles, it.journal) } }

    /**
     * A presentation by its id, for a screen that the system restored with a message on it: what the person did with it
     * still counts.
     */
    public fun drawn(id: String): Drawn = Drawn(id.wellFormed(), core)

    /**
     * Every metric of the playbook's success definition for the person of this device, now.
     *
     * @throws HearkenException.NotOwner in a guest
     * @throws HearkenException what [awaitReady] throws
     */
    public suspend fun success(): SuccessReport = core.await { native -> native.success().toReport() }

    /**
     * Who is there now: what a preference centre shows before anything is changed.
     *
     * @throws HearkenException.NotOwner another process owns the store
     * @throws HearkenException.Closed the client is closed
     */
    public suspend fun person(): Person =
        core.await { native ->
            native.person().let { Person(it.profile, it.user, Consent(it.consent), it.attributes.toMap()) }
        }

    /**
     * What the playbook in force asks of whoever draws its messages; null if none is in force.
     *
     * @throws HearkenException.NotOwner another process owns the store
     * @throws HearkenException.Closed the client is closed
     */
    public suspend fun needs(): Needs? =
        core.await { native ->
            native.needs()?.let { needs ->
                Needs((needs.theme as? PropertyValue.Object)?.values?.toMap(), needs.impressionMs.milliseconds)
            }
        }

    /**
     * The words that a renderer needs beside those of a message, in the person's locale: `close`, `back`, `next`, `send`,
     * `required`, `email`, `other`, `unread`, `pinned`, `inbox`, `empty`, `remove`; in English where the playbook brings no others.
     *
     * @throws HearkenException.NotOwner another process owns the store
     * @throws HearkenException.Closed the client is closed
     */
    public suspend fun words(): Map<String, String> = core.await { native -> native.words() }

    /**
     * Why a campaign is, or is not, shown now: the same walk that decides.
     *
     * @throws HearkenException.NotOwner in a guest
     * @throws HearkenException what [awaitReady] throws
     */
    public suspend fun explain(campaign: String): Explanation =
        core.await { native -> native.explain(campaign.wellFormed()).toExplanation() }

    /**
     * Suspends until everything before it survives the end of the process.
     *
     * @throws HearkenException.StoreUnavailable the store fails now, and what is not stored yet is tried again; or it failed
     *   for so long that what was not stored is lost, which the message says and the journal keeps as `$journal_gap`
     * @throws HearkenException what [awaitReady] throws
     */
    public suspend fun flush() {
        core.await { native -> native.flush() }
    }

    /**
     * Suspends until everything before it survives a loss of power.
     *
     * @throws HearkenException.StoreUnavailable the store fails now, and what is not stored yet is tried again; or it failed
     *   for so long that what was not stored is lost, which the message says and the journal keeps as `$journal_gap`
     * @throws HearkenException what [awaitReady] throws
     */
    public suspend fun flushDurable() {
        core.await { native -> native.flushDurable() }
    }

    /**
     * What is recorded and not acknowledged yet, oldest first. The next batch comes once [ExportBatch.acknowledge] was
     * called for the one before; the flow completes at the end, or where a batch was not acknowledged.
     *
     * The flow throws [HearkenException.StoreUnavailable] where the store fails: nothing is lost, and the next export begins
     * with the same batch; [HearkenException.NotOwner] in a guest; and what [awaitReady] throws.
     *
     * @param max records in a batch; what one step wrote stays together
     * @param encoding how the records are written
     * @param withPersonal whether properties that the plan marks as personal are part of it
     */
    public fun export(
        max: Int = 500,
        encoding: Encoding = Encoding.NATIVE,
        withPersonal: Boolean = false,
    ): Flow<ExportBatch> =
        flow {
            val most = max.coerceAtLeast(1).toUInt()
            while (true) {
                val part =
                    core.await { native -> native.exportPart(most, encoding.toGenerated(), withPersonal) } ?: break
                val batch = ExportBatch(part.lines, part.body, part.contentType, part.journal, part.through, core)
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
         * @param consent what the person agreed to so far; it serves only the first profile of a store, what the person chooses
         *   later is said by [setConsent]
         * @param locale the person's locale
         * @param canDisplay whether the app's screen can be seen from the start
         * @param retention how long, and how much, is kept of what no export has taken
         * @param publicKey the Ed25519 key, 32 bytes, that playbooks have to be [signed][Playbook.signed] for; null asks for
         *   no signature
         */
        @JvmStatic
        @JvmOverloads
        public fun open(
            store: Path?,
            playbook: Playbook,
            consent: Consent,
            locale: Locale = Locale.getDefault(),
            canDisplay: Boolean = true,
            retention: Retention = Retention(),
            publicKey: ByteArray? = null,
        ): Hearken =
            Hearken(Core.opening(Options(store, playbook, consent, locale, canDisplay, retention, publicKey?.copyOf())))
    }
}

/** What conditions ask for as `$host.platform`. */
private val PLATFORM: String = if (System.getProperty("java.vm.name") == "Dalvik") "android" else "jvm"

/** How a client is opened; `manual` and `offset` are for tests. */
internal class Options(
    val store: Path?,
    val playbook: Playbook,
    val consent: Consent,
    val locale: Locale,
    val canDisplay: Boolean,
    val retention: Retention = Retention(),
    val publicKey: ByteArray? = null,
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
            retentionMs = retention.age.inWholeMilliseconds,
            retentionBytes = retention.bytes.coerceAtLeast(0).toULong(),
            publicKey = publicKey,
            signature = playbook.signature,
            platform = PLATFORM,
            manual = manual,
        )
}
