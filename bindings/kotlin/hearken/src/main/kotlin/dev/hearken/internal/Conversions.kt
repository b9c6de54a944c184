package dev.hearken.internal

import dev.hearken.Action
import dev.hearken.Block
import dev.hearken.ButtonRole
import dev.hearken.Decision
import dev.hearken.Explanation
import dev.hearken.HearkenException
import dev.hearken.Layout
import dev.hearken.Message
import dev.hearken.Outcome
import dev.hearken.Passed
import dev.hearken.Stop
import dev.hearken.Verdict
import dev.hearken.generated.CoreException
import dev.hearken.generated.HearkenCore
import java.time.Instant
import dev.hearken.generated.Action as GeneratedAction
import dev.hearken.generated.Block as GeneratedBlock
import dev.hearken.generated.ButtonRole as GeneratedRole
import dev.hearken.generated.Decision as GeneratedDecision
import dev.hearken.generated.Explanation as GeneratedExplanation
import dev.hearken.generated.Layout as GeneratedLayout
import dev.hearken.generated.Message as GeneratedMessage
import dev.hearken.generated.Outcome as GeneratedOutcome
import dev.hearken.generated.Stop as GeneratedStop
import dev.hearken.generated.Verdict as GeneratedVerdict

internal fun GeneratedVerdict.toVerdict(): Verdict =
    when (this) {
        GeneratedVerdict.Accepted -> Verdict.Accepted
        GeneratedVerdict.NotConsented -> Verdict.NotConsented
        is GeneratedVerdict.Rejected -> Verdict.Rejected(code, details)
    }

internal fun GeneratedMessage.toMessage(): Message =
    Message(
        layout =
            when (layout) {
                GeneratedLayout.MODAL -> Layout.MODAL
            },
        label = label,
        pages = pages.map { page -> page.map { it.toBlock() } },
    )

private fun GeneratedBlock.toBlock(): Block =
    when (this) {
        is GeneratedBlock.Image -> Block.Image(src, alt)
        is GeneratedBlock.Heading -> Block.Heading(text)
        is GeneratedBlock.Text -> Block.Text(text)
        is GeneratedBlock.Button -> Block.Button(id, label, role.toRole(), actions.map { it.toAction() }, stay)
    }

private fun GeneratedRole.toRole(): ButtonRole =
    when (this) {
        GeneratedRole.PRIMARY -> ButtonRole.PRIMARY
        GeneratedRole.SECONDARY -> ButtonRole.SECONDARY
    }

private fun GeneratedAction.toAction(): Action =
    when (this) {
        GeneratedAction.Dismiss -> Action.Dismiss
        is GeneratedAction.OpenUrl -> Action.OpenUrl(url)
        is GeneratedAction.DeepLink -> Action.DeepLink(link)
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
        is CoreException.InvalidOption -> HearkenException.Internal("$option: $details", this)
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
            is HearkenException.Internal -> "internal"
        }
    return Verdict.Rejected(code, message.orEmpty())
}
