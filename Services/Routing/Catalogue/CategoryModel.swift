public import Contracts
import JSON

/// A class of matters: what people may choose, and the words by which text is recognised.
public struct Category: Hashable, Sendable {
    public struct Question: Hashable, Sendable {
        public let code: String
        public let text: String
        public let isNumber: Bool
    }
    /// A class that people often mean instead, and how to tell.
    public struct Confusion: Hashable, Sendable {
        public let code: CategoryCode
        public let hint: String
    }
    public let code: CategoryCode
    public let name: String
    public let major: String
    public let urgency: Urgency
    /// Our own number, not one of the national list.
    public let isLocal: Bool
    public let terms: [String]
    public let questions: [Question]
    public let confusions: [Confusion]
}

public struct Categories: Sendable {
    public let list: [Category]
    public let byCode: [CategoryCode: Category]

    public static func load(_ file: DataFile) throws(DataFileError) -> Categories {
        let rows = try file.decode(Rows<CategoryRow>.self).rows.map(\.category)
        let byCode = try file.keyed(rows, "categories", by: \.code)
        for (index, row) in rows.enumerated() {
            for confusion in row.confusions where byCode[confusion.code] == nil {
                throw file.error("unknown-reference", at: "#/categories/\(index)/confusedWith", "没有类别 \(confusion.code)")
            }
            if row.terms.contains(where: \.isEmpty) {
                throw file.error("empty-term", at: "#/categories/\(index)/terms", "关键词不能为空")
            }
        }
        return Categories(list: rows, byCode: byCode)
    }

    public var questionCodes: Set<String> { Set(list.flatMap { $0.questions.map(\.code) }) }
}

private struct CategoryRow: RowDecodable {
    static let member: StaticString = "categories"
    let category: Category
    init(members: inout JSONMembers) throws(JSONError) {
        category = try Category(
            code: members.required("code"), name: members.required("name"), major: members.required("major"),
            urgency: members.required("urgency"), isLocal: members.required("local"), terms: members.required("terms"),
            questions: (members.optional("questions", [QuestionRow].self) ?? []).map(\.question),
            confusions: (members.optional("confusedWith", [ConfusionRow].self) ?? []).map(\.confusion))
    }
}
private struct QuestionRow: JSONObjectDecodable {
    let question: Category.Question
    init(members: inout JSONMembers) throws(JSONError) {
        question = try Category.Question(
            code: members.required("code"), text: members.required("text"),
            isNumber: members.read("kind") { reader throws(JSONError) in
                try reader.parsed("yesNo or number") { $0 == "number" ? true : $0 == "yesNo" ? false : nil }
            })
    }
}
private struct ConfusionRow: JSONObjectDecodable {
    let confusion: Category.Confusion
    init(members: inout JSONMembers) throws(JSONError) {
        confusion = try Category.Confusion(code: members.required("code"), hint: members.required("hint"))
    }
}
