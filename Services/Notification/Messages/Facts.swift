import Contracts

/// What codes are called, from directory.v1; a code without a name stands for itself.
struct Names: Sendable {
    enum Kind: String, Sendable {
        case area, department, plate
    }
    private var names: [Kind: [String: String]] = [:]

    mutating func learn(_ kind: Kind, _ code: String, _ name: String) { names[kind, default: [:]][code] = name }

    func area(_ code: AreaCode) -> String { names[.area]?[code.description] ?? code.description }
    func department(_ code: DepartmentCode) -> String { names[.department]?[code.description] ?? code.description }
    func plate(_ code: PlateCode) -> String? { names[.plate]?[code.description] }

    /// The unit that acted; nil for who is no unit.
    func unit(_ actor: Actor) -> String? {
        switch actor.role {
        case .community(let code), .street(let code), .district(let code): area(code)
        case .department(let code): department(code)
        case .resident, .catalogue, .clock: nil
        }
    }

    func owner(_ owner: CaseOwner) -> String? {
        switch owner {
        case .community(let area), .street(let area), .district(let area): self.area(area)
        case .department(let department): self.department(department)
        case .none: nil
        }
    }
}

/// Addresses that a message may name.
struct Addresses: Sendable {
    let status: String
    let evaluate: String
    /// nil where the reader has no page of ours.
    let desk: String?
}

/// What a message about an event can say, as plain text of one language; nothing is escaped yet.
struct Facts: Sendable {
    private let values: [Fact: String]

    /// What there is to say; where nothing is known, a dash. An address that there is not is nothing.
    subscript(_ fact: Fact) -> String { knows(fact) ? values[fact] ?? "" : fact.isLink ? "" : "—" }

    func knows(_ fact: Fact) -> Bool { values[fact]?.isEmpty == false }

    init(
        _ event: any CaseEvent, template: TemplateKey, language: Language, names: Names, street: String, addresses: Addresses,
        ticket: TicketID? = nil
    ) {
        let snapshot = event.snapshot
        var values = Self.ofEvent(event, language, names)
        // A ticket that was merged into this case is known to its reporter by its own number.
        let joined = snapshot.joined.first { $0.ticket == ticket }
        values[.number] = (joined?.number ?? snapshot.number).description
        // What one reporter wrote is not for another.
        if joined != nil, event is CaseReopened { values[.reason] = Self.matterGoesOn[language] }
        values[.category] = snapshot.categoryName
        values[.urgency] = snapshot.urgency.title(language)
        values[.street] = street
        if values[.place] == nil { values[.place] = Self.place(snapshot, template, names) }
        if values[.due] == nil { values[.due] = Self.due(snapshot, template).map { Self.moment($0, language) } }
        if values[.unit] == nil { values[.unit] = names.owner(snapshot.owner) ?? Self.nobody[language] }
        if template.isForResident {
            values[.status] = addresses.status
            values[.evaluate] = addresses.evaluate
        } else {
            values[.desk] = addresses.desk ?? ""
        }
        self.values = values
    }

    /// The codes whose names a message about this event may need.
    static func codes(in event: any CaseEvent) -> [String] {
        let snapshot = event.snapshot
        let codes = [snapshot.area.description] + [snapshot.plate?.description, snapshot.owner.code, snapshot.by.code].compactMap { $0 }
        return codes + event.departments.map(\.description)
    }

    /// `11月21日18:30` in China's time.
    static func moment(_ time: Timestamp, _ language: Language) -> String {
        let minutes = time.millisecondOfDay / 60_000
        let clock = "\(two(minutes / 60)):\(two(minutes % 60))"
        return switch language {
        case .zhHans: "\(time.day.month)月\(time.day.day)日\(clock)"
        case .english: "\(time.day) \(clock)"
        }
    }

    /// The day that was chosen for the end of a pause: it ends with that day.
    static func lastDay(_ end: Timestamp, _ language: Language) -> String {
        let day = end.adding(milliseconds: -1).day
        return language == .zhHans ? "\(day.month)月\(day.day)日" : "\(day)"
    }

    private static func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private static let nobody = Titles("未定", "nobody yet")
    private static let matterGoesOn = Titles("同一问题需要继续办理", "the same matter needs more work")

