import Foundation
internal import HearkenGenerated

extension Message {
    init(_ message: HearkenGenerated.Message) {
        let layout: Layout =
            switch message.layout {
            case .modal: .modal
            case .fullscreen: .fullscreen
            case .banner: .banner
            case .toast: .toast
            case .tooltip: .tooltip
            case .inline: .inline
            case .card: .card
            case .custom: .custom
            }
        let pages = message.pages.map { Page(id: $0.id, blocks: $0.blocks.map(Block.init)) }
        self.init(layout: layout, label: message.label, pages: pages)
        position = message.position
        anchor = message.anchor
        language = message.lang
        direction = message.dir
        autoDismiss = message.autoDismissMs.map { Double($0) / 1000 }
        isDismissible = message.dismissible
        data = message.data.mapValues(PropertyValue.init)
        assets = message.assets
        document = message.document
    }
}

extension Message.Block {
    fileprivate init(_ block: HearkenGenerated.Block) {
        switch block {
        case .image(let src, let alt): self = .image(src: src, alt: alt)
        case .heading(let text): self = .heading(text)
        case .text(let spans): self = .text(spans.map(Message.TextSpan.init))
        case .button(let id, let label, let role, let actions, let stay):
            let role: Message.Button.Role =
                switch role {
                case .primary: .primary
                case .secondary: .secondary
                }
            let actions = actions.map(Message.Button.Action.init)
            self = .button(Message.Button(id: id, label: label, role: role, actions: actions, stays: stay))
        case .divider: self = .divider
        case .spacer(let size): self = .spacer(Int(size))
        case .items(let items, let ordered):
            self = .list(items.map { $0.map(Message.TextSpan.init) }, ordered: ordered)
        case .progress(let value, let max, let label): self = .progress(value: value, max: max, label: label)
        case .field(let field): self = .field(Message.Field(field))
        case .preference(let label, let consent, let attribute, let on, let off):
            var preference = Message.Preference(label: label)
            preference.consent = consent
            preference.attribute = attribute
            preference.on = on.map(PropertyValue.init)
            preference.off = off.map(PropertyValue.init)
            self = .preference(preference)
        }
    }
}

extension Message.TextSpan {
    fileprivate init(_ span: HearkenGenerated.TextSpan) {
        self.init(
            span.text, isBold: span.bold, isItalic: span.italic, link: span.link, isLineBreak: span.lineBreak)
    }
}

extension Message.Field {
    fileprivate init(_ field: FormField) {
        let kind: Kind =
            switch field.kind {
            case .nps: .nps
            case .rating: .rating
            case .single: .single
            case .multi: .multi
            case .text: .text
            case .email: .email
            }
        self.init(kind: kind, name: field.name, label: field.label)
        isRequired = field.required
        options = field.options.map { Choice(value: PropertyValue($0.value), label: $0.label) }
        takesOther = field.other
        max = field.max.map(Int.init)
        hint = field.hint
    }
}

extension Message.Button.Action {
    fileprivate init(_ action: HearkenGenerated.Action) {
        switch action {
        case .dismiss: self = .dismiss
        case .next: self = .next
        case .previous: self = .previous
        case .openUrl(let url): self = .openURL(url)
        case .deepLink(let link): self = .deepLink(link)
        case .track(let event, let properties):
            self = .track(event: event, properties: properties.mapValues(PropertyValue.init))
        case .setAttribute(let name, let value): self = .setAttribute(name: name, value: PropertyValue(value))
        case .setConsent(let purpose, let granted): self = .setConsent(purpose: purpose, granted: granted)
        case .snooze(let after): self = .snooze(Double(after) / 1000)
        case .submit: self = .submit
        case .requestPermission(let permission): self = .requestPermission(permission)
        case .custom(let name, let data): self = .custom(name: name, data: data.mapValues(PropertyValue.init))
        }
    }
}

extension PropertyValue {
    init(_ value: HearkenGenerated.PropertyValue) {
        switch value {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .int(Int(clamping: value))
        case .double(let value): self = .double(value)
        case .text(let value): self = .text(value)
        case .items(let values): self = .list(values.map(PropertyValue.init))
        case .object(let values): self = .object(values.mapValues(PropertyValue.init))
        }
    }
}
