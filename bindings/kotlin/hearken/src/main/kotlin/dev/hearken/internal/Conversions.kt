package dev.hearken.internal

import dev.hearken.Decision
import dev.hearken.Explanation
import dev.hearken.HearkenException
import dev.hearken.Outcome
import dev.hearken.Passed
import dev.hearken.Stop
import dev.hearken.Verdict
import dev.hearken.generated.CoreException
import dev.hearken.generated.HearkenCore
import java.time.Instant
import dev.hearken.generated.Decision as GeneratedDecision
import dev.hearken.generated.Explanation as GeneratedExplanation
import dev.hearken.generated.Outcome as GeneratedOutcome
import dev.hearken.generated.Stop as GeneratedStop
import dev.hearken.generated.Verdict as GeneratedVerdict

internal fun GeneratedVerdict.toVerdict(): Verdict =
    when (this) {
        GeneratedVerdict.Accepted -> Verdict.Accepted
        GeneratedVerdict.NotConsented -> Verdict.NotConsented
        GeneratedVerdict.Disabled -> Verdict.Disabled
        is GeneratedVerdict.Rejected -> Verdict.Rejected(code, details)
    }

internal fun GeneratedExplanation.toExplanation(): Explanation =
    Explanation(
        campaign = campaign,
        at = Instant.ofEpochMilli(atMs),
        outcome = outcome.toOutcome(),
        passed = passed.map { Passed(it.stage, it.details) },
        nextEligibleAt = nextEligibleAtMs?.let(Instant::ofEpochMilli),
        last = last?.toOutcome(),
    )

internal fun GeneratedDecision.toDecision(): Decision = Decision(campaign, outcome.toOutcome())

private fun GeneratedOutcome.toOutcome(): Outcome =
    when (this) {
        GeneratedOutcome.Offered -> Outcome.Offered
        GeneratedOutcome.Displaying -> Outcome.Displaying
        GeneratedOutcome.Eligible -> Outcome.Eligible
        is GeneratedOutcome.Waiting -> Outcome.Waiting(stop.toStop())
        is GeneratedOutcome.Stopped -> Outcome.Stopped(stop.toStop())
    }

private fun GeneratedStop.toStop(): Stop = Stop(stage, reason, details)

/** A native call that answers nothing, as one that answers with a verdict. */
internal fun accepting(call: (HearkenCore) -> Unit): (HearkenCore) -> Verdict =
    { native ->
        call(native)
        Verdict.Accepted
    }

/** What was not taken, for a call that throws. */
internal fun GeneratedVerdict.orThrow() {
    when (this) {
        GeneratedVerdict.Accepted -> Unit

        GeneratedVerdict.NotConsented -> throw HearkenException.Rejected(
            "not_consented",
            "the person has not agreed to it",
        )

        GeneratedVerdict.Disabled -> throw HearkenException.Rejected("disabled", "the library is switched off")

        is GeneratedVerdict.Rejected -> throw HearkenException.Rejected(code, details)
    }
}

/** By what a caller can do about it. */
internal fun Throwable.toHearkenException(): HearkenException =
    when (this) {
        is HearkenException -> this
        is CoreException.Playbook -> HearkenException.InvalidPlaybook(path, details, this)
        is CoreException.Rejected -> HearkenException.Rejected(code, details, this)
        is CoreException.Backpressure -> HearkenException.Backpressure(this)
        is CoreException.NewerFormat -> HearkenException.NewerFormat(details, this)
        is CoreException.StoreUnavailable -> HearkenException.StoreUnavailable(details, this)
        is CoreException.NotOwner -> HearkenException.NotOwner(this)
        is CoreException.Closed -> HearkenException.Closed(this)
        is CoreException.InvalidOption -> HearkenException.InvalidOption(option, details, this)
        is CoreException.Internal -> HearkenException.Internal(details, this)
        else -> HearkenException.Internal(toString(), this)
    }

/** What a call that throws nothing answers instead. */
internal fun HearkenException.toVerdict(): Verdict {
    val code =
        when (this) {
            is HearkenException.InvalidPlaybook -> "invalid_playbook"
            is HearkenException.NewerFormat -> "newer_format"
            is HearkenException.StoreUnavailable -> "store_unavailable"
            is HearkenException.Rejected -> code
            is HearkenException.Backpressure -> "backpressure"
            is HearkenException.NotOwner -> "not_owner"
            is HearkenException.Closed -> "closed"
            is HearkenException.InvalidOption -> "invalid_option"
            is HearkenException.Internal -> "internal"
        }
    return when (code) {
        "disabled" -> Verdict.Disabled
        "not_consented" -> Verdict.NotConsented
        else -> Verdict.Rejected(code, message.orEmpty())
    }
}
