public import Contracts

/// One version of the catalogue, indexed: a match looks at the few rows of a category prefix, most specific first.
public struct Catalogue: Sendable {
    public let version: String
    /// The rule set that it is part of; 0 for one that decides nothing.
    public let rules: Int64
    public let rows: [CatalogueRow]
    private let calendar: WorkCalendar
    private let byPrefix: [String: [Int]]
    /// Rows that may not be believed; matching one is an alarm, never silence.
    private let broken: [Int: CatalogueAlarm]
    private let departments: Set<DepartmentCode>
    /// What units are called in reasons.
    private let names: [DepartmentCode: String]

    /// Clock profile of a matter that a person must sort first.
    static let humanQueueClocks = "ordinary"

    public init(
        version: String, rules: Int64 = 0, rows: [CatalogueRow], calendar: WorkCalendar, departments: Set<DepartmentCode>,
        profiles: Set<String>, names: [DepartmentCode: String] = [:]
    ) {
        self.names = names
        self.version = version
        self.rules = rules
        self.rows = rows
        self.calendar = calendar
        self.departments = departments
        var byPrefix: [String: [Int]] = [:]
        var broken: [Int: CatalogueAlarm] = [:]
        for (index, row) in rows.enumerated() {
            byPrefix[row.category, default: []].append(index)
            broken[index] = Self.fault(of: row, departments, profiles)
        }
        for prefix in byPrefix.keys {
            byPrefix[prefix]?.sort { Self.precedes(rows[$0], $0, rows[$1], $1) }
        }
        self.byPrefix = byPrefix
        self.broken = broken
    }

    /// The row that decides, or the street's human queue with the reason why no row could.
    public func match(_ question: CatalogueQuestion) -> CatalogueResult {
        var prefix = question.category.description
        let area = question.area.description
        let day = question.at.day.daysSince1970
        let isWorking = calendar.isWorking(question.at)
        while true {
            for index in byPrefix[prefix] ?? [] {
                let row = rows[index]
                guard row.isValid(on: day), fits(row, question, area, isWorking) else { continue }
                switch answersFit(row, question) {
                case .no: continue
                case .failed(let alarm): return humanQueue(alarm)
                case .yes: return broken[index].map(humanQueue) ?? routing(row)
                }
            }
            if prefix.isEmpty { break }
            prefix.removeLast()
        }
        return humanQueue(nil)
    }

    // MARK: Steps

    private enum Fit {
        case yes, no
        case failed(CatalogueAlarm)
    }

    private func fits(_ row: CatalogueRow, _ question: CatalogueQuestion, _ area: String, _ isWorking: Bool) -> Bool {
        switch row.calendar {
        case .any: break
        case .workingTime: if !isWorking { return false }
        case .offTime: if isWorking { return false }
        }
        return area.hasPrefix(row.area)
            && (row.urgencies.isEmpty || row.urgencies.contains(question.urgency))
            && (row.channels.isEmpty || row.channels.contains(question.channel))
    }

    private func answersFit(_ row: CatalogueRow, _ question: CatalogueQuestion) -> Fit {
        for condition in row.answers {
            guard let answer = question.answers[condition.question] else { return .no }
            switch (condition, answer) {
            case (.equals(_, let wanted), .text(let given)):
                if wanted != given { return .no }
            case (.atLeast(_, let wanted), .number(let given)):
                if given < wanted { return .no }
            default:
                return .failed(
                    CatalogueAlarm(
                        row: row.code, code: "answer-type", reason: "问题“\(condition.question)”的回答类型与目录行不符"))
            }
        }
        return .yes
    }

    private func routing(_ row: CatalogueRow) -> CatalogueResult {
        var why = ["派单目录 \(row.code)"]
        if !row.category.isEmpty { why.append("类别 \(row.category)") }
        if !row.area.isEmpty { why.append("区域 \(row.area)") }
        switch row.calendar {
        case .any: break
        case .workingTime: why.append("工作时间")
        case .offTime: why.append("非工作时间")
        }
        why += row.answers.map(\.chinese)
        let whom = row.lead.map { "，主办：\(names[$0] ?? $0.description)" } ?? ""
        return CatalogueResult(
            level: row.level, lead: row.lead, coHandlers: row.coHandlers, clocks: row.clocks,
            isDepartmentOnly: row.isDepartmentOnly, basis: row.basis, row: row.code, version: version, rules: rules,
            reason: "\(row.level.chinese)\(whom)，因为\(why.joined(separator: "、"))；依据：\(row.basis)")
    }

    /// Silence is never an answer: what no row decides, a person at the street does.
    private func humanQueue(_ alarm: CatalogueAlarm?) -> CatalogueResult {
        CatalogueResult(
            level: .street, lead: nil, coHandlers: [], clocks: Self.humanQueueClocks, isDepartmentOnly: false,
            basis: "首接负责", row: nil, version: version, rules: rules,
            reason: alarm.map { "目录行 \($0.row) 出错（\($0.reason)），转街道人工派单" } ?? "派单目录没有对应行，转街道人工派单",
            alarm: alarm)
    }

    /// Within one category prefix: longer place, more conditions, higher priority, earlier in the file.
    private static func precedes(_ left: CatalogueRow, _ leftIndex: Int, _ right: CatalogueRow, _ rightIndex: Int) -> Bool {
        let a = (left.area.utf8.count, left.conditionCount, left.priority)
        let b = (right.area.utf8.count, right.conditionCount, right.priority)
        return a == b ? leftIndex < rightIndex : a > b
    }

    private static func fault(
        of row: CatalogueRow, _ departments: Set<DepartmentCode>, _ profiles: Set<String>
    ) -> CatalogueAlarm? {
        for department in [row.lead].compactMap(\.self) + row.coHandlers where !departments.contains(department) {
            return CatalogueAlarm(row: row.code, code: "unknown-department", reason: "没有部门 \(department)")
        }
        guard profiles.contains(row.clocks) else {
            return CatalogueAlarm(row: row.code, code: "unknown-clocks", reason: "没有时限方案 \(row.clocks)")
        }
        guard !row.isDepartmentOnly || row.level == .department || row.level == .district else {
            return CatalogueAlarm(row: row.code, code: "handed-down", reason: "部门事项不得下交（国办函〔2025〕66号）")
        }
        guard row.level != .department || row.lead != nil else {
            return CatalogueAlarm(row: row.code, code: "no-lead", reason: "部门办理的事项没有主办部门")
        }
        return nil
    }
}

/// What another version of the catalogue would have said about past questions: shown before it goes live.
public struct CatalogueDryRun: Sendable {
    public struct Difference: Sendable, Hashable {
        public let question: CatalogueQuestion
        public let before: CatalogueResult
        public let after: CatalogueResult
    }
    public let asked: Int
    public let differences: [Difference]

    public init(from old: Catalogue, to new: Catalogue, over questions: [CatalogueQuestion]) {
        asked = questions.count
        differences = questions.compactMap { question in
            let (before, after) = (old.match(question), new.match(question))
            let same =
                before.level == after.level && before.lead == after.lead && before.coHandlers == after.coHandlers
                && before.clocks == after.clocks && before.isDepartmentOnly == after.isDepartmentOnly
            return same ? nil : Difference(question: question, before: before, after: after)
        }
    }
}
