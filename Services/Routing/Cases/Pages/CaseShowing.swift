import Contracts
import Pages

/// Turns a case into what the desks show of it. Pure.
struct CaseShowing: Sendable {
    let city: City
    /// The address of a photo.
    let photo: @Sendable (PhotoID, CaseID) -> String

    func entry(_ file: CaseFile) -> Desk.Entry {
        let one = file.one
        let clock = one.nextDue
        return Desk.Entry(
            id: one.id, number: one.number.description, categoryName: city.name(of: one.category),
            placeName: one.place.name, communityName: communityName(one), state: one.state.titles.zhHans,
            tone: tone(one), isUrgent: one.urgency != .normal, excerpt: file.report.text.map { String($0.prefix(60)) },
            start: (clock?.startedAt ?? one.submittedAt).milliseconds, due: clock?.dueAt.milliseconds)
    }

    /// - Parameter mergedInto: the case that this one was merged into.
    func sheet(
        _ file: CaseFile, words: [CaseWord], mergedInto: Case? = nil, actions: [CaseOrder.Action], csrf: String
    ) -> CaseSheet {
        let one = file.one
        return CaseSheet(
            id: one.id, version: one.version, csrf: csrf, number: one.number.description,
            categoryName: city.name(of: one.category), placeName: one.place.name, communityName: communityName(one),
            gridName: one.place.grid.flatMap { city.directory.grids[$0]?.name }, plateCode: one.place.plate?.description,
            channelName: one.channel.titles.zhHans, state: one.state.titles.zhHans, tone: tone(one),
            isUrgent: one.urgency != .normal, submittedAt: one.submittedAt.milliseconds, text: file.report.text,
            photos: file.report.photos.map { photo($0, one.id) }, reason: file.report.reason,
            clocks: one.clocks.filter { !$0.isHeld }.sorted { $0.dueAt < $1.dueAt }.map { clock($0, one.state) },
            units: one.activeDispatches.map(unit), steps: steps(one, words),
            suggestion: actions.contains(.dispatch) ? suggestion(one) : nil, joined: one.joined.map(\.number.description),
            mergedInto: mergedInto.map { (id: $0.id, number: $0.number.description) },
            isOver: [.closed, .evaluated, .merged, .declined, .withdrawn].contains(one.state),
            actions: actions.compactMap { form($0, one) })
    }

    // MARK: Parts

    private func communityName(_ one: Case) -> String {
        one.place.community.map { city.directory.name(of: $0) } ?? "社区待核实"
    }

    private func tone(_ one: Case) -> Pages.Part.Tone {
        if one.clocks.contains(where: \.isOverdue) { return .late }
        switch one.state {
        case .closed, .evaluated: return .good
        case .merged, .declined, .withdrawn, .suspended: return .muted
        case .reported, .filed: return .calm
        default: return .active
        }
    }

    private func clock(_ clock: CaseClock, _ state: CaseState) -> CaseSheet.Clock {
        let titles = clock.kind.titles(in: state)
        let unit = clock.department.map { " · " + city.name(of: .department($0)) } ?? ""
        return CaseSheet.Clock(
            name: Text(titles.zhHans + unit, titles.english + unit), start: clock.startedAt.milliseconds,
            due: clock.dueAt.milliseconds)
    }

    private func unit(_ dispatch: Dispatch) -> CaseSheet.Unit {
        let stage =
            switch dispatch.stage {
            case .called: "待签收"
            case .signed: dispatch.arrivedAt == nil ? "已签收" : "已报到"
            case .disputed: "异议中"
            case .completed: "已办结"
            case .recalled: "已撤回"
            }
        return CaseSheet.Unit(
            name: city.name(of: .department(dispatch.department)),
            role: Text(dispatch.role.titles.zhHans, dispatch.role.titles.english), state: stage)
    }

    private func suggestion(_ one: Case) -> CaseSheet.Suggestion? {
        one.routing.lead.map {
            CaseSheet.Suggestion(
                department: $0.description, departmentName: city.name(of: .department($0)),
                coHandlers: one.routing.coHandlers.map(choice), reason: one.routing.reason)
        }
    }

    private func form(_ action: CaseOrder.Action, _ one: Case) -> CaseAction? {
        switch action {
        case .accept: .file
        case .decline: .decline
        case .answer: .answer
        case .whistle: .whistle
        case .merge: .merge
        case .verify: .verify(proposed: proposedEnding(one))
        case .dispatch: .dispatch(departments: departments)
        case .refuse: .refuse
        case .adjudicate: .adjudicate(disputes: one.openDisputes.map(dispute), departments: departments)
        case .suspend: .suspend
        case .resume: .resume
        case .close, .reopen: nil
        }
    }

