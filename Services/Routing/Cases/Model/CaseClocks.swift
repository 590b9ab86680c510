import Contracts

extension CaseDraft {
    private struct Key: Hashable {
        let kind: ClockKind
        let department: DepartmentCode?
    }

    /// Starts the clocks the case now needs and stops the others; those that go on are not touched.
    mutating func arrangeClocks() {
        if after.state == .suspended { return hold() }
        let wanted = wantedClocks
        if let overall = after.clock(.overall), !wanted.contains(Key(kind: .overall, department: nil)) {
            after.restingOverall = overall
        }
        after.clocks.removeAll { !wanted.contains(Key(kind: $0.kind, department: $0.department)) }
        let running = Set(after.clocks.map { Key(kind: $0.kind, department: $0.department) })
        let missing = wanted.subtracting(running).sorted {
            ($0.kind.rawValue, $0.department?.description ?? "") < ($1.kind.rawValue, $1.department?.description ?? "")
        }
        after.clocks += missing.map(start)
        if after.clock(.overall) != nil { after.restingOverall = nil }
    }

    /// The handling clock passes to the unit that takes over: an argument about duty costs the resident nothing.
    mutating func inheritHandling(from department: DepartmentCode, to other: DepartmentCode) {
        guard let place = after.clocks.firstIndex(where: { $0.kind == .handle && $0.department == department }) else { return }
        let old = after.clocks[place]
        after.clocks[place] = CaseClock(
            kind: .handle, department: other, startedAt: old.startedAt, dueAt: old.dueAt, limit: old.limit,
            warned: old.warned, isOverdue: old.isOverdue)
    }

    // MARK: What runs

    private var wantedClocks: Set<Key> {
        var wanted = clocks(of: after.state)
        if !after.state.isFinal { wanted.insert(Key(kind: .overall, department: nil)) }
        return wanted
    }

    private func clocks(of state: CaseState) -> Set<Key> {
        var clocks: Set<Key> = []
        for kind in CaseClocks.kinds[state] ?? [] {
            for department in subjects(of: kind) { clocks.insert(Key(kind: kind, department: department)) }
        }
        return clocks
    }

    /// For whom a clock of the state runs: for units, for the case as a whole (`nil`), or not now.
    private func subjects(of kind: ClockKind) -> [DepartmentCode?] {
        let active = after.activeDispatches
        let isOut = !active.isEmpty && after.state != .filed && after.state != .whistled
        switch kind {
        case .firstAnswer: return after.firstAnsweredAt == nil ? [nil] : []
        case .contact: return after.isContacted ? [] : [nil]
        case .accept: return after.routing.isDepartmentOnly ? [] : [nil]
        case .dispatch: return after.state == .whistled || after.routing.level == .department ? [nil] : []
        case .sign: return active.filter { $0.stage == .called }.map(\.department)
        case .arrive:
            guard after.whistle != nil else { return [] }
            return active.filter { $0.arrivedAt == nil && ($0.stage == .called || $0.stage == .signed) }.map(\.department)
        case .handle: return isOut ? active.filter { $0.stage != .completed }.map(\.department) : [nil]
        case .adjudicate: return after.openDisputes.map(\.department)
        case .evaluate, .reopen, .appeal: return after.isWindowOver ? [] : [nil]
        case .verify, .review, .overall: return [nil]
        }
    }

    private func start(_ key: Key) -> CaseClock {
        if key.kind == .overall, let resting = after.restingOverall { return resting }
        let limit = limit(key.kind)
        // What is promised to the resident counts from the moment of the report, not from ours.
        let from = key.kind == .overall || key.kind == .firstAnswer ? after.submittedAt : now
        return CaseClock(
            kind: key.kind, department: key.department, startedAt: from, dueAt: context.calendar.due(limit, from: from),
            limit: limit)
    }

    private func limit(_ kind: ClockKind) -> ClockLimit {
        let limit = context.profiles[after.routing.clocks]?.limit(kind) ?? .fallback
        guard kind == .arrive, after.whistle?.kind == .emergency,
            let emergency = ClockLimit(context.policy.emergencyArrivalMinutes, .naturalMinutes)
        else { return limit }
        return context.calendar.due(emergency, from: now) < context.calendar.due(limit, from: now) ? emergency : limit
    }

    /// An approved suspension is the only pause, and the overall clock knows none.
    private mutating func hold() {
        // Time goes on within a suspension too (the overall clock may run out), and units speak: what is held by then stays as it
        // is, as long as it will be needed.
        guard before.state != .suspended else {
            let needed = clocks(of: stateAfterPause)
            return after.clocks.removeAll { $0.isHeld && !needed.contains(Key(kind: $0.kind, department: $0.department)) }
        }
        for place in after.clocks.indices where after.clocks[place].kind != .overall {
            after.clocks[place].heldWith = context.calendar.remainder(of: after.clocks[place], at: now)
        }
        guard let suspension = after.suspension else { return }
        after.clocks.append(
            CaseClock(kind: .review, startedAt: now, dueAt: suspension.until, limit: .fallback))
    }

    // MARK: One clock

    mutating func updateClock(_ kind: ClockKind, _ department: DepartmentCode?, _ change: (inout CaseClock) -> Void) {
        guard let place = after.clocks.firstIndex(where: { $0.kind == kind && $0.department == department }) else { return }
        change(&after.clocks[place])
    }

    /// Its whole limit again, from now on.
    mutating func restart(_ kind: ClockKind, _ department: DepartmentCode?) {
        let limit = limit(kind)
        updateClock(kind, department) { [now, context] clock in
            clock = CaseClock(
                kind: kind, department: department, startedAt: now, dueAt: context.calendar.due(limit, from: now), limit: limit)
        }
    }
}

/// Which clocks run in which state.
enum CaseClocks {
    /// Clocks of a state besides the overall one, which runs in every state that is not final.
    /// `sign`, `arrive`, `handle` and `adjudicate` run once for each unit they are about.
    static let kinds: [CaseState: Set<ClockKind>] = [
        .reported: [.accept, .dispatch, .firstAnswer],
        .filed: [.firstAnswer, .handle],
        .whistled: [.dispatch, .firstAnswer],
        .dispatched: [.sign, .arrive, .contact, .handle, .firstAnswer],
        .disputed: [.adjudicate, .sign, .arrive, .contact, .handle, .firstAnswer],
        .handling: [.sign, .arrive, .contact, .handle, .firstAnswer],
        .suspended: [.review],
        .answered: [.verify],
        .closed: [.evaluate], .evaluated: [.reopen],
        .merged: [.appeal], .declined: [.appeal], .withdrawn: [.appeal],
    ]

    static func canRunOut(_ kind: ClockKind, in state: CaseState) -> Bool {
        kind == .overall ? !state.isFinal : kinds[state]?.contains(kind) ?? false
    }
}
