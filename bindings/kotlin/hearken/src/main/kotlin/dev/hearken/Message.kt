package dev.hearken

import kotlin.time.Duration

/**
 * A message, ready to be drawn.
 *
 * @property layout how it stands on the screen
 * @property label its accessible name
 * @property pages its pages, at least one unless the layout is [Layout.CUSTOM]
 * @property position where a banner stands: `top` or `bottom`
 * @property anchor what a tooltip points at
 * @property lang the BCP 47 tag of the language that it is in
 * @property dir the direction of its text: `ltr` or `rtl`
 * @property autoDismiss how long it is visible before it ends by itself
 * @property dismissible whether a person may close it without a button
 * @property data what an app draws a custom message from
 * @property assets the pictures to load before it is drawn
 * @property document the whole message as JSON, for an app that draws it by its own means
 */
public data class Message(
    val layout: Layout,
    val label: String,
    val pages: List<Page>,
    val position: String? = null,
    val anchor: String? = null,
    val lang: String? = null,
    val dir: String? = null,
    val autoDismiss: Duration? = null,
    val dismissible: Boolean = true,
    val data: Map<String, Any?> = emptyMap(),
    val assets: List<String> = emptyList(),
    val document: String = "{}",
) {
    /** The blocks of all its pages. */
    val blocks: List<Block> get() = pages.flatMap { it.blocks }
}

/**
 * One page of a message.
 *
 * @property id what [Drawn.page] and [Drawn.nextPage] call it
 * @property blocks its blocks from top to bottom, which is also the order of focus
 */
public data class Page(
    val id: String,
    val blocks: List<Block>,
)

/** How a message stands on the screen. */
public enum class Layout {
    /** A dialog over the rest, which is inert until it is closed. */
    MODAL,

    /** A dialog that takes the whole screen. */
    FULLSCREEN,

    /** A strip at the top or the bottom. */
    BANNER,

    /** A short notice that goes by itself. */
    TOAST,

    /** A notice beside something on the screen. */
    TOOLTIP,

    /** A part of the screen. */
    INLINE,

    /** A card of the inbox. */
    CARD,

    /** Drawn by the app. */
    CUSTOM,
}

/**
 * A stretch of text.
 *
 * @property text what it says
 * @property bold whether it is bold
 * @property italic whether it is italic
 * @property link where it leads
 * @property lineBreak a line ends here
 */
public data class TextSpan(
    val text: String,
    val bold: Boolean = false,
    val italic: Boolean = false,
    val link: String? = null,
    val lineBreak: Boolean = false,
)

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
     * @property spans what it says
     */
    public data class Text(
        val spans: List<TextSpan>,
    ) : Block {
        /** What it says, without its marks. */
        val text: String get() = spans.joinToString("") { if (it.lineBreak) "\n" else it.text }
    }

    /**
     * A button.
     *
     * @property id the target to name in [Drawn.click]
     * @property label what it says
     * @property role how much it stands out
     * @property actions what it does, in order; [Action] says what of it is the app's
     * @property stay whether the message stays open after a click
     */
    public data class Button(
        val id: String,
        val label: String,
        val role: ButtonRole,
        val actions: List<Action>,
        val stay: Boolean,
    ) : Block

    /** A line between two parts. */
    public data object Divider : Block

    /**
     * Room between two parts.
     *
     * @property size how much, in points
     */
    public data class Spacer(
        val size: Int,
    ) : Block

    /**
     * A list.
     *
     * @property items its items
     * @property ordered whether they are numbered
     */
    public data class Items(
        val items: List<List<TextSpan>>,
        val ordered: Boolean,
    ) : Block

    /**
     * How far something has come.
     *
     * @property value how far, from 0
     * @property max what it goes up to
     * @property label what it is
     */
    public data class Progress(
        val value: Double,
        val max: Double,
        val label: String?,
    ) : Block

    /**
     * A field of a form.
     *
     * @property kind what is asked for
     * @property name the name of the answer
     * @property label the question
     * @property required whether it has to be answered
     * @property options what may be chosen
     * @property other whether a choice of one's own may be written
     * @property max the highest rating, or the most characters of a text
     * @property hint what helps to answer
     */
    public data class Field(
        val kind: FieldKind,
        val name: String,
        val label: String,
        val required: Boolean = false,
        val options: List<Choice> = emptyList(),
        val other: Boolean = false,
        val max: Int? = null,
        val hint: String? = null,
    ) : Block

    /**
     * A switch of the preference centre: a purpose that it grants, or an attribute that it sets.
     *
     * @property label what it says
     * @property consent the purpose
     * @property attribute the attribute
     * @property on what the attribute becomes when it is on
     * @property off what the attribute becomes when it is off
     */
    public data class Preference(
        val label: String,
        val consent: String?,
        val attribute: String?,
        val on: Any?,
        val off: Any?,
    ) : Block
}

/** What a field asks for. */
public enum class FieldKind {
    /** 0 to 10: how likely one recommends it. */
    NPS,

    /** 1 up to its `max`. */
    RATING,

    /** One choice. */
    SINGLE,

    /** Several choices. */
    MULTI,

    /** A text. */
    TEXT,

    /** An email address. */
    EMAIL,
}

/**
 * One choice of a field.
 *
 * @property value the answer
 * @property label what it says
 */
public data class Choice(
    val value: Any?,
    val label: String,
)

/** How much a button stands out. */
public enum class ButtonRole {
    /** The main choice. */
    PRIMARY,

    /** Any other choice. */
    SECONDARY,
}

/**
 * What a button does. The engine does [Track], [SetAttribute], [SetConsent], [Snooze] and [Submit] when it is told of the
 * click; the app does the others.
 */
public sealed interface Action {
    /** Closes the message. */
    public data object Dismiss : Action

    /** Turns to the next page. */
    public data object Next : Action

    /** Turns back. */
    public data object Previous : Action

    /**
     * Opens an address.
     *
     * @property url its scheme is `https`, `mailto`, `tel` or one that the playbook allows
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

    /**
     * Records an event.
     *
     * @property event the event
     * @property properties its properties
     */
    public data class Track(
        val event: String,
        val properties: Map<String, Any?>,
    ) : Action

    /**
     * Sets an attribute.
     *
     * @property name which
     * @property value its value
     */
    public data class SetAttribute(
        val name: String,
        val value: Any?,
    ) : Action

    /**
     * Chooses a purpose.
     *
     * @property purpose which
     * @property granted whether it is granted
     */
    public data class SetConsent(
        val purpose: String,
        val granted: Boolean,
    ) : Action

    /**
     * Comes back later.
     *
     * @property after after so long
     */
    public data class Snooze(
        val after: Duration,
    ) : Action

    /** Hands in the answers. */
    public data object Submit : Action

    /**
     * Asks for a permission.
     *
     * @property permission which
     */
    public data class RequestPermission(
        val permission: String,
    ) : Action

    /**
     * The app's own.
     *
     * @property name its name
     * @property data what it needs
     */
    public data class Custom(
        val name: String,
        val data: Map<String, Any?>,
    ) : Action
}
