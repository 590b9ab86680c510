public import Contracts
public import Postgres
public import Telemetry

/// An event with where it came from.
public struct Envelope<Body: Event>: Sendable {
    public let id: EventID
    public let subject: String
    /// The aggregate's version at its owner.
    public let version: Int32
    public let time: Timestamp
    public let trace: TraceContext?
    public let body: Body
}

/// An event of any type on a topic.
public struct AnyEnvelope: Sendable {
    public let id: EventID
    public let subject: String
    public let version: Int32
    public let time: Timestamp
    public let trace: TraceContext?
    /// `case.closed.v1`.
    public let type: String
    public let body: any Event
    /// The event's JSON as it came.
    public let payload: [UInt8]
}

/// What a service listens to: event type → use cases, one line each. Several may listen to one type: they run in the order in which they
/// are listed, each with all the events.
public struct Subscriptions: Sendable {
    let byType: [String: [Subscription]]
    let folds: [Fold]
    /// The topics of ours that these events come on.
    public let topics: [Topic]

    public init(_ entries: [Subscription], folds: [Fold] = []) {
        var byType: [String: [Subscription]] = [:]
        var topics: [Topic] = []
        for entry in entries {
            byType[entry.type, default: []].append(entry)
            if !topics.contains(entry.topic) { topics.append(entry.topic) }
        }
        for topic in folds.flatMap(\.topics) where !topics.contains(topic) { topics.append(topic) }
        self.byType = byType
        self.folds = folds
        self.topics = topics
    }
}

/// A handler for a whole batch: every event on some topics, of all types and subjects, in the order of its partition. For
/// projections that fold in memory and write once. Runs after the handlers of single types.
public struct Fold: Sendable {
    let topics: [Topic]
    private let names: Set<String>
    private let handle: Handle
    private typealias Handle = @Sendable ([(event: CommittedEvent, kind: EventKind)], inout PostgresTransaction) async throws -> Void

    public init(
        on topics: [Topic], _ handle: @escaping @Sendable ([AnyEnvelope], inout PostgresTransaction) async throws -> Void
    ) {
        self.init(topics) { events, transaction in
            try await handle(try events.map { try Subscription.open($0.event, $0.kind) }, &transaction)
        }
    }

    /// For a handler that keeps events as they came and leaves the reading to whoever looks at them.
    public init(
        keeping topics: [Topic], _ handle: @escaping @Sendable ([CommittedEvent], inout PostgresTransaction) async throws -> Void
    ) {
        self.init(topics) { events, transaction in try await handle(events.map(\.event), &transaction) }
    }

    private init(_ topics: [Topic], _ handle: @escaping Handle) {
        self.topics = topics
        names = Set(topics.map(\.name))
        self.handle = handle
    }

    /// Types that no contract here knows are history all the same: passed by, as elsewhere.
    func apply(_ events: [CommittedEvent], _ transaction: inout PostgresTransaction) async throws {
        let heard = events.compactMap { event -> (event: CommittedEvent, kind: EventKind)? in
            guard names.contains(event.topic), let kind = EventRegistry.kind(of: event.type) else { return nil }
            return (event, kind)
        }
        if !heard.isEmpty { try await handle(heard, &transaction) }
    }
}

/// One event type and what is done with it.
public struct Subscription: Sendable {
    let type: String
    let topic: Topic
    let apply: @Sendable ([CommittedEvent], inout PostgresTransaction) async throws -> Void

    /// A handler for many events at once: all of one type, at most one per subject, in stream order.
    public static func batch<E: Event>(
        _ event: E.Type, _ handle: @escaping @Sendable ([Envelope<E>], inout PostgresTransaction) async throws -> Void
    ) -> Subscription {
        Subscription(type: E.versionedType, topic: E.topic) { events, transaction in
            try await handle(try events.map(open), &transaction)
        }
    }

    /// A handler for one event at a time, with its trace as the current one.
    public static func each<E: Event>(
        _ event: E.Type, _ handle: @escaping @Sendable (Envelope<E>, inout PostgresTransaction) async throws -> Void
    ) -> Subscription {
        Subscription(type: E.versionedType, topic: E.topic) { events, transaction in
            for event in events {
                let envelope: Envelope<E> = try open(event)
                try await TraceContext.$current.withValue(envelope.trace) { try await handle(envelope, &transaction) }
            }
        }
    }

    /// A handler for every type of event on a topic of ours.
    public static func every(
        on topic: Topic, _ handle: @escaping @Sendable ([AnyEnvelope], inout PostgresTransaction) async throws -> Void
    ) -> [Subscription] {
        EventRegistry.all.filter { $0.topic == topic }.map { kind in
            Subscription(type: kind.versionedType, topic: topic) { events, transaction in
                try await handle(try events.map { try open($0, kind) }, &transaction)
            }
        }
    }

    static func open(_ event: CommittedEvent, _ kind: EventKind) throws -> AnyEnvelope {
        AnyEnvelope(
            id: EventID(event.id), subject: event.subject, version: event.version, time: event.time,
            trace: event.trace.flatMap { TraceContext(traceparent: $0) }, type: event.type,
            body: try kind.decode(event.payload), payload: event.payload)
    }

    private static func open<E: Event>(_ event: CommittedEvent) throws -> Envelope<E> {
        Envelope(
            id: EventID(event.id), subject: event.subject, version: event.version, time: event.time,
            trace: event.trace.flatMap { TraceContext(traceparent: $0) },
            body: try E.decode(event.payload))
    }
}
