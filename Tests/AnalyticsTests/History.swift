import Contracts
import EventLoop
import FoundationEssentials
import JSON
import TestKit
import Testing

@testable import EventLog

/// One ticket's life as it is told on the topics, event by event.
struct Life {
    static let community = "310106019001"
    static let start = Timestamp("2026-11-02T08:00:00.000+08:00") ?? .earliest
    static let hour: Int64 = 3_600_000

    let ticket: TicketID
    let submittedAt: Timestamp
    private let number: TicketNumber
    private(set) var snapshot: CaseSnapshot
    /// Per stream: what must keep its order.
    private(set) var streams: [String: [AnyEnvelope]] = [:]

    init(_ place: Int, community: String = Life.community, category: String = "E06010", at start: Timestamp = Life.start) throws {
        var bytes = [UInt8](repeating: 0, count: 16)
        (bytes[12], bytes[13], bytes[14], bytes[15]) = (1, UInt8(place >> 16 & 255), UInt8(place >> 8 & 255), UInt8(place & 255))
        ticket = try #require(TicketID(bytes: bytes))
        submittedAt = start
        number = try #require(TicketNumber(day: start.day, sequence: place % TicketNumber.maxSequence + 1))
        snapshot = CaseSnapshot(
            ticket: ticket, number: number, version: 0, state: .reported, owner: .none,
            by: .catalogue, area: try #require(AreaCode(community)), category: try #require(CategoryCode(category)), categoryName: "暴露垃圾",
            urgency: .normal, channel: .plate, submittedAt: start, openedAt: start, clocks: [])
    }

    /// So many hours after submission.
    func moment(_ hours: Double) -> Timestamp { submittedAt.adding(milliseconds: Int64(hours * Double(Self.hour))) }

    mutating func submit() {
        say(
            TicketSubmitted(
                ticket: ticket, number: number, channel: .plate, photos: [], hasContact: false, submittedAt: submittedAt), after: 0)
    }

    mutating func takeBack(after hours: Double) { say(TicketWithdrawn(ticket: ticket), after: hours) }

    mutating func open(after hours: Double = 0, answerWithin due: Double? = 15) {
        snapshot.clocks = due.map { [ClockDue(kind: .firstAnswer, dueAt: moment($0))] } ?? []
        step(after: hours) { CaseOpened(snapshot: $0, photos: [], placeName: "x") }
    }

    mutating func answer(after hours: Double, selfHandled: Bool = true) throws {
        snapshot.state = .answered
        snapshot.firstAnsweredAt = snapshot.firstAnsweredAt ?? moment(hours)
        snapshot.selfHandled = selfHandled
        snapshot.clocks = [ClockDue(kind: .verify, dueAt: moment(hours + 24))]
        step(after: hours) { CaseAnswered(snapshot: $0, text: "x", photos: [], ending: .solved) }
    }

    mutating func dispatch(to department: String, after hours: Double) throws {
        snapshot.state = .dispatched
        snapshot.lead = DepartmentCode(department)
        snapshot.clocks = [ClockDue(kind: .contact, dueAt: moment(hours + 2)), ClockDue(kind: .handle, dueAt: moment(hours + 48))]
        step(after: hours) { CaseDispatched(snapshot: $0, dispatches: [], basis: "x") }
    }

    mutating func remind(_ department: String, after hours: Double) throws {
        let unit = try #require(DepartmentCode(department))
        step(after: hours) { CaseReminded(snapshot: $0, department: unit, text: "x") }
    }

    mutating func runOut(after hours: Double) {
        let due = moment(hours)
        step(after: hours) { CaseOverdue(snapshot: $0, clock: .handle, dueAt: due) }
    }

    mutating func close(after hours: Double) {
        snapshot.state = .closed
        snapshot.ending = .solved
        snapshot.closedAt = moment(hours)
        snapshot.clocks = [ClockDue(kind: .evaluate, dueAt: moment(hours + 240))]
        step(after: hours) { CaseClosed(snapshot: $0, ending: .solved) }
    }

    mutating func reopen(after hours: Double) {
        snapshot.state = .filed
        snapshot.closedAt = nil
        snapshot.ending = nil
        snapshot.reopenCount += 1
        snapshot.clocks = [ClockDue(kind: .handle, dueAt: moment(hours + 48))]
        step(after: hours) { CaseReopened(snapshot: $0, reason: "not solved") }
    }