    /// Records of older writers do not say whose clock each is.
    private static func due(of event: CaseWarned) -> ClockDue? {
        let clocks = event.snapshot.clocks.filter { $0.kind == event.clock }
        return clocks.first { $0.department == event.department } ?? clocks.first
    }

    /// Residents know places by their names; desks need the community too.
    private static func place(_ snapshot: CaseSnapshot, _ template: TemplateKey, _ names: Names) -> String {
        let area = names.area(snapshot.area)
        guard !template.isForResident, let plate = snapshot.plate.flatMap({ names.plate($0) }) else { return area }
        return area + " " + plate
    }

    /// The moment by which the reader of this text must act.
    private static func due(_ snapshot: CaseSnapshot, _ template: TemplateKey) -> Timestamp? {
        let clock: ClockKind? =
            switch template {
            case .deskNew: .accept
            case .deskToDispatch, .deskWhistled: .dispatch
            case .deskLead, .deskCo: .sign
            default: nil
            }
        return clock.flatMap { clock in snapshot.clocks.first { $0.kind == clock }?.dueAt }
    }

    private static func ofEvent(_ event: any CaseEvent, _ language: Language, _ names: Names) -> [Fact: String] {
        let by = names.unit(event.by)
        switch event.variant {
        case .opened(let event): return [.text: event.text ?? "", .place: names.area(event.snapshot.area) + " " + event.placeName]
        case .declined(let event): return [.reason: event.reason]
        case .filed, .resumed: return [.unit: by].known
        case .answered(let event): return [.text: event.text, .ending: event.ending.title(language), .unit: by].known
        case .whistled(let event): return [.whistle: event.kind.title(language), .reason: event.reason, .unit: by].known
        case .verified(let event): return [.text: event.text ?? ""]
        case .closed(let event): return [.ending: event.ending.title(language)]
        case .reopened(let event): return [.reason: event.reason]
        case .kept(let event): return [.reason: event.reason ?? "", .cause: event.cause[language]]
        case .suspended(let event): return [.reason: event.reason, .until: lastDay(event.until, language)]
        case .evaluated(let event):
            let answers = [event.contacted.title(language), event.solved.title(language), event.satisfied.title(language)]
            return [.evaluation: answers.joined(separator: comma[language])]
        case .overdue(let event):
            let clock = event.clock.titles(in: event.snapshot.state)[language]
            return [.clock: clock, .due: moment(event.dueAt, language), .unit: event.department.map(names.department)].known
        case .dispatched(let event):
            let units = event.dispatches.map { names.department($0.department) }.joined(separator: comma[language])
            return [.units: units, .reason: event.basis]
        case .signed(let event): return [.unit: names.department(event.department)]
        case .arrived(let event): return [.unit: names.department(event.department)]
        case .disputed(let event):
            return [.unit: names.department(event.department), .text: event.text ?? "", .ground: event.ground.title(language)]
        case .progressed(let event): return [.unit: by, .text: event.text].known
        case .completed(let event): return [.unit: names.department(event.department), .text: event.text]
        case .staff(let event): return ofStaff(event, language, names)
        case .merged, .joined, .withdrawn: return [:]
        }
    }

    private static let comma = Titles("、", ", ")

    private static func ofStaff(_ event: any StaffEvent, _ language: Language, _ names: Names) -> [Fact: String] {
        let unit = event.about.map(names.department)
        switch event.staffVariant {
        case .warned(let event):
            let clock = event.clock.titles(in: event.snapshot.state)[language]
            let due = due(of: event).map { moment($0.dueAt, language) }
            return [.clock: clock, .percent: "\(event.percent)", .due: due, .unit: unit].known
        case .adjudicated(let event): return [.units: event.to.map(names.department) ?? "", .reason: event.reason ?? ""]
        case .refused(let event): return [.reason: event.reason, .unit: names.unit(event.by)].known
        // Of all others, the unit and what it is told.
        default: return [.unit: unit, .text: event.words].known
        }
    }
}

extension [Fact: String?] {
    /// Those that there is something to say of.
    fileprivate var known: [Fact: String] { compactMapValues { $0 } }
}
