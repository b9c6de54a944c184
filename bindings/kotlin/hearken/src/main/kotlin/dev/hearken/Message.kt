package dev.hearken

/**
 * A message, ready to be drawn.
 *
 * @property layout how it stands on the screen
 * @property label its accessible name
 * @property pages its pages, at least one; each is blocks from top to bottom, which is also the order of focus
 */
public data class Message(
    val layout: Layout,
    val label: String,
    val pages: List<List<Block>>,
)

/** How a message stands on the screen. */
public enum class Layout {
    /** A dialog over the rest, which is inert until it is closed. */
    MODAL,
}

/** One block of a page. */
public sealed interface Block {
    /**
     * A picture.
     *
     * @property src where it is
     * @property alt what a person who cannot see it is told; empty for decoration
     */
    public data class Image(
        val src: String,
        val alt: String,
    ) : Block

    /**
     * A heading.
     *
     * @property text what it says
     */
    public data class Heading(
        val text: String,
    ) : Block

    /**
     * A paragraph.
     *
     * @property text what it says
     */
    public data class Text(
        val text: String,
    ) : Block

    /**
     * A button.
     *
     * @property id the target to name in [Drawn.click]
     * @property label what it says
     * @property role how much it stands out
     * @property actions what the app does when it is used, in order; the engine does what is its own
     * @property stay whether the message stays open after a click
     */
    public data class Button(
        val id: String,
        val label: String,
        val role: ButtonRole,
        val actions: List<Action>,
        val stay: Boolean,
    ) : Block
}

/** How much a button stands out. */
public enum class ButtonRole {
    /** The main choice. */
    PRIMARY,

    /** Any other choice. */
    SECONDARY,
}

/** What an app does when a button is used. */
public sealed interface Action {
    /** Closes the message. */
    public data object Dismiss : Action

    /**
     * Opens an address.
     *
     * @property url its scheme is `https`, `mailto` or `tel`
     */
    public data class OpenUrl(
        val url: String,
    ) : Action

    /**
     * Goes to a place in the app.
     *
     * @property link the place
     */
    public data class DeepLink(
        val link: String,
    ) : Action
}
