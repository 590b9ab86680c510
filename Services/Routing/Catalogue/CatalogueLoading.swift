import Contracts
import JSON

/// A catalogue as it stands in its file, not yet judged.
public struct CatalogueFile: Sendable {
    public let version: String
    public let rows: [CatalogueRow]

    /// Reads the form strictly; whether the rows make sense is ``CatalogueValidation``'s matter.
    public static func load(_ file: DataFile) throws(DataFileError) -> CatalogueFile {
        let form = try file.decode(CatalogueForm.self)
        return CatalogueFile(version: form.version, rows: form.rows.map(\.row))
    }
}

private struct CatalogueForm: JSONObjectDecodable {
    let version: String
    let rows: [RowForm]
    init(members: inout JSONMembers) throws(JSONError) {
        _ = try members.optional("note", String.self)
        (version, rows) = try (members.required("version"), members.required("rows"))
    }
}

private struct RowForm: JSONObjectDecodable {
    let row: CatalogueRow
    init(members: inout JSONMembers) throws(JSONError) {
        let match = try members.required("match", MatchForm.self)
        row = try CatalogueRow(
            code: members.required("code"), category: match.category, area: match.area, calendar: match.calendar,
            urgencies: match.urgencies, channels: match.channels, answers: match.answers.map(\.condition),
            level: members.read("level") { reader throws(JSONError) in
                try reader.parsed("community, street, department or district") { HandlingLevel(rawValue: $0) }
            },
            lead: members.optional("lead"), coHandlers: members.required("coHandlers"),
            clocks: members.required("clocks"), isDepartmentOnly: members.required("departmentOnly"),
            basis: members.required("basis"), validFrom: members.required("validFrom"),
            validTo: members.optional("validTo"), priority: members.required("priority"))
    }
}

private struct MatchForm: JSONObjectDecodable {
    var category = "", area = ""
    var calendar = CatalogueCalendar.any
    var urgencies: [Urgency] = [], channels: [Channel] = [], answers: [ConditionForm] = []

    init(members: inout JSONMembers) throws(JSONError) {
        category =
            try members.readIfPresent("category") { reader throws(JSONError) in
                try reader.parsed("a category code or its beginning") { Self.isCategoryPrefix($0) ? $0 : nil }
            } ?? ""
        area =
            try members.readIfPresent("area") { reader throws(JSONError) in
                try reader.parsed("6 to 15 digits") { text in
                    (6...15).contains(text.utf8.count) && Self.isDigits(text.utf8) ? text : nil
                }
            } ?? ""
        calendar =
            try members.readIfPresent("calendar") { reader throws(JSONError) in
                try reader.parsed("any, workingTime or offTime") { CatalogueCalendar(rawValue: $0) }
            } ?? .any
        urgencies = try members.optional("urgency") ?? []
        channels = try members.optional("channels") ?? []
        answers = try members.optional("answers") ?? []
    }

    private static func isCategoryPrefix(_ text: String) -> Bool {
        guard let letter = text.utf8.first, (1...6).contains(text.utf8.count) else { return false }
        return CategoryCode.List(rawValue: String(UnicodeScalar(letter))) != nil && isDigits(text.utf8.dropFirst())
    }
    private static func isDigits(_ bytes: some Sequence<UInt8>) -> Bool { bytes.allSatisfy { (0x30...0x39).contains($0) } }
}

private struct ConditionForm: JSONObjectDecodable {
    let condition: AnswerCondition
    init(members: inout JSONMembers) throws(JSONError) {
        let question: String = try members.required("question")
        if let number: Int = try members.optional("atLeast") {
            condition = .atLeast(question: question, number: number)
        } else {
            condition = try .equals(question: question, text: members.required("is"))
        }
    }
}
