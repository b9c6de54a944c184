package dev.hearken

import java.time.Instant

/**
 * Every metric of the playbook's success definition, for the person of this device. The numbers are this device's alone: they
 * are never added to another's.
 *
 * @property definition the definition's id; null where the playbook brings none
 * @property version the definition's version
 * @property at the instant of the report
 * @property currency the currency of values, such as `USD`
 * @property digits how many digits its minor unit has
 * @property metrics the metrics, in the order of their names
 */
public data class SuccessReport(
    val definition: String?,
    val version: Int?,
    val at: Instant,
    val currency: String?,
    val digits: Int?,
    val metrics: List<Metric>,
) {
    /** A metric by its name. */
    public operator fun get(name: String): Metric? = metrics.find { it.name == name }
}

/**
 * One metric: a pair of whole numbers.
 *
 * @property name its name
 * @property title its name for people
 * @property fingerprint names what it means: equal fingerprints are the same number, here and in a warehouse
 * @property kind how the value is to be read
 * @property asOf the instant up to which it counts, exclusive
 * @property isLive whether that is now, rather than the last midnight of the definition's calendar
 * @property num the numerator; null where the metric is unavailable or split
 * @property den the denominator; a total has none
 * @property value num / den, as the definition says to print it; null where den is 0
 * @property groups the same by group, where the metric is split
 * @property goal how its goal stands, if it has one
 * @property role what the goal is for
 * @property unavailable why there is no number
 */
public data class Metric(
    val name: String,
    val title: String?,
    val fingerprint: String,
    val kind: Kind,
    val asOf: Instant,
    val isLive: Boolean,
    val num: Long?,
    val den: Long?,
    val value: Double?,
    val groups: List<Group>,
    val goal: GoalStatus?,
    val role: Role?,
    val unavailable: Unavailable?,
) {
    /** How a value is to be read. */
    public enum class Kind {
        /** num / den. */
        RATIO,

        /** num. */
        TOTAL,

        /** Milliseconds. */
        MS,

        /** num / den - 1. */
        CHANGE,
    }

    /** How a goal stands. */
    public enum class GoalStatus {
        /** Reached. */
        MET,

        /** Not reached. */
        MISSED,

        /** Too little to say. */
        NO_DATA,

        /** It has no target. */
        NO_TARGET,
    }

    /** What a goal is for. */
    public enum class Role {
        /** What is to be moved. */
        PRIMARY,

        /** What is watched besides. */
        SECONDARY,

        /** What must not suffer. */
        GUARDRAIL,
    }

    /** Why there is no number. */
    public enum class Unavailable {
        /** What it reads began before everything was kept. */
        HISTORY_INCOMPLETE,

        /** More is asked for than is kept. */
        STATE_LIMIT,

        /** The clock stands before what is folded for good. */
        CLOCK,

        /** More than a million events. */
        EXCLUDED,
    }

    /**
     * One group of a split metric.
     *
     * @property name its name; `(absent)` for events without the property
     * @property num the numerator
     * @property den the denominator; a total has none
     * @property value num / den, as the definition says to print it
     */
    public data class Group(
        val name: String,
        val num: Long,
        val den: Long?,
        val value: Double?,
    )
}
