/// A value of a property or attribute. Literals are values: `["items": 2, "sku": "a", "tags": ["x"]]`.
public enum PropertyValue: Sendable, Hashable {
    /// Nothing: removes an attribute.
    case null
    /// True or false.
    case bool(Bool)
    /// A whole number, at most 2^53 - 1 either way.
    case int(Int)
    /// Any finite number.
    case double(Double)
    /// A text.
    case text(String)
    /// A list.
    case list([PropertyValue])
    /// An object.
    case object([String: PropertyValue])
}

extension PropertyValue: ExpressibleByNilLiteral {
    /// `nil` is ``null``.
    public init(nilLiteral: ()) {
        self = .null
    }
}

extension PropertyValue: ExpressibleByBooleanLiteral {
    /// `true` and `false`.
    public init(booleanLiteral value: Bool) {
        self = .bool(value)
    }
}

extension PropertyValue: ExpressibleByIntegerLiteral {
    /// A whole number.
    public init(integerLiteral value: Int) {
        self = .int(value)
    }
}

extension PropertyValue: ExpressibleByFloatLiteral {
    /// Any number.
    public init(floatLiteral value: Double) {
        self = .double(value)
    }
}

extension PropertyValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    /// A text.
    public init(stringLiteral value: String) {
        self = .text(value)
    }
}

extension PropertyValue: ExpressibleByArrayLiteral {
    /// A list.
    public init(arrayLiteral elements: PropertyValue...) {
        self = .list(elements)
    }
}

extension PropertyValue: ExpressibleByDictionaryLiteral {
    /// An object; of a key that stands twice the last value counts.
    public init(dictionaryLiteral elements: (String, PropertyValue)...) {
        self = .object(Dictionary(elements) { _, last in last })
    }
}
