package dev.hearken

import dev.hearken.generated.CardAction
import dev.hearken.internal.Core
import dev.hearken.internal.toMessage
import dev.hearken.internal.toVerdict
import dev.hearken.internal.wellFormed
import java.time.Instant
import kotlin.time.Duration
import dev.hearken.generated.Card as GeneratedCard

/**
 * The inbox at one moment.
 *
 * @property cards the cards that stand in it: pinned first, then the newest
 * @property unread how many are neither read nor archived
 */
public class Inbox internal constructor(
    public val cards: List<Card>,
    public val unread: Int,
)

/**
 * A card of the inbox. What a person does with it counts once; every call waits for nothing and throws nothing.
 *
 * @property id the same on every device of an identified person
 * @property campaign the campaign that made it
 * @property madeAt when it was made
 * @property expiresAt when it goes by itself
 * @property isPinned whether it stands before the others, and cannot be dismissed
 * @property isSeen whether it was on the screen
 * @property isRead whether it was opened
 * @property isArchived whether it was put away
 * @property message what it shows
 */
public class Card internal constructor(
    public val id: String,
    public val campaign: String,
    public val madeAt: Instant,
    public val expiresAt: Instant?,
    public val isPinned: Boolean,
    public val isSeen: Boolean,
    public val isRead: Boolean,
    public val isArchived: Boolean,
    public val message: Message,
    private val core: Core,
) {
    internal constructor(card: GeneratedCard, core: Core) : this(
        id = card.id,
        campaign = card.campaign,
        madeAt = Instant.ofEpochMilli(card.madeAtMs),
        expiresAt = card.expiresAtMs?.let(Instant::ofEpochMilli),
        isPinned = card.pinned,
        isSeen = card.seen,
        isRead = card.read,
        isArchived = card.archived,
        message = card.message.toMessage(),
        core = core,
    )

    /** It was on the screen. */
    public fun seen(): Verdict = say("seen", CardAction.Seen)

    /** The person opened it. */
    public fun read(): Verdict = say("read", CardAction.Read)

    /** The person put it away; it stays in the inbox, and is not unread. */
    public fun archive(): Verdict = say("archive", CardAction.Archive)

    /** The person dismissed it; a pinned one cannot be. */
    public fun dismiss(): Verdict = say("dismiss", CardAction.Dismiss)

    /** The person put it off for so long. */
    public fun snooze(lasts: Duration): Verdict = say("snooze", CardAction.Snooze(lasts.inWholeMilliseconds))

    /** The person used the button of this id. The engine does what is its own of it, the app the rest. */
    public fun click(target: String): Verdict = say("click", CardAction.Click(target.wellFormed()))

    /** Its campaign and id. */
    override fun toString(): String = "Card($campaign, $id)"

    private fun say(
        what: String,
        action: CardAction,
    ): Verdict = core.say("$what card $id") { native -> native.card(id, action).toVerdict() }
}
