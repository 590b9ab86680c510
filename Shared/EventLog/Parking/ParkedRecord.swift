public import Contracts
public import JSON
public import Postgres

/// A subject whose events wait for somebody to look.
public struct ParkedSubject: Sendable, Equatable {
    public let topic: String, subject: String
    public let part: Int32
    public let since: Timestamp
    /// What its first event failed with.
    public let reason: String
    public let firstSeq: Int64
    /// How many of its events wait, the first included.
    public let events: Int64
}

/// One of a parked subject's events.
public struct ParkedEvent: Sendable, Equatable {
    public let seq: Int64
    public let version: Int32
    public let type: String
    public let time: Timestamp, parkedAt: Timestamp
    /// Its own failure; nil when it only queues behind one.
    public let reason: String?
    /// As it came, JSON or not.
    public let payload: String
}

extension ParkedSubject: JSONObjectDecodable, JSONObjectEncodable {
    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            topic: try m.required("topic"), subject: try m.required("subject"), part: try m.required("part"),
            since: try m.required("since"), reason: try m.required("reason"), firstSeq: try m.required("firstSeq"),
            events: try m.required("events"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("topic", topic)
        o.member("subject", subject)
        o.member("part", part)
        o.member("since", since)
        o.member("reason", reason)
        o.member("firstSeq", firstSeq)
        o.member("events", events)
    }
}

extension ParkedEvent: JSONObjectDecodable, JSONObjectEncodable {
    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            seq: try m.required("seq"), version: try m.required("version"), type: try m.required("type"),
            time: try m.required("time"), parkedAt: try m.required("parkedAt"), reason: try m.optional("reason"),
            payload: try m.required("payload"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("seq", seq)
        o.member("version", version)
        o.member("type", type)
        o.member("time", time)
        o.member("parkedAt", parkedAt)
        o.member("reason", reason)
        o.member("payload", payload)
    }
}

/// `GET /internal/parked`.
package struct ParkedSubjectsPage: JSONObjectDecodable, JSONObjectEncodable {
    package let subjects: [ParkedSubject]
    package init(subjects: [ParkedSubject]) { self.subjects = subjects }
    package init(members: inout JSONMembers) throws(JSONError) { subjects = try members.required("subjects") }
    package func write(members o: inout JSONObjectWriter) { o.member("subjects", subjects) }
}

/// `GET /internal/parked/show`.
package struct ParkedEventsPage: JSONObjectDecodable, JSONObjectEncodable {
    package let events: [ParkedEvent]
    package init(events: [ParkedEvent]) { self.events = events }
    package init(members: inout JSONMembers) throws(JSONError) { events = try members.required("events") }
    package func write(members o: inout JSONObjectWriter) { o.member("events", events) }
}

extension ParkedSubject: PostgresRowDecodable {
    public init(row: borrowing PostgresRow) throws(PostgresError) {
        self.init(
            topic: try row["topic"], subject: try row["subject"], part: try row["part"], since: try row["since"],
            reason: try row["reason"], firstSeq: try row["first_seq"], events: try row["events"])
    }
}

extension ParkedEvent: PostgresRowDecodable {
    public init(row: borrowing PostgresRow) throws(PostgresError) {
        self.init(
            seq: try row["seq"], version: try row["version"], type: try row["type"], time: try row["time"],
            parkedAt: try row["parked_at"], reason: try row["reason"],
            payload: String(decoding: try row["payload"] as [UInt8], as: UTF8.self))
    }
}
