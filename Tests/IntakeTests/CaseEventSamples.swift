import Contracts
import Foundation
import JSON
import Postgres
import TestKit
import Testing

@testable import EventLog
@testable import Intake

/// The events of one case, made from the contracts' golden samples.
struct CaseEventSamples {
    let ticket: TicketID
    let number: String
    var states: [String: CaseState] = [
        "case.opened": .reported, "case.filed": .filed, "case.declined": .declined, "case.merged": .merged, "case.withdrawn": .withdrawn,
        "case.answered": .answered, "case.whistled": .whistled, "case.refused": .filed, "case.dispatched": .dispatched,
        "case.disputed": .disputed, "case.adjudicated": .dispatched, "case.completed": .answered,
        "case.suspended": .suspended, "case.closed": .closed,
        "case.reopened": .reported, "case.evaluated": .evaluated, "case.kept": .filed,
    ]
    var ending: Ending?
    /// Those of the sample, where none are given.
    var clocks: [ClockDue]?
    /// Who acts; as in the sample where nothing is said.
    var by: Actor?
    /// What else the case says of itself after an event of that type.
    var change: (inout CaseSnapshot, String) throws -> Void = { _, _ in }

    init(id: TicketID, number: String) {
        ticket = id
        self.number = number
    }

    init(_ filed: Filed) {
        ticket = filed.id
        number = filed.number
    }

    static func snapshot(_ ticket: TicketID, number: String, mergedInto: TicketID? = nil) throws -> CaseSnapshot {
        let golden = try JSONReader.decode(CaseClosed.self, from: try golden("case.closed"))
        var snapshot = golden.snapshot
        snapshot.ticket = ticket
        snapshot.number = try #require(TicketNumber(number))
        (snapshot.mergedInto, snapshot.joined, snapshot.awaited) = (mergedInto, [], [])
        snapshot.clocks = snapshot.clocks.filter { $0.kind == .accept }
        return snapshot
    }

    /// These types, versions counted up from `first`.
    func events(_ types: [String], from first: Int32 = 1) throws -> [AnyEnvelope] {
        try types.enumerated().map { place, type in
            let version = first + Int32(place)
            var snapshot = try Self.snapshot(ticket, number: number)
            snapshot.version = Int(version)
            snapshot.state = states[type] ?? .handling
            snapshot.ending = ending
            if let clocks { snapshot.clocks = clocks }
            let golden = try Self.golden(type)
            let kind = try #require(EventRegistry.kind(of: type + ".v1"))
            snapshot.by = try by ?? #require(kind.decode(golden) as? any CaseEvent).by
            try change(&snapshot, type)
            let sample = try JSONReader.decode(JSONValue.self, from: golden)
            guard case .object(var members) = sample, let place = members.firstIndex(where: { $0.name == "snapshot" }) else {
                throw CocoaError(.fileReadCorruptFile)
            }
            members[place] = .init("snapshot", try JSONReader.decode(JSONValue.self, from: snapshot.json))
            if let place = members.firstIndex(where: { $0.name == "accepted" }) { members[place] = .init("accepted", .bool(true)) }
            let bytes = JSONValue.object(members).json
            return AnyEnvelope(
                id: EventID(UUID()), subject: ticket.description, version: version,
                time: Timestamp(milliseconds: 1_795_400_000_000 + Int64(version) * 60_000), trace: nil, type: kind.versionedType,
                body: try kind.decode(bytes), payload: bytes)
        }
    }

    private static func golden(_ type: String) throws -> [UInt8] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return Array(try Data(contentsOf: root.appending(path: "ContractsTests/golden/\(type).v1.json")))
    }
}

extension World {
    /// Applies case events as a subscription does: batches of one type, one event per subject.
    func hear(_ events: [AnyEnvelope]) async throws {
        for event in events {
            try await pool.transaction { transaction in try await CaseProjection.apply([event.committed], &transaction) }
        }
    }

    /// The headings of the status page's timeline, in their order.
    func course(_ link: String) async throws -> [String] {
        let text = try await get(link).text
        return text.split(separator: "<h3>").dropFirst().map { String($0.prefix { $0 != "<" }) }
    }
}

extension AnyEnvelope {
    /// As it was committed.
    var committed: CommittedEvent {
        CommittedEvent(
            topic: Topics.cases.name, part: 0, subject: subject, version: version, id: id.uuid, type: type, time: time, payload: payload)
    }

    /// The same envelope around another event.
    func carrying(_ event: CaseMerged, state: CaseState) -> AnyEnvelope {
        var event = event
        event.snapshot.state = state
        event.snapshot.version = Int(version)
        return AnyEnvelope(
            id: id, subject: subject, version: version, time: time, trace: nil, type: type, body: event, payload: event.json)
    }
}
