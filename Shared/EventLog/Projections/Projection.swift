import Contracts

/// Tables that are nothing but the fold of other services' events, so that they may be made again from the streams at any time.
///
/// A table that also carries what a person commanded here is none: its history is not in the streams it hears.
public struct Projection: Sendable {
    /// Lower-case letters, digits and `_`: part of a schema's name.
    public let name: String
    /// All tables that `subscriptions` write, and nobody else.
    public let tables: [String]
    /// What is folded into them, the same handlers that the live consumer runs.
    public let subscriptions: Subscriptions

    public init(_ name: String, tables: [String], _ subscriptions: Subscriptions) {
        self.name = name
        self.tables = tables
        self.subscriptions = subscriptions
    }

    /// Where it is rebuilt.
    var schema: String { Self.schemaPrefix + name }
    static let schemaPrefix = "rebuild_"

    var partitions: [StreamPartition] {
        subscriptions.topics.flatMap { topic in (0..<topic.partitions).map { StreamPartition(topic: topic.name, part: Int32($0)) } }
    }
}

extension Subscriptions {
    /// What a service hears: its projections, and what else it does upon events. One place says what is folded, for the live
    /// consumer and for a rebuild.
    public init(_ projections: [Projection], _ more: [Subscription] = []) {
        let folded = projections.flatMap { $0.subscriptions.byType.sorted { $0.key < $1.key }.flatMap(\.value) }
        self.init(folded + more, folds: projections.flatMap(\.subscriptions.folds))
    }
}
