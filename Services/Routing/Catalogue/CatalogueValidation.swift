public import Contracts

/// A remark on one row of a catalogue file.
public struct CatalogueFinding: Sendable, Hashable, CustomStringConvertible {
    public enum Severity: String, Sendable, Hashable {
        /// The file may not go live.
        case error
        /// It may, and somebody should look.
        case warning
    }
    /// Counted from 1, as a person counts rows.
    public let row: Int
    /// Stable: `duplicate-row`, `unknown-department`, `tie`, `expired`, …
    public let code: String
    public let severity: Severity
    public let text: String

    public var description: String { "第 \(row) 行：\(text) [\(code)]" }
}

/// What a catalogue file is judged against.
public struct CatalogueBackground: Sendable {
    /// Where the catalogue is to be in force.
    public let area: AreaCode
    public let departments: [DepartmentCode: Department]
    public let profiles: Set<String>
    public let categories: Set<String>
    public let areas: [String]
    public let questions: Set<String>
    public let today: ChineseDay

    public init(
        area: AreaCode, departments: [DepartmentCode: Department], profiles: Set<String>, categories: Set<String>, areas: [String],
        questions: Set<String>, today: ChineseDay
    ) {
        self.area = area
        self.departments = departments
        self.profiles = profiles
        self.categories = categories
        self.areas = areas
        self.questions = questions
        self.today = today
    }
}

extension Department {
    /// Whether it can be called wherever a row applies that is in force in an area.
    fileprivate func serves(everywhereOf row: CatalogueRow, in area: AreaCode) -> Bool {
        if serves(area) { return true }
        // A row's area may be the beginning of a code: of six digits a district, of nine a street.
        let length = row.area.utf8.count
        let code = row.area + String(repeating: "0", count: length < 12 ? 12 - length : 0)
        return AreaCode(code).map(serves) ?? false
    }
}

public enum CatalogueValidation {
    /// Everything that is wrong or doubtful, in row order.
    public static func findings(in rows: [CatalogueRow], against background: CatalogueBackground) -> [CatalogueFinding] {
        var findings: [CatalogueFinding] = []
        var firstWithCode: [String: Int] = [:]
        for (index, row) in rows.enumerated() {
            if let first = firstWithCode[row.code] {
                findings.append(.init(row: index + 1, code: "duplicate-row", severity: .error, text: "编号 \(row.code) 与第 \(first) 行重复"))
            } else {
                firstWithCode[row.code] = index + 1
            }
            findings += references(row, index + 1, background) + sense(row, index + 1, background)
        }
        return (findings + ties(rows)).sorted { ($0.row, $0.code) < ($1.row, $1.code) }
    }

    private static func references(_ row: CatalogueRow, _ number: Int, _ known: CatalogueBackground) -> [CatalogueFinding] {
        var findings: [CatalogueFinding] = []
        func add(_ code: String, _ severity: CatalogueFinding.Severity, _ text: String) {
            findings.append(.init(row: number, code: code, severity: severity, text: text))
        }
        for code in [row.lead].compactMap(\.self) + row.coHandlers {
            guard let department = known.departments[code] else {
                add("unknown-department", .error, "没有部门 \(code)")
                continue
            }
            if !department.serves(everywhereOf: row, in: known.area) {
                add("not-served", .error, "部门 \(code) 不服务于该行的全部区域")
            }
        }
        if !known.profiles.contains(row.clocks) { add("unknown-clocks", .error, "没有时限方案 \(row.clocks)") }
        if !row.category.isEmpty, !known.categories.contains(where: { $0.hasPrefix(row.category) }) {
            add("unknown-category", .warning, "类别表里没有 \(row.category)")
        }
        if !row.area.isEmpty, !known.areas.contains(where: { $0.hasPrefix(row.area) }) {
            add("unknown-area", .warning, "没有区域 \(row.area)")
        }
        for condition in row.answers where !known.questions.contains(condition.question) {
            add("unknown-question", .error, "没有问题 \(condition.question)")
        }
        return findings
    }

    private static func sense(_ row: CatalogueRow, _ number: Int, _ known: CatalogueBackground) -> [CatalogueFinding] {
        var findings: [CatalogueFinding] = []
        func add(_ code: String, _ severity: CatalogueFinding.Severity, _ text: String) {
            findings.append(.init(row: number, code: code, severity: severity, text: text))
        }
        if row.isDepartmentOnly, row.level == .community || row.level == .street {
            add("handed-down", .error, "部门事项不得下交（国办函〔2025〕66号）")
        }
        if row.level == .department, row.lead == nil { add("no-lead", .error, "部门办理的事项没有主办部门") }
        if let lead = row.lead, row.coHandlers.contains(lead) { add("lead-twice", .error, "\(lead) 既主办又协办") }
        if Set(row.coHandlers).count != row.coHandlers.count { add("duplicate-department", .error, "协办部门重复") }
        if row.basis.isEmpty { add("no-basis", .error, "没有依据") }
        if let end = row.validTo {
            if end < row.validFrom {
                add("validity", .error, "失效日早于生效日")
            } else if end < known.today {
                add("expired", .warning, "已于 \(end) 失效")
            }
        }
        return findings
    }

    /// Two rows that can both match with nothing to choose between them.
    private static func ties(_ rows: [CatalogueRow]) -> [CatalogueFinding] {
        struct Rank: Hashable {
            let category: String, area: String, conditions: Int, priority: Int
        }
        var groups: [Rank: [Int]] = [:]
        for (index, row) in rows.enumerated() {
            let rank = Rank(category: row.category, area: row.area, conditions: row.conditionCount, priority: row.priority)
            groups[rank, default: []].append(index)
        }
        var findings: [CatalogueFinding] = []
        for group in groups.values {
            for (place, later) in group.enumerated() {
                for earlier in group[..<place] where overlap(rows[earlier], rows[later]) {
                    findings.append(
                        .init(
                            row: later + 1, code: "tie", severity: .error,
                            text: "与第 \(earlier + 1) 行（\(rows[earlier].code)）条件重叠且优先级相同"))
                }
            }
        }
        return findings
    }

    private static func overlap(_ left: CatalogueRow, _ right: CatalogueRow) -> Bool {
        func meet<T: Hashable>(_ a: [T], _ b: [T]) -> Bool { a.isEmpty || b.isEmpty || !Set(a).isDisjoint(with: b) }
        let inTime = (left.validTo.map { right.validFrom <= $0 } ?? true) && (right.validTo.map { left.validFrom <= $0 } ?? true)
        let inCalendar = left.calendar == right.calendar || left.calendar == .any || right.calendar == .any
        let contradict = left.answers.contains { a in
            right.answers.contains { b in
                if case .equals(let p, let x) = a, case .equals(let q, let y) = b { return p == q && x != y }
                return false
            }
        }
        return inTime && inCalendar && !contradict && meet(left.urgencies, right.urgencies)
            && meet(left.channels, right.channels)
    }
}
