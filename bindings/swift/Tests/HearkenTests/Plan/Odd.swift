// Written by `hearken types` from the tracking plan; do not edit.

import Hearken

/// An event of the tracking plan.
public protocol MyShopEvent: Sendable {
    /// The name in the plan.
    static var eventName: String { get }
    /// The properties that are set, by the names of the plan.
    var properties: [String: PropertyValue] { get }
}

/// The events of the tracking plan.
public enum MyShopEvents {
    /// 2nd "visit"  
    public struct N2ndVisit: MyShopEvent {
        public static let eventName = "2nd \"visit\"*/"
        public var unnamed: Int?
        public var odd: String?

        public init(unnamed: Int? = nil, odd: String? = nil) {
            self.unnamed = unnamed
            self.odd = odd
        }

        public var properties: [String: PropertyValue] {
            var set: [String: PropertyValue] = [:]
            if let value = self.unnamed { set[""] = PropertyValue.int(value) }
            if let value = self.odd { set["$odd"] = PropertyValue.text(value) }
            return set
        }
    }

    /// Cart Updated
    public struct CartUpdated: MyShopEvent {
        public static let eventName = "Cart Updated"

        public init() {
        }

        public var properties: [String: PropertyValue] {
            let set: [String: PropertyValue] = [:]
            return set
        }
    }

    /// cart_updated
    public struct CartUpdated2: MyShopEvent {
        public static let eventName = "cart_updated"
        public var items: Int
        public var `class`: Double?
        public var extra: [String: PropertyValue]?
        public var gift: Bool?
        public var tags: [PropertyValue]?
        public var topItem: String?

        public init(items: Int, `class`: Double? = nil, extra: [String: PropertyValue]? = nil, gift: Bool? = nil, tags: [PropertyValue]? = nil, topItem: String? = nil) {
            self.items = items
            self.`class` = `class`
            self.extra = extra
            self.gift = gift
            self.tags = tags
            self.topItem = topItem
        }

        public var properties: [String: PropertyValue] {
            var set: [String: PropertyValue] = [:]
            set["items"] = PropertyValue.int(self.items)
            if let value = self.`class` { set["class"] = PropertyValue.double(value) }
            if let value = self.extra { set["extra"] = PropertyValue.object(value) }
            if let value = self.gift { set["gift"] = PropertyValue.bool(value) }
            if let value = self.tags { set["tags"] = PropertyValue.list(value) }
            if let value = self.topItem { set["top-item"] = PropertyValue.text(value) }
            return set
        }
    }
}

extension HearkenClient {
    /// Records an event of the tracking plan.
    @discardableResult
    public func track<Event: MyShopEvent>(_ event: Event) -> Verdict {
        track(Event.eventName, event.properties)
    }

    /// Sets the attribute 2nd tier; nil removes it.
    @discardableResult
    public func setN2ndTier(_ value: String?) -> Verdict {
        setAttribute("2nd tier", value.map { PropertyValue.text($0) } ?? .null)
    }

    /// Sets the attribute a b; nil removes it.
    @discardableResult
    public func setAB(_ value: Int?) -> Verdict {
        setAttribute("a b", value.map { PropertyValue.int($0) } ?? .null)
    }
}
