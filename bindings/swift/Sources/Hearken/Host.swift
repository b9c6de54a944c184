public import Foundation
internal import HearkenGenerated

/// A touch through another channel: an email, a push, a text message. It spends the frequency constraints that count its
/// channel, and triggers may wait for it.
public struct Touch: Sendable, Hashable {
    /// What happened with a touch.
    public enum Kind: Sendable, Hashable {
        /// It reached the person.
        case delivered
        /// The person opened it.
        case opened
        /// The person used a link of it.
        case clicked
        /// The person unsubscribed through it.
        case unsubscribed
    }

    /// What happened with it.
    public var kind: Kind
    /// Its channel, such as `email` or `push`.
    public var channel: String
    /// Its id at whoever sent it: the same kind of touch counts once for each.
    public var deliveryID: String
    /// The campaign that it belongs to.
    public var campaign: String?
    /// The link that was used.
    public var target: String?

    /// A touch.
    public init(
        _ kind: Kind, channel: String, deliveryID: String, campaign: String? = nil, target: String? = nil
    ) {
        self.kind = kind
        self.channel = channel
        self.deliveryID = deliveryID
        self.campaign = campaign
        self.target = target
    }

    fileprivate var generated: HearkenGenerated.Touch {
        let kind: TouchKind =
            switch kind {
            case .delivered: .delivered
            case .opened: .opened
            case .clicked: .clicked
            case .unsubscribed: .unsubscribed
            }
        return .init(kind: kind, channel: channel, deliveryId: deliveryID, campaign: campaign, target: target)
    }
}

extension HearkenClient {
    /// The person came to a screen of the app. Waits for nothing.
    @discardableResult
    public func screen(_ name: String) -> Verdict {
        core.say("screen \(name)") { native in Verdict(try native.screen(name: name)) }
    }

    /// Sets off the campaigns that wait for this cue of the app's own: the trigger `{manual: NAME}`. Waits for nothing.
    @discardableResult
    public func manual(_ name: String) -> Verdict {
        cue("manual", .text(name))
    }

    /// What only the app can see, such as `dwell` in milliseconds; recorded only where a campaign waits for it.
    @discardableResult
    public func cue(_ cue: String, _ value: PropertyValue = .null) -> Verdict {
        converted(value, at: "value") { [core] converted in
            core.say("cue \(cue)") { native in
                Verdict(try native.cue(cue: cue, value: value == .null ? nil : converted))
            }
        }
    }

    /// A touch through another channel. Waits for nothing.
    @discardableResult
    public func touch(_ touch: Touch) -> Verdict {
        core.say("touch \(touch.deliveryID)") { native in Verdict(try native.touch(touch: touch.generated)) }
    }

    /// A message or card that the app brings, such as from a push payload, as JSON: a campaign without a trigger, with its
    /// `messages`, `text` and `locales`. It goes the same way as the playbook's own. Waits for nothing.
    @discardableResult
    public func offer(_ document: String) -> Verdict {
        core.say("offer") { native in Verdict(try native.offer(document: document)) }
    }

    /// A place on the screen is there: what fills it is offered. Waits for nothing.
    @discardableResult
    public func mount(_ placement: String) -> Verdict {
        core.say("mount \(placement)") { native in Verdict(try native.mount(placement: placement, mounted: true)) }
    }

    /// A place on the screen is gone. Waits for nothing.
    @discardableResult
    public func unmount(_ placement: String) -> Verdict {
        core.say("unmount \(placement)") { native in Verdict(try native.mount(placement: placement, mounted: false)) }
    }

    /// Values that conditions may ask for by `$host`, such as `app_version`; what is not named stays. Waits for nothing.
    @discardableResult
    public func setHost(_ values: [String: PropertyValue]) -> Verdict {
        converted(values, at: "host") { [core] values in
            core.say("host") { native in Verdict(try native.setHost(values: values)) }
        }
    }

    /// Holds every message back but the cards of the inbox, until ``resume()``: for a checkout, or a call. Waits for nothing.
    @discardableResult
    public func pause() -> Verdict {
        core.say("pause") { native in Verdict(try native.setPaused(paused: true)) }
    }

    /// Lets messages come again. Waits for nothing.
    @discardableResult
    public func resume() -> Verdict {
        core.say("resume") { native in Verdict(try native.setPaused(paused: false)) }
    }

    /// The person's locale from here on. Waits for nothing.
    @discardableResult
    public func setLocale(_ locale: Locale) -> Verdict {
        core.say("locale") { native in
            try native.setLocale(locale: locale.tag)
            return .accepted
        }
    }

    /// Says whether the app's screen can be seen: no message is offered while it cannot. Waits for nothing.
    @discardableResult
    public func setCanDisplay(_ canDisplay: Bool) -> Verdict {
        core.say("canDisplay") { native in
            try native.setCanDisplay(canDisplay: canDisplay)
            return .accepted
        }
    }
}