    mutating func merge(after hours: Double) {
        snapshot.state = .merged
        snapshot.mergedInto = ticket
        snapshot.clocks = []
        step(after: hours) { CaseMerged(snapshot: $0) }
    }

    mutating func decline(after hours: Double) throws {
        snapshot.state = .declined
        snapshot.clocks = []
        step(after: hours) { CaseDeclined(snapshot: $0, reason: "x") }
    }

    private var staff: Actor { snapshot.street.map { Actor(.street($0)) } ?? .resident }

    mutating func evaluate(_ solved: Solved, _ satisfied: Satisfied, after hours: Double, party: Party = .resident) {
        say(
            EvaluationGiven(
                evaluation: EvaluationID(UUID()), ticket: ticket, number: number, work: ticket,
                by: party == .resident ? .resident : staff, contacted: .yes, solved: solved,
                satisfied: satisfied, reasons: [], area: snapshot.area, department: snapshot.lead), after: hours)
    }

    mutating func tell(_ outcome: DeliveryOutcome, after hours: Double) {
        say(
            DeliverySettled(
                delivery: DeliveryID(UUID()), ticket: ticket, area: snapshot.area, event: EventID(UUID()), channel: .sms, outcome: outcome,
                attempts: 1),
            after: hours)
    }

    private mutating func step<E: CaseEvent>(after hours: Double, _ event: (CaseSnapshot) -> E) {
        snapshot.version += 1
        say(event(snapshot), after: hours)
    }

    private mutating func say<E: Event>(_ event: E, after hours: Double) {
        let stream = E.topic.name + "/" + event.subject
        let version = Int32(streams[stream, default: []].count + 1)
        streams[stream, default: []].append(
            AnyEnvelope(
                id: EventID(UUID()), subject: event.subject, version: version, time: moment(hours), trace: nil,
                type: "\(E.type).v\(E.version)", body: event, payload: event.json))
    }

    /// A life with turns chosen by chance.
    static func random(_ place: Int, _ random: inout Seeded) throws -> Life {
        var life = try Life(place, community: "31010601900\(Int.random(in: 1...5, using: &random))")
        life.submit()
        life.tell(.sent, after: 0.1)
        if Int.random(in: 0..<12, using: &random) == 0 { life.takeBack(after: 0.2) }
        life.open(after: 0.01)
        var hours = Double.random(in: 0.5...20, using: &random)
        switch Int.random(in: 0..<8, using: &random) {
        case 0:
            life.merge(after: hours)
            return life
        case 1:
            try life.decline(after: hours)
            return life
        case 2...4: try life.dispatch(to: "water", after: hours)
        default: break
        }
        for round in 0..<Int.random(in: 1...3, using: &random) {
            hours += Double.random(in: 0.5...30, using: &random)
            if Bool.random(using: &random) { life.runOut(after: hours) }
            try life.answer(after: hours + 1, selfHandled: life.snapshot.lead == nil)
            life.close(after: hours + 2)
            if Bool.random(using: &random) { life.evaluate(round == 0 ? .no : .yes, .fair, after: hours + 3) }
            life.evaluate(.yes, .very, after: hours + 3, party: .staff)
            life.tell([.sent, .failed, .unknown].randomElement(using: &random) ?? .sent, after: hours + 3)
            if round == 0, Bool.random(using: &random) { life.reopen(after: hours + 4) } else { break }
        }
        return life
    }
}

/// Streams interleaved into one sequence by chance, each in its own order, cut into batches by chance.
enum Interleaving {
    static func batches(_ lives: [Life], _ random: inout Seeded) -> [[AnyEnvelope]] {
        var streams = lives.flatMap { $0.streams.sorted { $0.key < $1.key }.map { $0.value[...] } }
        var batches: [[AnyEnvelope]] = [[]]
        while !streams.isEmpty {
            let place = Int.random(in: 0..<streams.count, using: &random)
            if let event = streams[place].popFirst() { batches[batches.count - 1].append(event) }
            if streams[place].isEmpty { streams.remove(at: place) }
            if Int.random(in: 0..<20, using: &random) == 0 { batches.append([]) }
        }
        return batches
    }
}
