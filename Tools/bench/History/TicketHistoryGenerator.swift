import Contracts
import EventLog
import FoundationEssentials
import JSON

/// One ticket's life as its events tell it, from the report to the evaluation, with the turns that chance gives it. Invented, but of
/// the size and mixture that a street's year has: about eleven events a ticket, most of them with the whole case in them.
struct TicketHistoryGenerator {
    /// With their moments; ascending within a topic.
    private(set) var events: [CommittedEvent] = []
    private var random: Randomness
    private var snapshot: CaseSnapshot
    private var now: Timestamp
    private var versions: [String: Int32] = [:]
    /// Who of the community works on it.
    private let clerk: Actor

    private static let categories = [("E06010", "暴露垃圾"), ("P01024", "路灯故障"), ("P02011", "道路破损"), ("E03005", "占道经营"), ("E01007", "楼道堆物")]
    private static let departments = ["greening", "water", "police", "housing", "traffic", "market"].compactMap { DepartmentCode($0) }

    /// Nil only when a code of ours is none.
    init?(_ place: Int, at start: Timestamp, _ random: Randomness) {
        var random = random
        let category = Self.categories[Int(random.next() % 5)]
        guard let community = AreaCode("31010601900\(random.next() % 5 + 1)"), let code = CategoryCode(category.0),
            let number = TicketNumber(day: start.day, sequence: place % TicketNumber.maxSequence + 1)
        else { return nil }
        now = start
        clerk = Actor(.community(community), person: PersonID(Self.id(at: start, &random)))
        snapshot = CaseSnapshot(
            ticket: TicketID(Self.id(at: start, &random)), number: number, version: 0, state: .reported,
            owner: .community(community), by: .resident, area: community, category: code, categoryName: category.1,
            urgency: random.unit() < 0.1 ? .urgent : .normal, channel: random.unit() < 0.7 ? .plate : .web, submittedAt: start,
            openedAt: start, clocks: [])
        self.random = random
        tell()
    }

    private mutating func tell() {
        say(
            TicketSubmitted(
                ticket: snapshot.ticket, number: snapshot.number, channel: snapshot.channel, category: snapshot.category,
                text: text(), photos: photos(), hasContact: true, submittedAt: now))
        pass(0.001)
        snapshot.clocks = [due(.firstAnswer, 15)]
        say(CaseOpened(snapshot: next(by: .catalogue), text: text(), photos: photos(), placeName: "彩虹路 12 弄东门"))
        deliver()
        pass(0.3 + random.unit() * 3)
        guard random.unit() > 0.06 else { return decline() }
        snapshot.state = .filed
        say(CaseFiled(snapshot: next(by: clerk)))
        handle()
        while random.unit() < 0.08, snapshot.reopenCount < 2 {
            pass(30)
            snapshot.reopenCount += 1
            (snapshot.state, snapshot.closedAt, snapshot.ending) = (.filed, nil, nil)
            say(CaseReopened(snapshot: next(by: .resident), reason: "居民认为没有解决"))
            handle()
        }
    }

    private mutating func decline() {
        (snapshot.state, snapshot.clocks) = (.declined, [])
        say(CaseDeclined(snapshot: next(by: clerk), reason: "不属于街道受理范围,已告知居民向有关部门反映"))
        deliver()
    }

    private mutating func handle() {
        if random.unit() < 0.35 { answer() } else { dispatch() }
        pass(20)
        (snapshot.state, snapshot.ending, snapshot.closedAt) = (.closed, .solved, now)
        snapshot.clocks = [due(.evaluate, 240)]
        say(CaseClosed(snapshot: next(by: clerk), ending: .solved))
        deliver()
        guard random.unit() < 0.6 else { return }
        pass(random.unit() * 60)
        evaluate()
    }

    private mutating func answer() {
        pass(1 + random.unit() * 10)
        (snapshot.state, snapshot.selfHandled) = (.answered, true)
        snapshot.firstAnsweredAt = snapshot.firstAnsweredAt ?? now
        snapshot.clocks = [due(.verify, 24)]
        say(CaseAnswered(snapshot: next(by: clerk), text: text(), photos: photos(), ending: .solved))
    }

