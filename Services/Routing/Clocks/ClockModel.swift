public import Contracts

/// How a limit counts.
public enum ClockUnit: String, Sendable, Hashable, CaseIterable {
    case naturalMinutes, naturalHours, naturalDays
    /// Only working time counts.
    case workingHours
    /// The day of the start does not count; due at the end of working time of the last day.
    case workingDays

    var isWorking: Bool { self == .workingHours || self == .workingDays }
    var chinese: String {
        switch self {
        case .naturalMinutes: "分钟（自然时间）"
        case .naturalHours: "小时（自然时间）"
        case .naturalDays: "个自然日"
        case .workingHours: "个工作小时"
        case .workingDays: "个工作日"
        }
    }
}

/// A length of time as a city's rules state it.
public struct ClockLimit: Hashable, Sendable {
    /// 1…100 000; a loader refuses the rest, so that no computation can overflow.
    public let value: Int
    public let unit: ClockUnit

    public static let values = 1...100_000

    public init?(_ value: Int, _ unit: ClockUnit) {
        guard Self.values.contains(value) else { return nil }
        self.value = value
        self.unit = unit
    }

    private init(checked value: Int, _ unit: ClockUnit) {
        self.value = value
        self.unit = unit
    }
    /// What a profile leaves out: one working day, so that no state is ever without a limit.
    static let fallback = ClockLimit(checked: 1, .workingDays)

    var milliseconds: Int64 {
        switch unit {
        case .naturalMinutes: Int64(value) * 60_000
        case .naturalHours, .workingHours: Int64(value) * 3_600_000
        case .naturalDays, .workingDays: Int64(value) * 86_400_000
        }
    }
}

/// A city's limits for one class of matters: data, chosen by the catalogue row.
public struct ClockProfile: Sendable, Hashable {
    public let code: String
    public let name: String
    public let limits: [ClockKind: ClockLimit]

    public init(code: String, name: String, limits: [ClockKind: ClockLimit]) {
        self.code = code
        self.name = name
        self.limits = limits
    }

    public func limit(_ kind: ClockKind) -> ClockLimit { limits[kind] ?? .fallback }
}

/// One running clock of a case.
public struct CaseClock: Hashable, Sendable {
    public let kind: ClockKind
    /// Whose clock it is, when every called unit has its own (sign, arrive, handle).
    public let department: DepartmentCode?
    public let startedAt: Timestamp
    public internal(set) var dueAt: Timestamp
    public let limit: ClockLimit
    /// Milliseconds (working or natural, after the limit's unit) that were left when an approved suspension began.
    public internal(set) var heldWith: Int64?
    /// Highest percentage that was announced.
    public internal(set) var warned: Int
    public internal(set) var isOverdue: Bool

    public init(
        kind: ClockKind, department: DepartmentCode? = nil, startedAt: Timestamp, dueAt: Timestamp, limit: ClockLimit,
        heldWith: Int64? = nil, warned: Int = 0, isOverdue: Bool = false
    ) {
        self.kind = kind
        self.department = department
        self.startedAt = startedAt
        self.dueAt = dueAt
        self.limit = limit
        self.heldWith = heldWith
        self.warned = warned
        self.isOverdue = isOverdue
    }

    public var isHeld: Bool { heldWith != nil }
}

extension WorkCalendar {
    /// When a limit that starts at `start` ends.
    public func due(_ limit: ClockLimit, from start: Timestamp) -> Timestamp {
        switch limit.unit {
        case .naturalMinutes, .naturalHours, .naturalDays:
            return start.adding(milliseconds: limit.milliseconds)
        case .workingHours:
            return adding(working: limit.milliseconds, to: start)
        case .workingDays:
            var day = start.day
            var left = limit.value
            for _ in 0..<Self.horizonDays where left > 0 {
                day = day.adding(days: 1)
                if kind(of: day).isWorked { left -= 1 }
            }
            return close(of: day)
        }
    }

    /// When `percent` of the time is used: of working time where working time counts.
    public func instant(at percent: Int, of clock: CaseClock) -> Timestamp {
        guard clock.limit.unit.isWorking else {
            let length = max(0, clock.dueAt.milliseconds - clock.startedAt.milliseconds)
            return clock.startedAt.adding(milliseconds: length / 100 * Int64(percent))
        }
        let length = working(from: clock.startedAt, to: clock.dueAt)
        return adding(working: length / 100 * Int64(percent), to: clock.startedAt)
    }

    /// The highest of 50 and 80 per cent that is reached at `now` and was not announced; 100 is `expire`'s.
    public func warning(for clock: CaseClock, at now: Timestamp) -> Int? {
        guard !clock.isHeld, !clock.isOverdue, now < clock.dueAt else { return nil }
        return Self.warnings.last { $0 > clock.warned && instant(at: $0, of: clock) <= now }
    }
    public static let warnings = [50, 80]

    /// What is left of a clock when a suspension begins.
    func remainder(of clock: CaseClock, at now: Timestamp) -> Int64 {
        clock.limit.unit.isWorking
            ? working(from: now, to: clock.dueAt) : max(0, clock.dueAt.milliseconds - now.milliseconds)
    }

    /// The new end of a held clock.
    func due(resuming clock: CaseClock, at now: Timestamp) -> Timestamp {
        guard let left = clock.heldWith else { return clock.dueAt }
        return clock.limit.unit.isWorking ? adding(working: left, to: now) : now.adding(milliseconds: left)
    }
}
