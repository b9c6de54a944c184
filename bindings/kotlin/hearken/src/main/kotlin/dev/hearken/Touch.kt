package dev.hearken

import dev.hearken.internal.wellFormed
import dev.hearken.generated.Touch as GeneratedTouch
import dev.hearken.generated.TouchKind as GeneratedKind

/**
 * A touch through another channel: an email, a push, a text message. It spends the frequency constraints that count its
 * channel, and triggers may wait for it.
 *
 * @property kind what happened with it
 * @property channel its channel, such as `email` or `push`
 * @property deliveryId its id at whoever sent it: the same kind of touch counts once for each
 * @property campaign the campaign that it belongs to
 * @property target the link that was used
 */
public data class Touch(
    val kind: TouchKind,
    val channel: String,
    val deliveryId: String,
    val campaign: String? = null,
    val target: String? = null,
) {
    internal fun toGenerated(): GeneratedTouch =
        GeneratedTouch(
            kind =
                when (kind) {
                    TouchKind.DELIVERED -> GeneratedKind.DELIVERED
                    TouchKind.OPENED -> GeneratedKind.OPENED
                    TouchKind.CLICKED -> GeneratedKind.CLICKED
                    TouchKind.UNSUBSCRIBED -> GeneratedKind.UNSUBSCRIBED
                },
            channel = channel.wellFormed(),
            deliveryId = deliveryId.wellFormed(),
            campaign = campaign?.wellFormed(),
            target = target?.wellFormed(),
        )
}

/** What happened with a touch. */
public enum class TouchKind {
    /** It reached the person. */
    DELIVERED,

    /** The person opened it. */
    OPENED,

    /** The person used a link of it. */
    CLICKED,

    /** The person unsubscribed through it. */
    UNSUBSCRIBED,
}
