internal import HearkenGenerated

/// Nested deeper than this is nothing that the engine takes anyway.
private let deepest = 64

/// A value that the native library is not asked about.
private struct TooDeep: Error {
    let path: String

    var verdict: Verdict {
        .rejected(code: "too_deep", message: "`\(path)` is nested deeper than \(deepest) levels")
    }
}

/// Properties, converted and passed on; or the verdict on them. `path` is what their paths start with.
func converted(
    _ properties: [String: PropertyValue], at path: String,
    _ then: ([String: HearkenGenerated.PropertyValue]) -> Verdict
) -> Verdict {
    do {
        return then(try convert(properties, path, 0))
    } catch let error as TooDeep {
        return error.verdict
    } catch {
        return HearkenError(error).verdict
    }
}

/// Properties, converted for a call that throws.
func converted(
    _ properties: [String: PropertyValue], at path: String
) throws -> [String: HearkenGenerated.PropertyValue] {
    do {
        return try convert(properties, path, 0)
    } catch let error as TooDeep {
        try error.verdict.get()
        return [:]
    }
}

/// A value, converted and passed on; or the verdict on it. `path` is where it stands.
func converted(
    _ value: PropertyValue, at path: String, _ then: (HearkenGenerated.PropertyValue) -> Verdict
) -> Verdict {
    do {
        return then(try convert(value, path, 0))
    } catch let error as TooDeep {
        return error.verdict
    } catch {
        return HearkenError(error).verdict
    }
}

private func convert(
    _ properties: [String: PropertyValue], _ path: String, _ depth: Int
) throws -> [String: HearkenGenerated.PropertyValue] {
    var converted: [String: HearkenGenerated.PropertyValue] = [:]
    converted.reserveCapacity(properties.count)
    for (name, value) in properties { converted[name] = try convert(value, "\(path).\(name)", depth + 1) }
    return converted
}

private func convert(_ value: PropertyValue, _ path: String, _ depth: Int) throws -> HearkenGenerated.PropertyValue {
    if depth > deepest { throw TooDeep(path: path) }
    switch value {
    case .null: return .null
    case .bool(let value): return .bool(value: value)
    case .int(let value): return .int(value: Int64(value))
    case .double(let value): return .double(value: value)
    case .text(let value): return .text(value: value)
    case .list(let values):
        return .items(
            values: try values.enumerated().map { try convert($0.element, "\(path).\($0.offset)", depth + 1) })
    case .object(let values):
        return .object(values: try convert(values, path, depth))
    }
}
