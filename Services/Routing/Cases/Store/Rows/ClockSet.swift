import Contracts
import EventLog
import Postgres

/// The clocks of a case as its one row of them holds them.
struct ClockSet: Hashable, Sendable {
    var running: [CaseClock]
    /// The overall clock of a case that is over. No other overall clock runs then.
    var resting: CaseClock?

    init(_ serviceCase: ServiceCase) {
        running = serviceCase.clocks
        resting = serviceCase.restingOverall
    }

    var all: [CaseClock] { running + [resting].compactMap(\.self) }
}

extension ClockSet: PostgresRowDecodable {
    init(row: borrowing PostgresRow) throws(PostgresError) {
        let kinds: [String] = try row["kinds"]
        let places = kinds.indices
        let (starts, ends): ([Timestamp], [Timestamp]) = (try row["started_at"], try row["due_at"])
        let (values, units): ([Int32], [String]) = (try row["limits"], try row["units"])
        let departments = try row["departments"] as [String?]? ?? places.map { _ in nil }
        let held = try row["held_with"] as [Int64?]? ?? places.map { _ in nil }
        let warned = try row["warned"] as [Int16]? ?? places.map { _ in 0 }
        let overdue = try row["overdue"] as [Bool]? ?? places.map { _ in false }
        let lengths = [starts.count, ends.count, values.count, units.count, departments.count, held.count, warned.count, overdue.count]
        guard lengths.allSatisfy({ $0 == kinds.count }) else { throw .decode("clocks: lists of different lengths") }
        running = []
        for place in places {
            guard let kind = ClockKind(rawValue: kinds[place]) else { throw .decode("clocks: a kind that is none") }
            guard let limit = ClockUnit(rawValue: units[place]).flatMap({ ClockLimit(Int(values[place]), $0) }) else {
                throw .decode("clocks: a limit that is none")
            }
            var department: DepartmentCode?
            if let code = departments[place] {
                guard let known = DepartmentCode(code) else { throw .decode("clocks: a department's code that is none") }
                department = known
            }
            running.append(
                CaseClock(
                    kind: kind, department: department, startedAt: starts[place], dueAt: ends[place], limit: limit,
                    heldWith: held[place], warned: Int(warned[place]), isOverdue: overdue[place]))
        }
        if try row["overall_rests"] {
            guard let place = running.lastIndex(where: { $0.kind == .overall }) else { throw .decode("clocks: no overall clock to rest") }
            resting = running.remove(at: place)
        }
    }
}

extension ServiceCase {
    /// The running clock that ends next; windows of a case that is over do not count.
    var nextDue: CaseClock? {
        guard !state.isFinal else { return nil }
        return clocks.filter { !$0.isHeld && !$0.isOverdue && $0.kind != .overall }.min { $0.dueAt < $1.dueAt }
            ?? clocks.filter { !$0.isHeld }.min { $0.dueAt < $1.dueAt }
    }

    /// When the due scan must look at a clock: at its next warning, else at its end; never again once that was announced.
    func fires(_ clock: CaseClock, in calendar: WorkCalendar) -> Timestamp? {
        if clock.isHeld || clock.isOverdue { return nil }
        guard !state.isFinal, let percent = WorkCalendar.warnings.first(where: { $0 > clock.warned }) else { return clock.dueAt }
        return min(calendar.instant(at: percent, of: clock), clock.dueAt)
    }

    /// When the due scan must look at the case.
    func fires(in calendar: WorkCalendar) -> Timestamp? { clocks.compactMap { fires($0, in: calendar) }.min() }
}
