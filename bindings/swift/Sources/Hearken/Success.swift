public import Foundation
internal import HearkenGenerated

/// Every metric of the playbook's success definition, for the person of this device. The numbers are this device's alone: they
/// are never added to another's.
public struct SuccessReport: Sendable, Hashable {
    /// The definition's id; nothing where the playbook brings none.
    public let definition: String?
    /// The definition's version.
    public let version: Int?
    /// The instant of the report.
    public let at: Date
    /// The currency of values, such as `USD`.
    public let currency: String?
    /// How many digits its minor unit has.
    public let digits: Int?
    /// The metrics, in the order of their names.
    public let metrics: [Metric]

    /// A metric by its name.
    public subscript(name: String) -> Metric? { metrics.first { $0.name == name } }
}

/// One metric: a pair of whole numbers.
public struct Metric: Sendable, Hashable, Identifiable {
    /// How a value is to be read.
    public enum Kind: String, Sendable {
        /// num / den.
        case ratio
        /// num.
        case total
        /// Milliseconds.
        case milliseconds = "ms"
        /// num / den - 1.
        case change
    }

    /// How a goal stands.
    public enum GoalStatus: String, Sendable {
        /// Reached.
        case met
        /// Not reached.
        case missed
        /// Too little to say.
        case noData = "no_data"
        /// It has no target.
        case noTarget = "no_target"
    }

    /// What a goal is for.
    public enum Role: String, Sendable {
        /// What is to be moved.
        case primary
        /// What is watched besides.
        case secondary
        /// What must not suffer.
        case guardrail
    }

    /// Why there is no number.
    public enum Unavailable: String, Sendable {
        /// What it reads began before everything was kept.
        case historyIncomplete = "history_incomplete"
        /// More is asked for than is kept.
        case stateLimit = "state_limit"
        /// The clock stands before what is folded for good.
        case clock
        /// More than a million events.
        case excluded
    }

    /// One group of a split metric.
    public struct Group: Sendable, Hashable {
        /// Its name; `(absent)` for events without the property.
        public let name: String
        /// The numerator.
        public let num: Int
        /// The denominator; a total has none.
        public let den: Int?
        /// num / den, as the definition says to print it.
        public let value: Double?
    }

    /// Its name.
    public let name: String
    /// Its name for people.
    public let title: String?
    /// Names what it means: equal fingerprints are the same number, here and in a warehouse.
    public let fingerprint: String
    /// How the value is to be read.
    public let kind: Kind
    /// The instant up to which it counts, exclusive.
    public let asOf: Date
    /// Whether that is now, rather than the last midnight of the definition's calendar.
    public let isLive: Bool
    /// The numerator; nothing where the metric is unavailable or split.
    public let num: Int?
    /// The denominator; a total has none.
    public let den: Int?
    /// num / den, as the definition says to print it; nothing where den is 0.
    public let value: Double?
    /// The same by group, where the metric is split.
    public let groups: [Group]
    /// How its goal stands, if it has one.
    public let goal: GoalStatus?
    /// What the goal is for.
    public let role: Role?
    /// Why there is no number.
    public let unavailable: Unavailable?

    /// Its name.
    public var id: String { name }

    init(_ metric: HearkenGenerated.MetricReport) {
        name = metric.metric
        title = metric.title
        fingerprint = metric.fingerprint
        kind = Kind(rawValue: metric.kind) ?? .ratio
        asOf = Date(milliseconds: metric.asOfMs)
        isLive = metric.live
        num = metric.num.map { Int(clamping: $0) }
        den = metric.den.map { Int(clamping: $0) }
        value = metric.value
        groups = metric.groups.map { group in
            Group(
                name: group.group, num: Int(clamping: group.num), den: group.den.map { Int(clamping: $0) },
                value: group.value)
        }
        goal = metric.goal.flatMap(GoalStatus.init(rawValue:))
        role = metric.role.flatMap(Role.init(rawValue:))
        unavailable = metric.unavailable.flatMap(Unavailable.init(rawValue:))
    }
}

extension HearkenClient {
    /// Every metric of the playbook's success definition, now.
    ///
    /// - Throws: ``HearkenError/notOwner`` in a guest; what ``HearkenClient/ready()`` throws.
    public func success() async throws -> SuccessReport {
        let report = try await core.wait { native in try native.success() }
        return SuccessReport(
            definition: report.definition, version: report.version.map { Int($0) }, at: Date(milliseconds: report.atMs),
            currency: report.currency, digits: report.digits.map { Int($0) }, metrics: report.metrics.map(Metric.init)
        )
    }
}
