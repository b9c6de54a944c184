package dev.hearken

import dev.hearken.generated.HearkenCore
import dev.hearken.generated.HostAnswer
import dev.hearken.generated.Interaction
import dev.hearken.generated.Leaving
import dev.hearken.internal.Core
import dev.hearken.internal.NotJson
import dev.hearken.internal.Offered
import dev.hearken.internal.accepting
import dev.hearken.internal.converted
import dev.hearken.internal.properties
import dev.hearken.internal.wellFormed
import kotlinx.coroutines.CancellationException
import kotlin.time.Duration

/**
 * A message that is offered to one person. Undrawn for 60 seconds, it goes back.
 *
 * @property id the same on the screen, in the journal and in the warehouse
 * @property campaign the campaign's id
 * @property variant the variant of its experiment
 * @property channel the channel: `in_app`
 * @property placement the place on the screen that it fills, for an inline message
 * @property message what to draw
 */
public class Presentation internal constructor(
    public val id: String,
    public val campaign: String,
    public val variant: String?,
    public val channel: String,
    public val placement: String?,
    public val message: Message,
    private val core: Core,
) {
    internal constructor(offered: Offered, core: Core) :
        this(
            offered.id,
            offered.campaign,
            offered.variant,
            offered.channel,
            offered.placement,
            offered.message,
            core,
        )

    /**
     * Says that it is about to be drawn, and suspends until that is stored: draw after it returns. The first call claims
     * the message; everything is asked again here, so it can still be refused.
     *
     * A caller that is cancelled meanwhile gives the message back. Nothing else is thrown.
     *
     * @return where to say what becomes of it; null if nothing is to be drawn: it is no longer to be shown, was begun
     *   elsewhere, the client is closed, or it could not be stored. Only the last is a fault, and a report
     */
    public suspend fun begin(): Drawn? =
        try {
            begun()
        } catch (_: HearkenException.Rejected) {
            null
        } catch (_: HearkenException.Closed) {
            null
        } catch (fault: HearkenException) {
            core.told.reports.send("begin $id: ${fault.message}")
            null
        }

    /** As [begin], with the reason why not. */
    internal suspend fun begun(): Drawn {
        if (!core.told.offers.claim(id)) {
            throw HearkenException.Rejected("presentation", "presentation $id was begun already")
        }
        val drawn = Drawn(id, core)
        var begun = false
        try {
            core.await { native ->
                native.begin(id)
                begun = true
            }
            return drawn
        } catch (error: CancellationException) {
            if (begun) drawn.ended(Departure.UNMOUNTED)
            throw error
        } catch (error: HearkenException.Rejected) {
            core.told.offers.taken(id)
            throw error
        } catch (error: HearkenException.StoreUnavailable) {
            // Begun, but not stored: it is not drawn, so it does not stand in the way of others.
            drawn.ended(Departure.UNMOUNTED)
            throw error
        } finally {
            if (!begun) core.told.offers.release(id)
        }
    }

    /**
     * Not now: nothing is spent, and it is offered again when conditions change.
     *
     * @param after not before so much time has passed
     * @throws HearkenException.Rejected it is no longer offered
     */
    public suspend fun later(after: Duration? = null): Unit = answer(HostAnswer.Later(after?.inWholeMilliseconds))

    /**
     * Not at all: nothing is spent.
     *
     * @throws HearkenException.Rejected it is no longer offered
     */
    public suspend fun discard(): Unit = answer(HostAnswer.Discard)

    /** Its campaign and id. */
    override fun toString(): String = "Presentation($campaign, $id)"

    private suspend fun answer(answer: HostAnswer) {
        core.await { native -> native.answer(id, answer) }
        core.told.offers.taken(id)
    }
}

/**
 * A message that is on the screen. Every call waits for nothing and may be made from any thread.
 *
 * @property id the presentation's id
 */
