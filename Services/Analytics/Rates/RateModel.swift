import Contracts

/// How the rates are worked out. Cities differ and change their minds, so every figure carries the formula's id; a change of
/// meaning is a new id.
enum RateFormula {
    static let id = "shao-rates-1"
    /// 15 hours from submission to the first word of a person.
    static let firstAnswerLimit: Int64 = 15 * 3_600_000
    /// Nine in ten are to be solved in the community.
    static let communityGoal = 0.9

    /// What each figure is a share of, for who reads the numbers elsewhere.
    static let definitions: [(name: String, words: String)] = [
        ("response", "first word of a person within its clock / cases answered or due; not those withdrawn or merged before it"),
        ("resolution", "resident says solved / residents who evaluated; partly solved is counted apart"),
        ("satisfaction", "resident very, yes or fairly satisfied / residents who evaluated"),
        ("firstAnswer", "minutes from submission to the first word; within 15 h / answered, or 15 h gone without one"),
        ("solvedInCommunity", "handled by the community without calling anyone / closed; goal 0.9"),
    ]
}

/// A share with what it is a share of. Of nothing there is no share: nil, never 0.
struct Proportion: Sendable, Hashable {
    var count: Int
    var n: Int
    var rate: Double? { n > 0 ? Double(count) / Double(n) : nil }
}

/// The figures of one group of tickets.
struct Figures: Sendable, Hashable {
    var tickets = 0
    var response = Proportion(count: 0, n: 0)
    /// Residents who evaluated, by what they said.
    var evaluated = 0
    var solved = 0
    var partlySolved = 0
    var very = 0
    var satisfied = 0
    var fair = 0
    var answered = 0
    /// In minutes; nil without an answer.
    var median: Int?
    var ninetieth: Int?
    var answeredInTime = Proportion(count: 0, n: 0)
    var solvedInCommunity = Proportion(count: 0, n: 0)
    var open = 0
    var overdue = 0
    /// Clocks that ran out, over all tickets of the group.
    var clocksRunOut = 0
    var reopened = 0

    var resolution: Proportion { Proportion(count: solved, n: evaluated) }
    var satisfaction: Proportion { Proportion(count: very + satisfied + fair, n: evaluated) }

    /// The tickets and the three rates of both together; the other figures stay this one's.
    func addingRates(_ other: Figures) -> Figures {
        var sum = self
        sum.tickets += other.tickets
        sum.response = Proportion(count: response.count + other.response.count, n: response.n + other.response.n)
        sum.evaluated += other.evaluated
        sum.solved += other.solved
        sum.partlySolved += other.partlySolved
        sum.very += other.very
        sum.satisfied += other.satisfied
        sum.fair += other.fair
        return sum
    }
}

/// What the figures are broken down by.
enum Breakdown: String, Sendable, CaseIterable {
    case community, category, department
}

/// Days in China, both included.
struct DayRange: Sendable, Hashable {
    var first: ChineseDay
    var last: ChineseDay

    static let standardDays = 30
    /// Three years: more is a question for an export, not for a page.
    static let mostDays = 1_100

    /// The last 30 days, today included.
    static func standard(at now: Timestamp) -> DayRange {
        DayRange(first: now.day.adding(days: 1 - standardDays), last: now.day)
    }

    var days: Int { Int(last.daysSince1970 - first.daysSince1970) + 1 }
    var start: Timestamp { first.start }
    /// The first moment after it.
    var end: Timestamp { last.adding(days: 1).start }

    /// Days per point of a line: at most some thirty points.
    var step: Int { days <= 31 ? 1 : days <= 217 ? 7 : 30 }
}

/// Whose tickets somebody may see.
enum Scope: Sendable, Hashable {
    case street
    case community(AreaCode)
}
