import Actions
import Contracts
import Pages

/// Turns a case into what the desks show of it. Pure.
struct CasePresentation: Sendable {
    let city: CurrentCity
    /// The address of a photo.
    let photo: @Sendable (PhotoID, CaseID) -> String

    func entry(_ file: CaseFile) -> Desk.Entry {
        let serviceCase = file.serviceCase
        let clock = serviceCase.nextDue
        return Desk.Entry(
            id: serviceCase.id, number: serviceCase.number.description, categoryName: city.now.name(of: serviceCase.category),
            placeName: serviceCase.place.name, communityName: communityName(serviceCase), state: serviceCase.state.titles.zhHans,
            tone: tone(serviceCase), isUrgent: serviceCase.urgency != .normal, excerpt: file.report.text.map { String($0.prefix(60)) },
            start: (clock?.startedAt ?? serviceCase.submittedAt).milliseconds, due: clock?.dueAt.milliseconds)
    }

    /// - Parameter mergedInto: the case that this one was merged into.
    func casePage(
        _ file: CaseFile, words: [CaseNote], mergedInto: ServiceCase? = nil, actions: [any StaffAction.Type], csrf: String
    ) -> CasePage {
        let (serviceCase, city) = (file.serviceCase, city.now)
        return CasePage(
            id: serviceCase.id, version: serviceCase.version, csrf: csrf, number: serviceCase.number.description,
            categoryName: city.name(of: serviceCase.category), placeName: serviceCase.place.name, communityName: communityName(serviceCase),
            gridName: serviceCase.place.grid.flatMap { city.directory.grids[$0]?.name }, plateCode: serviceCase.place.plate?.description,
            channelName: serviceCase.channel.titles.zhHans, state: serviceCase.state.titles.zhHans, tone: tone(serviceCase),
            isUrgent: serviceCase.urgency != .normal, submittedAt: serviceCase.submittedAt.milliseconds, text: file.report.text,
            photos: file.report.photos.map { photo($0, serviceCase.id) }, reason: file.reason,
            clocks: serviceCase.clocks.filter { !$0.isHeld }.sorted { $0.dueAt < $1.dueAt }.map { clock($0, serviceCase.state) },
            units: serviceCase.activeDispatches.map(unit), steps: steps(serviceCase, words),
            suggestion: actions.contains { $0.name == DispatchUnits.name } ? suggestion(serviceCase) : nil,
            joined: serviceCase.joined.map(\.number.description),
            mergedInto: mergedInto.map { (id: $0.id, number: $0.number.description) },
            isOver: [.closed, .evaluated, .merged, .declined, .withdrawn].contains(serviceCase.state),
            actions: actions.filter { $0.isAtDesk }.map { ActionForm($0, FieldForm.Scene(serviceCase: serviceCase, city: city)) })
    }

    // MARK: Parts

    private func communityName(_ serviceCase: ServiceCase) -> String {
        serviceCase.place.community.map { city.now.directory.name(of: $0) } ?? "社区待核实"
    }

    private func tone(_ serviceCase: ServiceCase) -> Pages.Part.Tone {
        if serviceCase.clocks.contains(where: \.isOverdue) { return .late }
        switch serviceCase.state {
        case .closed, .evaluated: return .good
        case .merged, .declined, .withdrawn, .suspended: return .muted
        case .reported, .filed: return .calm
        default: return .active
        }
    }

    private func clock(_ clock: CaseClock, _ state: CaseState) -> CasePage.Clock {
        let titles = clock.kind.titles(in: state)
        let unit = clock.department.map { " · " + city.now.name(of: .department($0)) } ?? ""
        return CasePage.Clock(
            name: Text(titles.zhHans + unit, titles.english + unit), start: clock.startedAt.milliseconds,
            due: clock.dueAt.milliseconds)
    }

    private func unit(_ dispatch: Dispatch) -> CasePage.Unit {
        let stage =
            switch dispatch.stage {
            case .called: "待签收"
            case .signed: dispatch.arrivedAt == nil ? "已签收" : "已报到"
            case .disputed: "异议中"
            case .completed: "已办结"
            case .recalled: "已撤回"
            }
        return CasePage.Unit(
            name: city.now.name(of: .department(dispatch.department)),
            role: Text(dispatch.role.titles.zhHans, dispatch.role.titles.english), state: stage)
    }

    private func suggestion(_ serviceCase: ServiceCase) -> CasePage.Suggestion? {
        serviceCase.routing.lead.map {
            CasePage.Suggestion(
                department: $0.description, departmentName: city.now.name(of: .department($0)),
                coHandlers: serviceCase.routing.coHandlers.map(choice), reason: serviceCase.routing.reason)
        }
    }

    private func choice(_ code: DepartmentCode) -> FieldForm.Choice {
        .init(code.description, Text(verbatim: city.now.name(of: .department(code))))
    }

    // MARK: What happened

    /// The report, then every event: each has its note.
    private func steps(_ serviceCase: ServiceCase, _ words: [CaseNote]) -> [Timeline.Step] {
        let report = Timeline.Step("上报", unit: serviceCase.channel.titles.zhHans, at: serviceCase.submittedAt.milliseconds)
        return [report]
            + words.map { word in
                Timeline.Step(
                    word.kind.title.chinese, unit: speaker(word.by), at: word.at.milliseconds, text: word.words,
                    photos: word.photos.map { photo($0, serviceCase.id) }, mark: word.kind.mark)
            }
    }

    /// `community:310106019001` and `ludeng` in words.
    private func speaker(_ code: String) -> String? {
        if code.isEmpty { return nil }
        if let rule = ActorKind(rawValue: code) { return rule.titles.zhHans }
        let unit = String(code.split(separator: ":").last ?? "")
        if let area = AreaCode(unit) { return city.now.directory.name(of: area) }
        return DepartmentCode(unit).map { city.now.name(of: .department($0)) } ?? code
    }
}