public class Drawn internal constructor(
    public val id: String,
    private val core: Core,
) {
    /**
     * It was really seen: it stood on the screen for as long as the playbook's `settings.impression` says, a second unless it
     * says otherwise. This is what counts. Say it while the message is open.
     */
    public fun visible(): Verdict = say("visible") { native -> native.visible(id) }

    /**
     * The person used a button. The engine does what is its own of the button's [Block.Button.actions], the app the rest.
     *
     * @param target the button's id
     * @param answers the answers of the form, by the names of its fields
     */
    @JvmOverloads
    public fun click(
        target: String,
        answers: Map<String, Any?> = emptyMap(),
    ): Verdict =
        converted({ properties(answers, "answers") }) { values ->
            say("click") { native -> native.interact(id, Interaction.Click(target.wellFormed(), values)) }
        }

    /**
     * The person came to a page.
     *
     * @param page its id
     * @param answers the answers of the form so far
     */
    @JvmOverloads
    public fun page(
        page: String,
        answers: Map<String, Any?> = emptyMap(),
    ): Verdict =
        converted({ properties(answers, "answers") }) { values ->
            say("page") { native -> native.interact(id, Interaction.Page(page.wellFormed(), values)) }
        }

    /**
     * The id of the page that follows another, given the answers so far; null after the last.
     *
     * @throws HearkenException.Rejected an answer has no place in JSON
     */
    public suspend fun nextPage(
        page: String,
        answers: Map<String, Any?> = emptyMap(),
    ): String? {
        val values =
            try {
                properties(answers, "answers")
            } catch (refused: NotJson) {
                throw HearkenException.Rejected(refused.code, refused.message.orEmpty(), refused)
            }
        return core.await { native -> native.nextPage(id, page.wellFormed(), values) }
    }

    /** The person closed it. */
    public fun dismiss(): Verdict = say("dismiss") { native -> native.interact(id, Interaction.Dismiss) }

    /** It left the screen without the person's doing, or could not be drawn. */
    public fun ended(cause: Departure = Departure.UNMOUNTED): Verdict {
        val leaving =
            when (cause) {
                Departure.AUTO -> Leaving.AUTO
                Departure.UNMOUNTED -> Leaving.UNMOUNTED
            }
        return say("ended") { native -> native.ended(id, leaving) }
    }

    private fun say(
        what: String,
        call: (HearkenCore) -> Unit,
    ): Verdict = core.say("$what $id", accepting(call))
}

/** Why a message left the screen without the person's doing. */
public enum class Departure {
    /** Its time was over. */
    AUTO,

    /** The app removed it, or could not draw it. */
    UNMOUNTED,
}

/**
 * A presentation that is over: take it off the screen if it still stands there.
 *
 * @property presentation its id
 * @property cause why
 */
public data class Withdrawal(
    val presentation: String,
    val cause: Cause,
) {
    /** Why a presentation is over. The journal has the same names, in snake_case. */
    public enum class Cause {
        /** The person closed it. */
        DISMISSED,

        /** The person used a button that closes it. */
        ACTION,

        /** The person handed in its form. */
        SUBMITTED,

        /** The person put it off; it returns. */
        SNOOZED,

        /** Its time on the screen was over. */
        AUTO,

        /** The app removed it, or could not draw it. */
        UNMOUNTED,

        /** The app refused it. */
        DISCARDED,

        /** The app put it off. */
        LATER,

        /** It stayed undrawn for 60 seconds. */
        LEASE,

        /** The engine took it back: the person's consent, or its campaign, is gone. */
        WITHDRAWN,

        /** The process that drew it is gone. */
        ORPHAN,

        /** It was never to be drawn: the person is in a control group or holdout. */
        GHOST,

        /** One that this version has no name for. */
        UNKNOWN,
        ;

        internal companion object {
            /** The cause of a name in snake_case. */
            fun of(name: String): Cause = entries.find { it.name.equals(name, ignoreCase = true) } ?: UNKNOWN
        }
    }
}
