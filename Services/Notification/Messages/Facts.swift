import Contracts

/// What codes are called, from directory.v1; a code without a name stands for itself.
struct Names: Sendable {
    enum Kind: String, Sendable {
        case area, department, plate
    }
    private var names: [Kind: [String: String]] = [:]

    mutating func learn(_ kind: Kind, _ code: String, _ name: String) { names[kind, default: [:]][code] = name }

    func area(_ code: AreaCode) -> String { names[.area]?[code.description] ?? code.description }
    /// A holder that works on a case itself is named where a department is: by its area.
    func department(_ code: DepartmentCode) -> String {
        names[.department]?[code.description] ?? names[.area]?[code.description] ?? code.description
    }
    func plate(_ code: PlateCode) -> String? { names[.plate]?[code.description] }

    /// The unit that acted; nil for who is no unit.
    func unit(_ actor: Actor) -> String? {
        AreaCode(actor.unitCode).map { area($0) } ?? DepartmentCode(actor.unitCode).map { department($0) }
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
        var codes = [snapshot.community.description] + [snapshot.plate?.description, snapshot.owner.code].compactMap { $0 }
        switch event {
        case let event as CaseDispatched: codes += event.dispatches.map(\.department.description)
        case let event as any UnitEvent: codes.append(event.department.description)
        case let event as CaseAdjudicated: codes += [event.to, event.department].compactMap { $0?.description }
        case let event as CaseWarned: codes += [event.department].compactMap { $0?.description }
        case let event as CaseOverdue: codes += [event.department].compactMap { $0?.description }
        case let event as any ActorEvent: codes.append(event.by.unitCode)
        default: break
        }
        return codes
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
        let community = names.area(snapshot.community)
        guard !template.isForResident, let plate = snapshot.plate.flatMap({ names.plate($0) }) else { return community }
        return community + " " + plate
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
        switch event {
        case let event as CaseOpened:
            [.text: event.text ?? "", .place: names.area(event.snapshot.community) + " " + event.placeName]
        case let event as CaseDeclined: [.reason: event.reason]
        case let event as CaseAnswered:
            [.text: event.text, .ending: event.ending.title(language)].merging(actor(event.by, names)) { first, _ in first }
        case let event as CaseWhistled:
            [.whistle: event.kind.title(language), .reason: event.reason].merging(actor(event.by, names)) { first, _ in first }
        case let event as CaseRefused: [.reason: event.reason].merging(actor(event.by, names)) { first, _ in first }
        case let event as CaseVerified: [.text: event.text ?? ""]
        case let event as CaseClosed: [.ending: event.ending.title(language)]
        case let event as CaseReopened: [.reason: event.reason]
        case let event as CaseKept: [.reason: event.reason ?? "", .cause: event.cause[language]]
        case let event as CaseSuspended: [.reason: event.reason, .until: lastDay(event.until, language)]
        case let event as CaseEvaluated:
            [
                .evaluation: [event.contacted.title(language), event.solved.title(language), event.satisfied.title(language)]
                    .joined(separator: language == .zhHans ? "、" : ", ")
            ]
        case let event as CaseWarned:
            [
                .clock: event.clock.titles(in: event.snapshot.state)[language], .percent: "\(event.percent)",
                .due: due(of: event).map { moment($0.dueAt, language) } ?? "",
            ].merging(unit(event.department, names)) { first, _ in first }
        case let event as CaseOverdue:
            [.clock: event.clock.titles(in: event.snapshot.state)[language], .due: moment(event.dueAt, language)]
                .merging(unit(event.department, names)) { first, _ in first }
        default: ofUnits(event, language, names)
        }
    }

    private static func actor(_ actor: Actor, _ names: Names) -> [Fact: String] { names.unit(actor).map { [.unit: $0] } ?? [:] }

    /// The unit whose clock it is; without one, who must act.
    private static func unit(_ department: DepartmentCode?, _ names: Names) -> [Fact: String] {
        department.map { [.unit: names.department($0)] } ?? [:]
    }

    private static func said(_ event: any UnitEvent, _ names: Names) -> [Fact: String] {
        [.unit: names.department(event.department), .text: event.words ?? ""]
    }

    /// Events in which called units speak or are spoken to.
    private static func ofUnits(_ event: any CaseEvent, _ language: Language, _ names: Names) -> [Fact: String] {
        switch event {
        case let event as CaseDispatched:
            [
                .units: event.dispatches.map { names.department($0.department) }.joined(separator: language == .zhHans ? "、" : ", "),
                .reason: event.basis,
            ]
        case let event as CaseAdjudicated: [.units: event.to.map { names.department($0) } ?? "", .reason: event.reason ?? ""]
        case let event as CaseDisputed: said(event, names).merging([.ground: event.ground.title(language)]) { first, _ in first }
        case let event as any UnitEvent: said(event, names)
        case let event as any ActorEvent: actor(event.by, names)
        default: [:]
        }
    }
}
