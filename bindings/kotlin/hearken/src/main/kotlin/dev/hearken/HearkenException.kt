package dev.hearken

/** What can go wrong, by what a caller can do about it. */
public sealed class HearkenException(
    message: String,
    cause: Throwable? = null,
) : Exception(message, cause) {
    /**
     * The playbook cannot be used: mend it. The last good one stays in force.
     *
     * @property path where it is wrong: a path such as `plan.events.e.type`, or line and column, or the file; empty where it
     *   is the whole
     * @property details what is wrong there
     */
    public class InvalidPlaybook internal constructor(
        public val path: String,
        public val details: String,
        cause: Throwable?,
    ) : HearkenException(if (path.isEmpty()) details else "$path: $details", cause)

    /** The store was written by a newer version of the library: update the app. Nothing was touched. */
    public class NewerFormat internal constructor(
        message: String,
        cause: Throwable?,
    ) : HearkenException(message, cause)

    /** The store cannot be read or written now: trying again can help. */
    public class StoreUnavailable internal constructor(
        message: String,
        cause: Throwable?,
    ) : HearkenException(message, cause)

    /**
     * The call was refused: mend it. Nothing of it was kept.
     *
     * @property code the rule that it breaks, in snake_case
     */
    public class Rejected internal constructor(
        public val code: String,
        message: String,
        cause: Throwable? = null,
    ) : HearkenException(message, cause)

    /** Too much waits to be stored: try again later. */
    public class Backpressure internal constructor(
        cause: Throwable? = null,
    ) : HearkenException("too much waits to be stored", cause)

    /** Another process owns the store: this one only hands its events over. */
    public class NotOwner internal constructor(
        cause: Throwable?,
    ) : HearkenException("another process owns the store", cause)

    /** The client was closed. */
    public class Closed internal constructor(
        cause: Throwable? = null,
    ) : HearkenException("the client is closed", cause)

    /**
     * The client was opened with an option that cannot be used: mend it.
     *
     * @property option the option's name in snake_case, such as `public_key`
     */
    public class InvalidOption internal constructor(
        public val option: String,
        message: String,
        cause: Throwable? = null,
    ) : HearkenException("$option: $message", cause)

    /** A defect of this library: please report it. The app goes on. */
    public class Internal internal constructor(
        message: String,
        cause: Throwable?,
    ) : HearkenException(message, cause)
}
