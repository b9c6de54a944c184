package dev.hearken.internal

import dev.hearken.Message
import dev.hearken.Withdrawal
import dev.hearken.generated.CoreObserver
import dev.hearken.generated.Offer
import kotlinx.coroutines.channels.BufferOverflow
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow

/** How many reports wait for somebody to collect them. */
private const val REPORTS = 64

/**
 * What the native client says, on its own thread, handed on to whoever collects it. It does not hold the client, so that
 * one that an app forgot can be collected, and so closed.
 */
internal class Told : CoreObserver {
    val offers = Offers()
    val withdrawals = Broadcast<Withdrawal>()
    val reports = Broadcast<String>(REPORTS)
    val inboxChanges = Broadcast<Unit>()

    override fun offered(offer: Offer) {
        val message = offer.message.toMessage()
        offers.offered(
            Offered(offer.presentationId, offer.campaign, offer.variant, offer.channel, offer.placement, message),
        )
    }

    override fun inboxChanged() {
        inboxChanges.send(Unit)
    }

    override fun withdrawn(
        presentationId: String,
        cause: String,
    ) {
        offers.over(presentationId)
        withdrawals.send(Withdrawal(presentationId, Withdrawal.Cause.of(cause)))
    }

    override fun reported(report: String) {
        reports.send(report)
    }

    /** Nothing more will come. */
    fun end() {
        offers.end()
        withdrawals.end()
        reports.end()
        inboxChanges.end()
    }
}

/** An offer, without the client that it came from. */
internal class Offered(
    val id: String,
    val campaign: String,
    val variant: String?,
    val channel: String,
    val placement: String?,
    val message: Message,
)

/** Offers that nobody has drawn yet, for every collector its own stream; and who has claimed which. */
internal class Offers {
    private val lock = Any()
    private val open = LinkedHashMap<String, Offered>()
    private val claimed = HashSet<String>()
    private val news = Broadcast<Offered>()

    fun offered(offer: Offered) {
        synchronized(lock) {
            // Offered again, as what fills a place is each time that this is there, it may be begun again.
            claimed.remove(offer.id)
            open[offer.id] = offer
            news.send(offer)
        }
    }

    /** Whether the caller is the first. */
    fun claim(id: String): Boolean = synchronized(lock) { claimed.add(id) }

    /** It could not be drawn after all. */
    fun release(id: String) {
        synchronized(lock) { claimed.remove(id) }
    }

    /** It was answered. */
    fun taken(id: String) {
        synchronized(lock) { open.remove(id) }
    }

    /** It is over. */
    fun over(id: String) {
        synchronized(lock) {
            open.remove(id)
            claimed.remove(id)
        }
    }

    fun isOpen(id: String): Boolean = synchronized(lock) { id in open && id !in claimed }

    fun end() {
        synchronized(lock) {
            open.clear()
            claimed.clear()
        }
        news.end()
    }

    /** What is open, and what will be offered. */
    fun subscribe(): Channel<Offered> = synchronized(lock) { news.subscribe(open.values.toList()) }

    fun flow(): Flow<Offered> =
        flow {
            val mine = subscribe()
            try {
                for (offer in mine) if (isOpen(offer.id)) emit(offer)
            } finally {
                news.unsubscribe(mine)
            }
        }
}

/** Hands everything to every subscriber. Sending waits for nobody: a slow one keeps its own queue. */
internal class Broadcast<T : Any>(
    private val remembered: Int = 0,
) {
    private val lock = Any()
    private val subscribers = LinkedHashSet<Channel<T>>()
    private val latest = ArrayDeque<T>()
    private var ended = false

    fun send(item: T) {
        synchronized(lock) {
            if (ended) return
            if (remembered > 0) {
                latest.addLast(item)
                if (latest.size > remembered) latest.removeFirst()
            }
            subscribers.forEach { it.trySend(item) }
        }
    }

    fun subscribe(first: List<T> = emptyList()): Channel<T> {
        val channel =
            if (remembered > 0) {
                Channel<T>(remembered, BufferOverflow.DROP_OLDEST)
            } else {
                Channel<T>(Channel.UNLIMITED)
            }
        synchronized(lock) {
            (first + latest).forEach { channel.trySend(it) }
            if (ended) channel.close() else subscribers.add(channel)
        }
        return channel
    }

    fun unsubscribe(channel: Channel<T>) {
        synchronized(lock) { subscribers.remove(channel) }
        channel.cancel()
    }

    fun end() {
        synchronized(lock) {
            ended = true
            subscribers.forEach { it.close() }
            subscribers.clear()
        }
    }

    fun flow(): Flow<T> =
        flow {
            val mine = subscribe()
            try {
                for (item in mine) emit(item)
            } finally {
                unsubscribe(mine)
            }
        }
}

/**
 * What is read now, and again after each change; those that come while it is read are one. What cannot be read is left out.
 * Completes with the changes.
 */
internal fun <R : Any> Broadcast<Unit>.whenever(read: suspend () -> R?): Flow<R> =
    flow {
        val changes = subscribe()
        try {
            read()?.let { emit(it) }
            for (change in changes) {
                do {
                    val more = changes.tryReceive()
                } while (more.isSuccess)
                read()?.let { emit(it) }
            }
        } finally {
            unsubscribe(changes)
        }
    }