    /// What the units' words say; where they say nothing, work that is done has solved it.
    private func proposedEnding(_ one: Case) -> Ending { one.proposedEnding ?? .solved }

    private func choice(_ code: DepartmentCode) -> CaseAction.Choice {
        .init(code.description, Text(verbatim: city.name(of: .department(code))))
    }

    private func dispute(_ dispute: Dispute) -> CaseAction.Choice {
        let (unit, ground) = (city.name(of: .department(dispute.department)), dispute.ground.titles)
        return .init(dispute.dispatch.description, Text("\(unit)：\(ground.zhHans)", "\(unit): \(ground.english)"))
    }

    private var departments: [CaseAction.Choice] {
        city.directory.departments.values.sorted { $0.code < $1.code }.map { .init($0.code.description, Text(verbatim: $0.name)) }
    }

    // MARK: What happened

    /// The report, then every event: each has its row.
    private func steps(_ one: Case, _ words: [CaseWord]) -> [Timeline.Step] {
        let report = Timeline.Step("上报", unit: one.channel.titles.zhHans, at: one.submittedAt.milliseconds)
        let told = words.map { word in
            Timeline.Step(
                title(word.kind), unit: speaker(word.by), at: word.at.milliseconds, text: word.words,
                photos: word.photos.map { photo($0, one.id) }, mark: mark(word.kind))
        }
        let steps = [report] + unrecorded(one, words) + told
        return steps.enumerated().sorted { ($0.element.at ?? 0, $0.offset) < ($1.element.at ?? 0, $1.offset) }.map(\.element)
    }

    /// What happened to a case before each of its events had a row, as far as the case itself still knows.
    private func unrecorded(_ one: Case, _ words: [CaseWord]) -> [Timeline.Step] {
        let kinds = Set(words.map(\.kind))
        var steps: [Timeline.Step] = []
        if !kinds.contains(.dispatched) {
            for dispatch in one.dispatches {
                let name = city.name(of: .department(dispatch.department))
                let known = Set(words.filter { $0.by == dispatch.department.description }.map(\.kind))
                func add(_ title: String, _ at: Timestamp?, _ kinds: Set<CaseWord.Kind>) {
                    if let at, known.isDisjoint(with: kinds) { steps.append(.init(title, unit: name, at: at.milliseconds)) }
                }
                add("派单（\(dispatch.role.titles.zhHans)）", dispatch.calledAt, [])
                add("签收", dispatch.isSignedByRule ? nil : dispatch.signedAt, [.signed, .arrived])
                add("报到", dispatch.arrivedAt, [.arrived])
            }
        }
        if let closedAt = one.closedAt, !kinds.contains(.closed) {
            steps.append(.init("办结", at: closedAt.milliseconds, text: one.ending?.titles.zhHans, mark: .ended))
        }
        return steps
    }

    private func title(_ kind: CaseWord.Kind) -> String {
        switch kind {
        case .declined: "不予受理"
        case .answered: "答复居民"
        case .whistled: "吹哨"
        case .refused: "退回吹哨"
        case .disputed: "派单异议"
        case .adjudicated: "裁定"
        case .progressed: "办理进展"
        case .completed: "部门办结"
        case .verified: "核查通过"
        case .rejected: "核查未通过"
        case .suspended: "挂账"
        case .reopened: "重开"
        case .withdrawn: "居民撤回"
        case .kept: "居民要求撤回，没有撤回"
        case .joined: "并入同一问题的工单"
        case .left: "并入的工单另行办理"
        case .lapsed: "超过受理时限，街道介入"
        case .filed: "受理"
        case .merged: "并单"
        case .dispatched: "派单"
        case .signed: "签收"
        case .deemedSigned: "逾期未签收，视为签收"
        case .arrived: "报到"
        case .resumed: "恢复办理"
        case .closed: "办结"
        case .evaluated: "一事一评"
        case .warned: "时限提醒"
        case .overdue: "超时"
        }
    }

    private func mark(_ kind: CaseWord.Kind) -> Timeline.Mark {
        switch kind {
        case .declined, .refused, .disputed, .rejected, .reopened, .kept, .lapsed, .deemedSigned, .overdue: .trouble
        case .closed, .evaluated: .ended
        default: .done
        }
    }

    /// `community:310106019001` and `ludeng` in words.
    private func speaker(_ code: String) -> String? {
        if code.isEmpty { return nil }
        let actors = [city.actors.resident: "居民", city.actors.catalogue: "派单目录", city.actors.clock: "到时限自动"]
        if let name = actors.first(where: { $0.key.code.description == code })?.value { return name }
        let unit = String(code.split(separator: ":").last ?? "")
        if let area = AreaCode(unit) { return city.directory.name(of: area) }
        return DepartmentCode(unit).map { city.name(of: .department($0)) } ?? code
    }
}
