import Contracts

extension CaseStep {
    private struct Key: Hashable {
        let kind: ClockKind
        let department: DepartmentCode?
    }

    /// Starts the clocks the case now needs and stops the others; those that go on are not touched.
    mutating func arrangeClocks() {
        if one.state == .suspended { return hold() }
        let wanted = wantedClocks
        if let overall = one.clock(.overall), !wanted.contains(Key(kind: .overall, department: nil)) {
            one.restingOverall = overall
        }
        one.clocks.removeAll { !wanted.contains(Key(kind: $0.kind, department: $0.department)) }
        let running = Set(one.clocks.map { Key(kind: $0.kind, department: $0.department) })
        let missing = wanted.subtracting(running).sorted {
            ($0.kind.rawValue, $0.department?.description ?? "") < ($1.kind.rawValue, $1.department?.description ?? "")
        }
        one.clocks += missing.map(start)
    }

    /// The handling clock passes to the unit that takes over: an argument about duty costs the resident nothing.
    mutating func inheritHandling(from department: DepartmentCode, to other: DepartmentCode) {
        guard let place = one.clocks.firstIndex(where: { $0.kind == .handle && $0.department == department }) else { return }
        let old = one.clocks[place]
        one.clocks[place] = CaseClock(
            kind: .handle, department: other, startedAt: old.startedAt, dueAt: old.dueAt, limit: old.limit,
            warned: old.warned, isOverdue: old.isOverdue)
    }

    // MARK: What runs

    private var wantedClocks: Set<Key> {
        var wanted = clocks(of: one.state)
        if !one.state.isFinal { wanted.insert(Key(kind: .overall, department: nil)) }
        return wanted
    }

    private func clocks(of state: CaseState) -> Set<Key> {
        var clocks: Set<Key> = []
        for kind in CaseTable.clocks[state] ?? [] {
            for department in subjects(of: kind) { clocks.insert(Key(kind: kind, department: department)) }
        }
        return clocks
    }

    /// For whom a clock of the state runs: for units, for the case as a whole (`nil`), or not now.
    private func subjects(of kind: ClockKind) -> [DepartmentCode?] {
        let active = one.activeDispatches
        let isOut = !active.isEmpty && one.state != .filed && one.state != .whistled
        switch kind {
        case .firstAnswer: return one.firstAnsweredAt == nil ? [nil] : []
        case .contact: return one.isContacted ? [] : [nil]
        case .accept: return one.routing.isDepartmentOnly ? [] : [nil]
        case .dispatch: return one.state == .whistled || one.routing.level == .department ? [nil] : []
        case .sign: return active.filter { $0.stage == .called }.map(\.department)
        case .arrive:
            guard one.whistle != nil else { return [] }
            return active.filter { $0.arrivedAt == nil && ($0.stage == .called || $0.stage == .signed) }.map(\.department)
        case .handle: return isOut ? active.filter { $0.stage != .completed }.map(\.department) : [nil]
        case .adjudicate: return one.openDisputes.map(\.department)
        case .evaluate, .reopen, .appeal: return one.isWindowOver ? [] : [nil]
        case .verify, .review, .overall: return [nil]
        }
    }

    private func start(_ key: Key) -> CaseClock {
        if key.kind == .overall, let resting = one.restingOverall { return resting }
        let limit = limit(key.kind)
        // What is promised to the resident counts from the moment of the report, not from ours.
        let from = key.kind == .overall || key.kind == .firstAnswer ? one.submittedAt : now
        return CaseClock(
            kind: key.kind, department: key.department, startedAt: from, dueAt: context.calendar.due(limit, from: from),
            limit: limit)
    }

    private func limit(_ kind: ClockKind) -> ClockLimit {
        let limit = context.profiles[one.routing.clocks]?.limit(kind) ?? .fallback
        guard kind == .arrive, one.whistle?.kind == .emergency,
            let emergency = ClockLimit(context.policy.emergencyArrivalMinutes, .naturalMinutes)
        else { return limit }
        return context.calendar.due(emergency, from: now) < context.calendar.due(limit, from: now) ? emergency : limit
    }

    /// An approved suspension is the only pause, and the overall clock knows none.
    private mutating func hold() {
        // Time goes on within a suspension too (the overall clock may run out), and units speak: what is held by then stays as it
        // is, as long as it will be needed.
        guard before.state != .suspended else {
            let needed = clocks(of: resumed)
            return one.clocks.removeAll { $0.isHeld && !needed.contains(Key(kind: $0.kind, department: $0.department)) }
        }
        for place in one.clocks.indices where one.clocks[place].kind != .overall {
            one.clocks[place].heldWith = context.calendar.remainder(of: one.clocks[place], at: now)
        }
        guard let suspension = one.suspension else { return }
        one.clocks.append(
            CaseClock(kind: .review, startedAt: now, dueAt: suspension.until, limit: .fallback))
    }

    // MARK: What runs out

    mutating func performTime(_ command: CaseCommand, _ by: Actor) {
        switch command {
        case .warn(let kind, let department, let percent):
            guard let place = place(kind, department) else { return }
            one.clocks[place].warned = percent
            say(.warned(kind, department, percent: percent))
        case .expire(let kind, let department):
            guard let place = place(kind, department) else { return }
            expire(kind, department, place, by)
        default: break
        }
    }

    private mutating func expire(_ kind: ClockKind, _ department: DepartmentCode?, _ place: Int, _ by: Actor) {
        switch kind {
        case .evaluate, .reopen, .appeal:
            // A window that ends is nobody's fault and no news.
            one.isWindowOver = true
            return
        case .review: return say(.resumed(by: by))
        default: break
        }
        one.clocks[place].isOverdue = true
        say(.overdue(kind, department, dueAt: one.clocks[place].dueAt))
        one.supervision = one.supervision == .none ? .street : .district
        switch kind {
        case .accept: one.isAcceptLapsed = true
        case .sign: acceptBySilence(department)
        case .adjudicate: raise(department, place)
        default: break
        }
    }

    private mutating func acceptBySilence(_ department: DepartmentCode?) {
        guard let dispatch = one.activeDispatches.first(where: { $0.department == department && $0.stage == .called }) else { return }
        update(dispatch.id) { [now] in $0.sign(at: now, byRule: true) }
        say(.signed(dispatch.department, byRule: true))
    }

    /// The street had its time; now the district must decide, with a clock of its own. After that there is nobody above.
    private mutating func raise(_ department: DepartmentCode?, _ place: Int) {
        guard let dispute = one.disputes.firstIndex(where: { $0.isOpen && $0.department == department }),
            one.disputes[dispute].court == .street
        else { return }
        one.disputes[dispute].court = .district
        let limit = limit(.adjudicate)
        one.clocks[place] = CaseClock(
            kind: .adjudicate, department: department, startedAt: now, dueAt: context.calendar.due(limit, from: now), limit: limit)
    }

    private func place(_ kind: ClockKind, _ department: DepartmentCode?) -> Int? {
        one.clocks.firstIndex { $0.kind == kind && $0.department == department }
    }
}