    private mutating func dispatch() {
        let department = Self.departments[Int(random.next() % UInt64(Self.departments.count))]
        let unit = Actor(.department(department))
        pass(0.5)
        (snapshot.state, snapshot.lead, snapshot.owner) = (.dispatched, department, .department(department))
        snapshot.clocks = [due(.sign, 2), due(.contact, 4), due(.handle, 72)]
        let called = CalledUnit(dispatch: DispatchID(Self.id(at: now, &random)), department: department, role: .lead)
        say(CaseDispatched(snapshot: next(by: clerk), dispatches: [called], basis: "派单目录 2026-1,第 12 行"))
        pass(1)
        snapshot.state = .handling
        say(CaseSigned(snapshot: next(by: unit), department: department))
        pass(2)
        snapshot.firstAnsweredAt = snapshot.firstAnsweredAt ?? now
        say(CaseArrived(snapshot: next(by: unit), department: department))
        while random.unit() < 0.4 {
            pass(12)
            say(CaseProgressed(snapshot: next(by: unit), text: text()))
        }
        if random.unit() < 0.15 { say(CaseWarned(snapshot: next(by: .clock), clock: .handle, percent: 80)) }
        if random.unit() < 0.05 {
            let end = now
            say(CaseOverdue(snapshot: next(by: .clock), clock: .handle, dueAt: end))
        }
        pass(10 + random.unit() * 40)
        snapshot.state = .answered
        say(CaseCompleted(snapshot: next(by: unit), department: department, text: text(), photos: photos()))
        pass(3)
        say(CaseVerified(snapshot: next(by: clerk), accepted: true))
    }

    private mutating func evaluate() {
        let solved: Solved = random.unit() < 0.8 ? .yes : .no
        let satisfied: Satisfied = random.unit() < 0.7 ? .very : .fair
        say(
            EvaluationGiven(
                evaluation: EvaluationID(Self.id(at: now, &random)), ticket: snapshot.ticket, number: snapshot.number,
                work: snapshot.ticket,
                by: .resident, contacted: .yes, solved: solved, satisfied: satisfied, reasons: [], area: snapshot.area,
                department: snapshot.lead))
        (snapshot.state, snapshot.clocks) = (.evaluated, [])
        say(CaseEvaluated(snapshot: next(by: .resident), contacted: .yes, solved: solved, satisfied: satisfied))
    }

    // MARK: Saying it

    private mutating func deliver() {
        let outcome: DeliveryOutcome = random.unit() < 0.97 ? .sent : .failed
        say(
            DeliverySettled(
                delivery: DeliveryID(Self.id(at: now, &random)), ticket: snapshot.ticket, area: snapshot.area,
                event: EventID(Self.id(at: now, &random)),
                channel: .sms, outcome: outcome, attempts: 1))
    }

    /// The case after its next event.
    private mutating func next(by actor: Actor) -> CaseSnapshot {
        snapshot.version += 1
        snapshot.by = actor
        return snapshot
    }

    private mutating func say<E: Event>(_ event: E) {
        let subject = event.subject
        let version = (versions[E.topic.name] ?? 0) + 1
        // A delivery is a subject of its own, said once.
        if E.topic != Topics.deliveries { versions[E.topic.name] = version }
        events.append(
            CommittedEvent(
                topic: E.topic.name, part: E.topic.partition(forKey: subject), subject: subject,
                version: E.topic == Topics.deliveries ? 1 : version, id: Self.id(at: now, &random), type: "\(E.type).v\(E.version)",
                time: now, trace: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", payload: event.json))
    }

    private mutating func pass(_ hours: Double) { now = now.adding(milliseconds: Int64(hours * 3_600_000)) }
    private func due(_ kind: ClockKind, _ hours: Int64) -> ClockDue {
        ClockDue(kind: kind, dueAt: now.adding(milliseconds: hours * 3_600_000))
    }

    private mutating func photos() -> [PhotoID] { (0..<random.next() % 3).map { _ in PhotoID(Self.id(at: now, &random)) } }

    private mutating func text() -> PublicText {
        PublicText(scrubbing: Reports.sentences[Int(random.next() % UInt64(Reports.sentences.count))])
    }

    /// Version 7, as services make them: in the order of time.
    private static func id(at time: Timestamp, _ random: inout Randomness) -> UUID {
        var bytes: [UInt8] = []
        let high = UInt64(bitPattern: time.milliseconds) << 16 | 0x7000 | random.next() & 0xFFF
        let low = random.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        for word in [high, low] { withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) } }
        return TicketID(bytes: bytes)?.uuid ?? UUID()
    }
}
