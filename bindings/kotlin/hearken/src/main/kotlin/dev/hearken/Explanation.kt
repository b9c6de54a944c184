package dev.hearken

import java.time.Instant

/**
 * Why a campaign is, or is not, shown.
 *
 * @property campaign the campaign's id
 * @property at the instant that it holds for
 * @property outcome what becomes of the campaign
 * @property passed the stages that passed, in their order
 * @property nextEligibleAt when the stage that failed can pass, where that is known
 * @property last what became of its last trigger since the client opened
 */
public data class Explanation(
    val campaign: String,
    val at: Instant,
    val outcome: Outcome,
    val passed: List<Passed>,
    val nextEligibleAt: Instant?,
    val last: Outcome?,
) {
    /** The stage that fails, in snake_case, if one does. */
    val stage: String? get() = outcome.stop?.stage

    /** The code of the reason for which it fails, in snake_case, if one does. */
    val reason: String? get() = outcome.stop?.reason
}

/**
 * A stage that passed.
 *
 * @property stage its name, in snake_case
 * @property details what was found there, for a developer
 */
public data class Passed(
    val stage: String,
    val details: String,
)

/** What became of a campaign. */
public sealed interface Outcome {
    /** What holds it back, if anything does. */
    public val stop: Stop? get() = null

    /** It won: it is offered to the app. */
    public data object Offered : Outcome

    /** It is on the screen. */
    public data object Displaying : Outcome

    /** Nothing would hold it back: it would be offered if it were triggered now. */
    public data object Eligible : Outcome

    /** It was triggered and waits for a stage to pass. */
    public data class Waiting(
        override val stop: Stop,
    ) : Outcome

    /** Its trigger dropped, or nothing has triggered it. */
    public data class Stopped(
        override val stop: Stop,
    ) : Outcome
}

/**
 * The stage that failed, and why.
 *
 * @property stage its name, in snake_case
 * @property reason the reason's code, in snake_case, such as `limit`
 * @property details what failed, what was seen, and until when: the whole reason, as JSON
 */
public data class Stop(
    val stage: String,
    val reason: String,
    val details: String,
)

/**
 * What became of one campaign in one step.
 *
 * @property campaign the campaign's id
 * @property outcome what became of it
 */
public data class Decision(
    val campaign: String,
    val outcome: Outcome,
)
