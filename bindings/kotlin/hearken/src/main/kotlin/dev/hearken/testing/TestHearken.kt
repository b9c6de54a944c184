package dev.hearken.testing

import dev.hearken.Block
import dev.hearken.Card
import dev.hearken.Consent
import dev.hearken.Decision
import dev.hearken.Drawn
import dev.hearken.Explanation
import dev.hearken.Hearken
import dev.hearken.HearkenException
import dev.hearken.Inbox
import dev.hearken.Message
import dev.hearken.Options
import dev.hearken.Playbook
import dev.hearken.Presentation
import dev.hearken.Verdict
import dev.hearken.Withdrawal
import dev.hearken.generated.Encoding
import dev.hearken.generated.HearkenCore
import dev.hearken.generated.ManualTime
import dev.hearken.internal.Core
import dev.hearken.internal.Offered
import dev.hearken.internal.orThrow
import dev.hearken.internal.toDecision
import dev.hearken.internal.toExplanation
import dev.hearken.internal.toHearkenException
import dev.hearken.internal.wellFormed
import kotlinx.coroutines.channels.Channel
import java.nio.file.Path
import java.time.Instant
import java.time.OffsetDateTime
import java.time.ZoneOffset
import java.util.Locale
import kotlin.time.Duration

/**
 * A client for the tests of an app: its clock stands still until it is moved, and every id is a function of [seed] and the
 * calls, so a test gives the same result every time, and everywhere: conditions know of the host what the test says by
 * [Hearken.setHost]. It plays an app that draws each message at once, and a person who sees it; every function waits until
 * everything is done, so call it from a test's own thread.
 *
 * ```
 * val t = TestHearken(Playbook.resource("playbook.json"))
 * t.track("cart_updated", "items" to 2)
 * assertEquals(listOf("cart-reminder"), t.shown().map { it.campaign })
 * ```
 *
 * @param playbook what the app ships
 * @param now the instant that the clock shows; its offset is the person's
 * @param consent what the person agreed to
 * @param seed makes every id
 * @param store the file that keeps the journal; null keeps it in memory, until [reopen]
 * @param locale the person's locale
 * @param draws whether messages are drawn at once; if not, they wait in [offered]
 * @throws HearkenException it could not be opened
 */
