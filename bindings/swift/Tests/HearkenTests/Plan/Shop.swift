// Written by `hearken types` from the tracking plan; do not edit.

import Hearken

/// An event of the tracking plan.
public protocol ShopEvent: Sendable {
    /// The name in the plan.
    static var eventName: String { get }
    /// The properties that are set, by the names of the plan.
    var properties: [String: PropertyValue] { get }
}

/// The events of the tracking plan.
public enum ShopEvents {
    /// beacon_entered
    public struct BeaconEntered: ShopEvent {
        public static let eventName = "beacon_entered"
        public var place: String?

        public init(place: String? = nil) {
            self.place = place
        }

        public var properties: [String: PropertyValue] {
            var set: [String: PropertyValue] = [:]
            if let value = self.place { set["place"] = PropertyValue.text(value) }
            return set
        }
    }

    /// cart_updated
    public struct CartUpdated: ShopEvent {
        public static let eventName = "cart_updated"
        public var items: Int?
        public var topItem: String?
        public var totalMinor: Int?

        public init(items: Int? = nil, topItem: String? = nil, totalMinor: Int? = nil) {
            self.items = items
            self.topItem = topItem
            self.totalMinor = totalMinor
        }

        public var properties: [String: PropertyValue] {
            var set: [String: PropertyValue] = [:]
            if let value = self.items { set["items"] = PropertyValue.int(value) }
            if let value = self.topItem { set["top_item"] = PropertyValue.text(value) }
            if let value = self.totalMinor { set["total_minor"] = PropertyValue.int(value) }
            return set
        }
    }

    /// nps_answered
    public struct NpsAnswered: ShopEvent {
        public static let eventName = "nps_answered"
        public var score: Int?
        public var why: String?

        public init(score: Int? = nil, why: String? = nil) {
            self.score = score
            self.why = why
        }

        public var properties: [String: PropertyValue] {
            var set: [String: PropertyValue] = [:]
            if let value = self.score { set["score"] = PropertyValue.int(value) }
            if let value = self.why { set["why"] = PropertyValue.text(value) }
            return set
        }
    }

    /// order_completed
    public struct OrderCompleted: ShopEvent {
        public static let eventName = "order_completed"
        public var orderId: String
        public var revenueMinor: Int?

        public init(orderId: String, revenueMinor: Int? = nil) {
            self.orderId = orderId
            self.revenueMinor = revenueMinor
        }

        public var properties: [String: PropertyValue] {
            var set: [String: PropertyValue] = [:]
            set["order_id"] = PropertyValue.text(self.orderId)
            if let value = self.revenueMinor { set["revenue_minor"] = PropertyValue.int(value) }
            return set
        }
    }

    /// product_viewed
    public struct ProductViewed: ShopEvent {
        public static let eventName = "product_viewed"
        public var sku: String
        public var priceMinor: Int?

        public init(sku: String, priceMinor: Int? = nil) {
            self.sku = sku
            self.priceMinor = priceMinor
        }

        public var properties: [String: PropertyValue] {
            var set: [String: PropertyValue] = [:]
            set["sku"] = PropertyValue.text(self.sku)
            if let value = self.priceMinor { set["price_minor"] = PropertyValue.int(value) }
            return set
        }
    }
}

extension HearkenClient {
    /// Records an event of the tracking plan.
    @discardableResult
    public func track<Event: ShopEvent>(_ event: Event) -> Verdict {
        track(Event.eventName, event.properties)
    }

    /// Sets the attribute first_name; nil removes it.
    @discardableResult
    public func setFirstName(_ value: String?) -> Verdict {
        setAttribute("first_name", value.map { PropertyValue.text($0) } ?? .null)
    }

    /// Sets the attribute points; nil removes it.
    @discardableResult
    public func setPoints(_ value: Int?) -> Verdict {
        setAttribute("points", value.map { PropertyValue.int($0) } ?? .null)
    }

    /// Sets the attribute tier; nil removes it.
    @discardableResult
    public func setTier(_ value: String?) -> Verdict {
        setAttribute("tier", value.map { PropertyValue.text($0) } ?? .null)
    }
}
