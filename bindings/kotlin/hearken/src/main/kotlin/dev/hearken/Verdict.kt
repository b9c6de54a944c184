package dev.hearken

/** What became of a call that waits for nothing. */
public sealed interface Verdict {
    /** It was taken; while the client is still opening: it waits for that. */
    public data object Accepted : Verdict

    /** The person has not agreed to any purpose that would let it be recorded. Nothing changed. */
    public data object NotConsented : Verdict

    /** The library is switched off: see [Hearken.disable]. Nothing changed. */
    public data object Disabled : Verdict

    /**
     * It was refused. Nothing of it was kept.
     *
     * @property code the rule that it breaks, in snake_case: one of the tracking plan's such as `wrong_type`, `not_json`
     *   or `too_deep` for a value that has no place in JSON, or why the client takes nothing: `backpressure`,
     *   `not_owner`, `closed`, `store_unavailable`, `newer_format`, `invalid_playbook`, `invalid_option`, `internal`
     * @property message what it breaks, by name, for a developer
     */
    public data class Rejected(
        val code: String,
        val message: String,
    ) : Verdict
}
