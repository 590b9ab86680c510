import Contracts
import JSON

@testable import EventLog
@testable import Notification

/// Events of one invented case.
enum Samples {
    static let ticket = id(TicketID.self, "0198c0de-0000-7000-8000-000000000001")
    static let community = area("310106019001")
    static let street = area("310106019000")
    static let district = area("310106000000")
    static let light = unit("light"), water = unit("water")
    static let number = TicketNumber(day: ChineseDay(daysSince1970: 20_778), sequence: 123)
    static let noon = Timestamp("2026-11-23T12:00:00.000+08:00") ?? .earliest
    static let staff = Actor(.street(street))
    static let communityStaff = Actor(.community(community)), streetStaff = Actor(.street(street))

    static func id<T: LosslessStringConvertible>(_ type: T.Type, _ text: String) -> T {
        guard let value = T(text) else { preconditionFailure("\(text) is no \(type)") }
        return value
    }
    static func area(_ code: String) -> AreaCode { id(AreaCode.self, code) }
    static func unit(_ code: String) -> DepartmentCode { id(DepartmentCode.self, code) }

    static func snapshot(
        _ state: CaseState = .handling, owner: CaseOwner = .community(community), called: Bool = false, urgency: Urgency = .normal,
        ticket: TicketID = ticket
    ) -> CaseSnapshot {
        CaseSnapshot(
            ticket: ticket, number: number ?? id(TicketNumber.self, ""), version: 3, state: state, owner: owner,
            by: streetStaff, area: community,
            category: id(CategoryCode.self, "P01006"), categoryName: "路灯不亮", urgency: urgency, channel: .plate,
            lead: called ? light : nil, coHandlers: called ? [water] : [], awaited: called ? [light, water] : [], selfHandled: !called,
            submittedAt: noon, openedAt: noon,
            reopenCount: 0,
            clocks: [ClockDue(kind: .accept, dueAt: noon), ClockDue(kind: .sign, dueAt: noon), ClockDue(kind: .handle, dueAt: noon)])
    }

    static let plain = snapshot()
    static let called = snapshot(owner: .department(light), called: true)

    static func opened(_ snapshot: CaseSnapshot = snapshot(.reported), sentOut: Bool? = nil) -> CaseOpened {
        CaseOpened(snapshot: snapshot, text: "灯不亮", photos: [], placeName: "彩虹路12号路灯", sentOut: sentOut)
    }
    /// What only departments may handle: nobody accepts it.
    static var forDepartments: CaseSnapshot {
        var one = snapshot(.reported, owner: .street(street))
        one.clocks = [ClockDue(kind: .dispatch, dueAt: noon)]
        return one
    }
    static func closed(_ snapshot: CaseSnapshot = snapshot(.closed, owner: .none, called: true)) -> CaseClosed {
        CaseClosed(snapshot: snapshot, ending: .solved)
    }
    static func progressed(_ text: String) -> CaseProgressed {
        CaseProgressed(snapshot: called.taken(by: Actor(.department(light))), text: PublicText(scrubbing: text))
    }

    static let dispatches = [
        CalledUnit(dispatch: id(DispatchID.self, "0198c0de-0000-7000-8000-000000000011"), department: light, role: .lead),
        CalledUnit(dispatch: id(DispatchID.self, "0198c0de-0000-7000-8000-000000000012"), department: water, role: .coHandler),
    ]

    /// One of each type, and some twice where the decision differs.
    static let events: [any CaseEvent] = [
        opened(), opened(forDepartments), opened(forDepartments, sentOut: true),
        CaseFiled(snapshot: plain.taken(by: staff)), CaseDeclined(snapshot: plain.taken(by: staff), reason: "不在辖区"),
        CaseMerged(snapshot: plain), CaseWithdrawn(snapshot: called),
        CaseWhistled(
            snapshot: plain.taken(by: staff), whistle: id(WhistleID.self, "0198c0de-0000-7000-8000-000000000021"), kind: .daily,
            reason: "需市政"),
        CaseRefused(snapshot: plain.taken(by: staff), reason: "社区可处理"),
        CaseDispatched(snapshot: called.taken(by: staff), dispatches: dispatches, basis: "派单目录"),
        CaseSigned(snapshot: called, department: light), CaseArrived(snapshot: called, department: light),
        CaseDisputed(
            snapshot: snapshot(.disputed, owner: .street(street), called: true), department: light, ground: .notOurDuty, text: "非职责"),
        CaseAdjudicated(snapshot: called.taken(by: staff), verdict: .uphold, department: water),
        CaseAdjudicated(snapshot: called.taken(by: staff), verdict: .reassign, to: water, department: light), progressed("已备料"),
        CaseCompleted(snapshot: called, department: light, text: "已修好", photos: []),
        // The last of the called units, then what the street did for a community that whistled, and what one did by itself.
        CaseCompleted(snapshot: snapshot(.answered, called: true), department: water, text: "已修好", photos: []),
        CaseAnswered(snapshot: snapshot(.answered).taken(by: streetStaff), text: "已修好，谢谢", photos: [], ending: .solved),
        CaseAnswered(snapshot: snapshot(.answered).taken(by: communityStaff), text: "已修好，谢谢", photos: [], ending: .solved),
        CaseVerified(snapshot: called.taken(by: staff), accepted: true),
        CaseVerified(snapshot: called.taken(by: staff), accepted: false, text: "仍不亮"),
        CaseSuspended(snapshot: called.taken(by: staff), until: noon, reason: "等备件"), CaseResumed(snapshot: called.taken(by: staff)),
        CaseAnswered(snapshot: plain.taken(by: staff), text: "已修好，谢谢", photos: [], ending: .solved), closed(),
        CaseReopened(snapshot: plain, reason: "未解决"),
        CaseEvaluated(snapshot: called, contacted: .yes, solved: .yes, satisfied: .very),
        CaseWarned(snapshot: plain, clock: .handle, percent: 80), CaseKept(snapshot: called, reason: "邻居修好了"),
        CaseOverdue(snapshot: called, clock: .sign, dueAt: noon),
        CaseReminded(snapshot: called.taken(by: streetStaff), department: water, text: "请今天回话"),
        CaseEscalated(snapshot: called.taken(by: streetStaff), reason: "两家单位协调不下"),
        // A co-handler's clocks are its own, not the lead's; a dispute's is who must decide it.
        CaseOverdue(snapshot: called, clock: .sign, dueAt: noon, department: water),
        CaseWarned(snapshot: called, clock: .handle, percent: 80, department: water),
        CaseOverdue(
            snapshot: snapshot(.disputed, owner: .street(street), called: true), clock: .adjudicate, dueAt: noon, department: water),
        CaseJoined(snapshot: called, ticket: ticket, number: number ?? called.number, isJoined: true),
    ]

    static func envelope<E: CaseEvent>(_ event: E, id: EventID, time: Timestamp) -> AnyEnvelope {
        AnyEnvelope(
            id: id, subject: event.subject, version: Int32(event.snapshot.version), time: time, trace: nil, type: "\(E.type).v\(E.version)",
            body: event, payload: event.json)
    }
}
