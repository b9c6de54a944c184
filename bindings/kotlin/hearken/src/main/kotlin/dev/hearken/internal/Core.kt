package dev.hearken.internal

import dev.hearken.HearkenException
import dev.hearken.Options
import dev.hearken.Verdict
import dev.hearken.generated.HearkenCore
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.withContext
import kotlin.concurrent.thread

/** How many calls may wait for the native library and the playbook to be read; its own queue has room for all of them. */
internal const val EARLY = 5_000

/**
 * The native client on its way to being open. Calls that wait for nothing queue until it is there, in their order; the
 * others wait for it off the caller's thread.
 */
internal class Core private constructor(
    val told: Told,
    private val offset: () -> Int,
) {
    private sealed interface State {
        /** What was called so far. */
        class Opening(
            val early: ArrayDeque<(HearkenCore) -> Unit> = ArrayDeque(),
        ) : State

        class Open(
            val core: HearkenCore,
        ) : State

        class Failed(
            val error: HearkenException,
        ) : State

        data object Closed : State
    }

    private val lock = Any()
    private var state: State = State.Opening()
    private val opened = CompletableDeferred<HearkenCore>()
    private lateinit var opener: Thread

    /** The offset that the native client has, in minutes. */
    @Volatile
    private var sentOffset = offset()

    private fun open(options: Options) {
        opener =
            thread(name = "hearken-open", isDaemon = true) {
                try {
                    val core = HearkenCore.open(options.toConfig(), told)
                    catchUp(core)
                    opened.complete(core)
                    core.ready()
                } catch (error: Throwable) {
                    fail(error.toHearkenException())
                }
            }
    }

    /** Does what was called meanwhile; calls find the core itself once none is left. */
    private fun catchUp(core: HearkenCore) {
        while (true) {
            val calls =
                synchronized(lock) {
                    val early = (state as? State.Opening)?.early ?: return
                    if (early.isEmpty()) state = State.Open(core)
                    early.toList().also { early.clear() }
                }
            if (calls.isEmpty()) return
            calls.forEach { it(core) }
        }
    }

    private fun fail(error: HearkenException) {
        synchronized(lock) { if (state != State.Closed) state = State.Failed(error) }
        opened.completeExceptionally(error)
        if (error !is HearkenException.Closed) told.reports.send("the client could not be opened: ${error.message}")
        told.end()
    }

    /** A call that waits for nothing and throws nothing. `what` names it in a report, should it be refused later. */
    fun say(
        what: String,
        call: (HearkenCore) -> Verdict,
    ): Verdict {
        val core =
            synchronized(lock) {
                when (val state = state) {
                    is State.Open -> {
                        state.core
                    }

                    is State.Failed -> {
                        return state.error.toVerdict()
                    }

                    State.Closed -> {
                        return HearkenException.Closed().toVerdict()
                    }

                    is State.Opening -> {
                        if (state.early.size >= EARLY) return HearkenException.Backpressure().toVerdict()
                        state.early.addLast { core -> report(what, verdictOf(core, call)) }
                        return Verdict.Accepted
                    }
                }
            }
        return verdictOf(core, call)
    }

    private fun report(
        what: String,
        verdict: Verdict,
    ) {
        if (verdict is Verdict.Rejected) told.reports.send("$what: ${verdict.code}: ${verdict.message}")
    }

    private fun verdictOf(
        core: HearkenCore,
        call: (HearkenCore) -> Verdict,
    ): Verdict =
        try {
            atLocalTime(core)
            call(core)
        } catch (error: Exception) {
            error.toHearkenException().toVerdict()
        }

    /** A call that may wait for the disk, once the core is there, off the caller's thread. */
    suspend fun <T> await(call: (HearkenCore) -> T): T =
        blocking {
            here(call)
        }

    /** As [await], on the caller's thread. */
    fun <T> here(call: (HearkenCore) -> T): T {
        opener.join()
        val core = opened.getCompletedCore()
        atLocalTime(core)
        return call(core)
    }

    /** Off the caller's thread; what is thrown is a [HearkenException]. */
    suspend fun <T> blocking(work: () -> T): T {
        // Its own exception, not one that a coroutine copied.
        opened.join()
        return withContext(Dispatchers.IO) {
            try {
                work()
            } catch (error: Exception) {
                throw error.toHearkenException()
            }
        }
    }

    @OptIn(ExperimentalCoroutinesApi::class)
    private fun CompletableDeferred<HearkenCore>.getCompletedCore(): HearkenCore =
        getCompletionExceptionOrNull()?.let { throw it } ?: getCompleted()

    /** Tells the core of another time zone, or of summer time, when it comes. */
    private fun atLocalTime(core: HearkenCore) {
        val now = offset()
        if (now == sentOffset) return
        sentOffset = now
        core.setOffset(now)
    }

    /** Waits for the disk. Nothing happens the second time. */
    fun shutdown() {
        opener.join()
        val core =
            synchronized(lock) {
                val core = (state as? State.Open)?.core
                state = State.Closed
                core
            }
        try {
            core?.shutdown()
        } catch (error: Exception) {
            throw error.toHearkenException()
        }
    }

    companion object {
        /** Returns at once. */
        fun opening(options: Options): Core = Core(Told(), options.offset).apply { open(options) }
    }
}
