package dev.hearken.internal

import dev.hearken.Action
import dev.hearken.Block
import dev.hearken.ButtonRole
import dev.hearken.Choice
import dev.hearken.FieldKind
import dev.hearken.Layout
import dev.hearken.Message
import dev.hearken.Page
import dev.hearken.TextSpan
import dev.hearken.generated.PropertyValue
import kotlin.time.Duration.Companion.milliseconds
import dev.hearken.generated.Action as GeneratedAction
import dev.hearken.generated.Block as GeneratedBlock
import dev.hearken.generated.ButtonRole as GeneratedRole
import dev.hearken.generated.FieldKind as GeneratedFieldKind
import dev.hearken.generated.FormField as GeneratedField
import dev.hearken.generated.Layout as GeneratedLayout
import dev.hearken.generated.Message as GeneratedMessage
import dev.hearken.generated.TextSpan as GeneratedSpan

internal fun GeneratedMessage.toMessage(): Message =
    Message(
        layout = layout.toLayout(),
        label = label,
        pages = pages.map { page -> Page(page.id, page.blocks.map { it.toBlock() }) },
        position = position,
        anchor = anchor,
        lang = lang,
        dir = dir,
        autoDismiss = autoDismissMs?.milliseconds,
        dismissible = dismissible,
        data = data.toMap(),
        assets = assets,
        document = document,
    )

private fun GeneratedLayout.toLayout(): Layout =
    when (this) {
        GeneratedLayout.MODAL -> Layout.MODAL
        GeneratedLayout.FULLSCREEN -> Layout.FULLSCREEN
        GeneratedLayout.BANNER -> Layout.BANNER
        GeneratedLayout.TOAST -> Layout.TOAST
        GeneratedLayout.TOOLTIP -> Layout.TOOLTIP
        GeneratedLayout.INLINE -> Layout.INLINE
        GeneratedLayout.CARD -> Layout.CARD
        GeneratedLayout.CUSTOM -> Layout.CUSTOM
    }

private fun List<GeneratedSpan>.toSpans(): List<TextSpan> =
    map { TextSpan(it.text, it.bold, it.italic, it.link, it.lineBreak) }

private fun GeneratedBlock.toBlock(): Block =
    when (this) {
        is GeneratedBlock.Image -> Block.Image(src, alt)
        is GeneratedBlock.Heading -> Block.Heading(text)
        is GeneratedBlock.Text -> Block.Text(spans.toSpans())
        is GeneratedBlock.Button -> Block.Button(id, label, role.toRole(), actions.map { it.toAction() }, stay)
        GeneratedBlock.Divider -> Block.Divider
        is GeneratedBlock.Spacer -> Block.Spacer(size.toInt())
        is GeneratedBlock.Items -> Block.Items(items.map { it.toSpans() }, ordered)
        is GeneratedBlock.Progress -> Block.Progress(value, max, label)
        is GeneratedBlock.Field -> field.toField()
        is GeneratedBlock.Preference -> Block.Preference(label, consent, attribute, on?.toAny(), off?.toAny())
    }

private fun GeneratedField.toField(): Block.Field =
    Block.Field(
        kind =
            when (kind) {
                GeneratedFieldKind.NPS -> FieldKind.NPS
                GeneratedFieldKind.RATING -> FieldKind.RATING
                GeneratedFieldKind.SINGLE -> FieldKind.SINGLE
                GeneratedFieldKind.MULTI -> FieldKind.MULTI
                GeneratedFieldKind.TEXT -> FieldKind.TEXT
                GeneratedFieldKind.EMAIL -> FieldKind.EMAIL
            },
        name = name,
        label = label,
        required = required,
        options = options.map { Choice(it.value.toAny(), it.label) },
        other = other,
        max = max?.toInt(),
        hint = hint,
    )

private fun GeneratedRole.toRole(): ButtonRole =
    when (this) {
        GeneratedRole.PRIMARY -> ButtonRole.PRIMARY
        GeneratedRole.SECONDARY -> ButtonRole.SECONDARY
    }

private fun GeneratedAction.toAction(): Action =
    when (this) {
        GeneratedAction.Dismiss -> Action.Dismiss
        GeneratedAction.Next -> Action.Next
        GeneratedAction.Previous -> Action.Previous
        is GeneratedAction.OpenUrl -> Action.OpenUrl(url)
        is GeneratedAction.DeepLink -> Action.DeepLink(link)
        is GeneratedAction.Track -> Action.Track(event, properties.toMap())
        is GeneratedAction.SetAttribute -> Action.SetAttribute(name, value.toAny())
        is GeneratedAction.SetConsent -> Action.SetConsent(purpose, granted)
        is GeneratedAction.Snooze -> Action.Snooze(afterMs.milliseconds)
        GeneratedAction.Submit -> Action.Submit
        is GeneratedAction.RequestPermission -> Action.RequestPermission(permission)
        is GeneratedAction.Custom -> Action.Custom(name, data.toMap())
    }

/** A value as an app has it: a text, a boolean, a Long, a Double, null, and lists and maps of these. */
private fun PropertyValue.toAny(): Any? =
    when (this) {
        PropertyValue.Null -> null
        is PropertyValue.Bool -> value
        is PropertyValue.Int -> value
        is PropertyValue.Double -> value
        is PropertyValue.Text -> value
        is PropertyValue.Items -> values.map { it.toAny() }
        is PropertyValue.Object -> values.toMap()
    }

internal fun Map<String, PropertyValue>.toMap(): Map<String, Any?> = mapValues { (_, value) -> value.toAny() }
