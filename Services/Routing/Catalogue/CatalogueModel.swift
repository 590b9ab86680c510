public import Contracts

/// The lowest level that may handle a matter.
public enum HandlingLevel: String, Sendable, Hashable, CaseIterable {
    case community, street, department, district

    var chinese: String {
        switch self {
        case .community: "社区自办"
        case .street: "街道牵头"
        case .department: "部门办理"
        case .district: "区级协调"
        }
    }
}

/// What a resident or a clerk answered to a category's extra question.
public enum AnswerValue: Hashable, Sendable {
    case text(String)
    case number(Int)
}

/// One condition on an answer. An answer of the other type is an error of the row, not a "no".
public enum AnswerCondition: Hashable, Sendable {
    case equals(question: String, text: String)
    case atLeast(question: String, number: Int)

    var question: String {
        switch self {
        case .equals(let question, _), .atLeast(let question, _): question
        }
    }
    var chinese: String {
        switch self {
        case .equals(let question, let text): "“\(question)”答\(text == "yes" ? "是" : text == "no" ? "否" : text)"
        case .atLeast(let question, let number): "“\(question)”不少于 \(number)"
        }
    }
}

/// When a row applies.
public enum CatalogueCalendar: String, Sendable, Hashable {
    case any, workingTime, offTime
}

/// One row of the dispatch catalogue 派单目录: a match and what follows from it.
public struct CatalogueRow: Sendable, Hashable {
    public let code: String
    /// Kind letter and up to five digits; empty matches every category.
    public let category: String
    /// 6 to 15 digits; empty matches every place.
    public let area: String
    public let calendar: CatalogueCalendar
    /// Empty means any.
    public let urgencies: [Urgency]
    public let channels: [Channel]
    public let answers: [AnswerCondition]
    public let level: HandlingLevel
    /// Who leads when the matter leaves the community: at once, or when it whistles.
    public let lead: DepartmentCode?
    public let coHandlers: [DepartmentCode]
    public let clocks: String
    /// Belongs to a department by law and may not be handed down (国办函〔2025〕66号).
    public let isDepartmentOnly: Bool
    public let basis: String
    public let validFrom: ChineseDay
    public let validTo: ChineseDay?
    public let priority: Int

    /// Conditions besides category and place; more of them is more specific.
    var conditionCount: Int {
        (calendar == .any ? 0 : 1) + (urgencies.isEmpty ? 0 : 1) + (channels.isEmpty ? 0 : 1) + answers.count
    }
    /// By day numbers: texts are not compared on the way of every ticket.
    func isValid(on day: Int64) -> Bool {
        validFrom.daysSince1970 <= day && (validTo.map { day <= $0.daysSince1970 } ?? true)
    }
}

/// What is asked of the catalogue.
public struct CatalogueQuestion: Sendable, Hashable {
    public let category: CategoryCode
    /// The smallest known place: a grid, else its community or street.
    public let area: AreaCode
    public let urgency: Urgency
    public let channel: Channel
    public let answers: [String: AnswerValue]
    public let at: Timestamp

    public init(
        category: CategoryCode, area: AreaCode, urgency: Urgency, channel: Channel, answers: [String: AnswerValue] = [:],
        at: Timestamp
    ) {
        self.category = category
        self.area = area
        self.urgency = urgency
        self.channel = channel
        self.answers = answers
        self.at = at
    }
}

/// What the catalogue says; stored on the case with its reason.
public struct CatalogueResult: Sendable, Hashable {
    public let level: HandlingLevel
    public let lead: DepartmentCode?
    public let coHandlers: [DepartmentCode]
    public let clocks: String
    public let isDepartmentOnly: Bool
    public let basis: String
    /// The row, or `nil` when a person at the street must decide.
    public let row: String?
    public let version: String
    /// The rule set that decided: with it the decision can be computed again.
    public let rules: Int64
    /// One Chinese sentence that a resident may read.
    public let reason: String
    /// Raised when a row could not be evaluated: somebody has to mend the catalogue.
    public let alarm: CatalogueAlarm?

    public init(
        level: HandlingLevel, lead: DepartmentCode?, coHandlers: [DepartmentCode], clocks: String,
        isDepartmentOnly: Bool, basis: String, row: String?, version: String, rules: Int64 = 0, reason: String,
        alarm: CatalogueAlarm? = nil
    ) {
        self.level = level
        self.lead = lead
        self.coHandlers = coHandlers
        self.clocks = clocks
        self.isDepartmentOnly = isDepartmentOnly
        self.basis = basis
        self.row = row
        self.version = version
        self.rules = rules
        self.reason = reason
        self.alarm = alarm
    }

    /// Whether it goes out without anybody's click: a department's matter with a named lead.
    public var goesStraightOut: Bool { level == .department && lead != nil && row != nil }
}

/// A row that failed, and how.
public struct CatalogueAlarm: Sendable, Hashable {
    public let row: String
    /// Stable: `answer-type`, `unknown-department`, `unknown-clocks`, `handed-down`.
    public let code: String
    public let reason: String
}
