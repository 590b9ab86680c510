public import JSON

/// One type of event, for tools that do not know it at compile time.
public struct EventKind: Sendable, CustomStringConvertible {
    public let type: String
    public let version: Int
    public let topic: Topic
    private let read: @Sendable ([UInt8], UnknownMembers) throws(JSONError) -> any Event

    public init<E: Event>(_ event: E.Type) {
        type = E.type
        version = E.version
        topic = E.topic
        read = { bytes, unknown throws(JSONError) in try JSONReader.decode(E.self, from: bytes, unknown: unknown) }
    }

    /// `ticket.submitted.v1`.
    public var versionedType: String { "\(type).v\(version)" }
    /// `org.shao.ticket.submitted.v1`.
    public var fullType: String { CloudEvent.typePrefix + versionedType }

    public var description: String { versionedType }

    /// Reads the event's data; members of newer writers are ignored unless told otherwise.
    public func decode(_ bytes: [UInt8], unknown: UnknownMembers = .ignore) throws(JSONError) -> any Event {
        try read(bytes, unknown)
    }
}

/// Every event there is.
public enum EventRegistry {
    public static let all: [EventKind] =
        Topics.ticketEvents + Topics.caseEvents + Topics.directoryEvents + Topics.dispatchEvents + Topics.feedbackEvents
        + Topics.deliveryEvents + Topics.evaluationEvents

    private static let byType = Dictionary(all.map { ($0.versionedType, $0) }, uniquingKeysWith: { first, _ in first })

    /// Finds `ticket.submitted.v1` and `org.shao.ticket.submitted.v1`; `nil` for a type nobody knows.
    public static func kind(of type: String) -> EventKind? {
        byType[type.hasPrefix(CloudEvent.typePrefix) ? String(type.dropFirst(CloudEvent.typePrefix.count)) : type]
    }
}