public class TestHearken(
    private val playbook: Playbook,
    now: OffsetDateTime = OffsetDateTime.parse("2026-01-01T10:00:00Z"),
    private val consent: Consent = Consent.all(),
    private val seed: Long = 1,
    private val store: Path? = null,
    locale: Locale = Locale.ENGLISH,
    private val draws: Boolean = true,
) : AutoCloseable {
    private class Opened(
        val client: Hearken,
        val offers: Channel<Offered>,
        val withdrawals: Channel<Withdrawal>,
    )

    private var opens = 0
    private var time: Instant = now.toInstant()
    private var zone: ZoneOffset = now.offset

    /** For this package's own tests: the person's locale from the next [reopen] on. */
    internal var locale: Locale = locale

    private var opened = open()
    private val offered = LinkedHashMap<String, Presentation>()
    private val announced = ArrayList<Presentation>()
    private val shown = ArrayList<Shown>()
    private val withdrawn = ArrayList<Withdrawal>()

    /** The client, to hand to the code under test. Another one after [reopen]. */
    public val client: Hearken get() = opened.client

    /** The instant that the clock shows, in the person's offset. */
    public val now: OffsetDateTime get() = time.atOffset(zone)

    /** As [Hearken.track], and what follows from it. */
    public fun track(
        name: String,
        vararg properties: Pair<String, Any?>,
    ): Verdict = track(name, properties.toMap())

    /** As [Hearken.track], and what follows from it. */
    public fun track(
        name: String,
        properties: Map<String, Any?>,
    ): Verdict = settled { client.track(name, properties) }

    /** As [Hearken.setAttribute], and what follows from it. */
    public fun setAttribute(
        name: String,
        value: Any?,
    ): Verdict = settled { client.setAttribute(name, value) }

    /** As [Hearken.setConsent], and what follows from it. */
    public fun setConsent(consent: Consent): Verdict = settled { client.setConsent(consent) }

    /** As [Hearken.screen], and what follows from it. */
    public fun screen(name: String): Verdict = settled { client.screen(name) }

    /** As [Hearken.identify], and what follows from it. */
    public fun identify(user: String) {
        settled { native { it.identify(user.wellFormed()).orThrow() } }
    }

    /** As [Hearken.reset], and what follows from it. */
    public fun reset(): Verdict = settled { client.reset() }

    /** As [Hearken.manual], and what follows from it. */
    public fun manual(name: String): Verdict = settled { client.manual(name) }

    /** As [Hearken.mount], and what follows from it. */
    public fun mount(placement: String): Verdict = settled { client.mount(placement) }

    /** The inbox now. */
    public fun inbox(): Inbox =
        caughtUp {
            val inbox = native { it.inbox() }
            Inbox(inbox.cards.map { Card(it, client.core) }, inbox.unread.toInt())
        }

    /** As [Hearken.setCanDisplay], and what follows from it. */
    public fun setCanDisplay(canDisplay: Boolean): Verdict = settled { client.setCanDisplay(canDisplay) }

    /** As [Hearken.install], and what follows from it. */
    public fun install(playbook: Playbook) {
        settled { native { it.install(playbook.read(), playbook.signature) } }
    }

    /** Lets time pass, and what is due happen. */
    public fun advance(by: Duration) {
        setTime(now.plusNanos(by.inWholeNanoseconds))
        tick()
    }

    /** Sets the clock, also to an earlier time or another offset, as a person can. Nothing is due before the next call. */
    public fun setTime(now: OffsetDateTime) {
        time = now.toInstant()
        zone = now.offset
        native { it.setNow(time.toEpochMilli()) }
    }

    /** Lets what is due by now happen. */
    public fun tick() {
        settled { native { it.tick() } }
    }

    /** Every message that was drawn and seen so far, the oldest first. */
    public fun shown(): List<Shown> = caughtUp { shown.toList() }

    /** What is offered now and not drawn yet. */
    public fun offered(): List<Presentation> = caughtUp { offered.values.toList() }

    /** Draws an offer, and a person sees it. */
    public fun show(presentation: Presentation): Shown = settled { draw(presentation) }

    /** Everything that was taken off the screen, or back, so far; the oldest first. */
    public fun withdrawn(): List<Withdrawal> = caughtUp { withdrawn.toList() }

    /** What became of each campaign that was looked at since the last call, at most 256; the oldest first. */
    public fun decisions(): List<Decision> = native { core -> core.takeDecisions().map { it.toDecision() } }

    /** Why a campaign is, or is not, shown now. */
    public fun why(campaign: String): Explanation = native { it.explain(campaign.wellFormed()).toExplanation() }

    /** What is recorded since the last call, as JSON Lines; acknowledged. */
    public fun export(): List<String> {
        val lines = ArrayList<String>()
        while (true) {
            val part = native { it.exportPart(UInt.MAX_VALUE, Encoding.NATIVE, false) } ?: return lines
            lines += part.lines
            native { it.acknowledge(part.journal, part.through) }
        }
    }

    /** Closes, and opens the store again as the app's next process would. Without a file it starts empty. */
    public fun reopen() {
        opened.client.close()
        offered.clear()
        opened = open()
        settle()
    }

    /** Closes the client. */
    override fun close() {
        opened.client.close()
    }

    /** For this package's own tests: every offer so far, each as often as it was made; the oldest first. */
    internal fun announced(): List<Presentation> = caughtUp { announced.toList() }

    /** For this package's own tests: what no app says, because it has no presentation in its hands. */
    internal fun <T> native(call: (HearkenCore) -> T): T =
        try {
            opened.client.core.here(call)
        } catch (error: Exception) {
            throw error.toHearkenException()
        }

    private fun open(): Opened {
        opens += 1
        val manual = ManualTime(time.toEpochMilli(), "$seed/$opens")
        val options =
            Options(store, playbook, consent, locale, true, manual = manual) { zone.totalSeconds / 60 }
        val core = Core.opening(options)
        val opened = Opened(Hearken(core), core.told.offers.subscribe(), core.told.withdrawals.subscribe())
        try {
            core.here { it.ready() }
        } catch (error: Exception) {
            opened.client.close()
            throw error.toHearkenException()
        }
        return opened
    }

    private fun <T> settled(work: () -> T): T = work().also { settle() }

    private fun <T> caughtUp(read: () -> T): T {
        settle()
        return read()
    }

    private fun settle() {
        do {
            native { it.settle() }
            val news = generateSequence { opened.offers.tryReceive().getOrNull() }.toList()
            news.forEach {
                val presentation = Presentation(it, client.core)
                offered[it.id] = presentation
                announced += presentation
            }
            generateSequence { opened.withdrawals.tryReceive().getOrNull() }.forEach {
                offered.remove(it.presentation)
                withdrawn += it
            }
            if (draws) offered.values.toList().forEach(::drawIfAccepted)
        } while (news.isNotEmpty())
    }

    /** Refused at the last moment, it is no message that was shown. */
    private fun drawIfAccepted(presentation: Presentation) {
        try {
            draw(presentation)
        } catch (_: HearkenException.Rejected) {
            offered.remove(presentation.id)
        }
    }

    private fun draw(presentation: Presentation): Shown {
        native { it.begin(presentation.id) }
        offered.remove(presentation.id)
        val drawn = client.drawn(presentation.id)
        drawn.visible()
        return Shown(presentation, drawn, ::settle).also { shown += it }
    }
}

/**
 * A message that was drawn, and seen.
 *
 * @property presentation what was offered
 */
public class Shown internal constructor(
    public val presentation: Presentation,
    private val drawn: Drawn,
    private val settle: () -> Unit,
) {
    /** The campaign's id. */
    public val campaign: String get() = presentation.campaign

    /** What was drawn. */
    public val message: Message get() = presentation.message

    /** The buttons of all its pages. */
    public val buttons: List<Block.Button> get() = message.blocks.filterIsInstance<Block.Button>()

    /** The person uses the button of this id, with these answers of the form. */
    @JvmOverloads
    public fun click(
        target: String,
        answers: Map<String, Any?> = emptyMap(),
    ): Verdict = drawn.click(target, answers).also { settle() }

    /** The person closes it. */
    public fun dismiss(): Verdict = drawn.dismiss().also { settle() }

    /** Its campaign and id. */
    override fun toString(): String = "Shown($campaign, ${presentation.id})"
}
