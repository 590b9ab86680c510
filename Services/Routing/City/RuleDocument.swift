import Contracts
import Crypto
import JSON

/// A version of one kind of rules as it is kept: its rows, and what stands beside them.
struct RuleDocument: Sendable, Hashable {
    let kind: RuleKind
    /// A JSON object without the rows.
    let head: String
    /// JSON objects.
    let rows: [String]

    init(kind: RuleKind, head: String, rows: [String]) {
        self.kind = kind
        self.head = head
        self.rows = rows
    }

    /// What a file says. Whether it makes sense is ``content``'s matter.
    init(_ kind: RuleKind, _ file: DataFile) throws(DataFileError) {
        let value: JSONValue = try file.decode()
        guard case .object(let members) = value, case .array(let rows)? = value[kind.member] else {
            throw file.error("missing-member", at: "#/\(kind.member)", "缺少 \(kind.member)")
        }
        self.init(
            kind: kind, head: Self.text(.object(members.filter { $0.name != kind.member && $0.name != "note" })), rows: rows.map(Self.text))
    }

    private static func text(_ value: JSONValue) -> String { String(decoding: value.json, as: UTF8.self) }

    /// The same for the same rules, whatever blanks stood between them.
    var hash: [UInt8] {
        var hash = SHA256()
        for part in [head] + rows {
            hash.update(bigEndian: Int64(part.utf8.count))
            hash.update(part)
        }
        return hash.digest()
    }

    /// The whole as a file of the form of an import.
    var file: DataFile {
        let start = head == "{}" ? "{" : String(head.dropLast()) + ","
        let text = "\(start)\"\(kind.member)\":[\(rows.joined(separator: ","))]}"
        return DataFile(name: kind.rawValue, bytes: Array(text.utf8))
    }

    /// What is decided by it. Throws for what makes no sense, with its place.
    func content(_ file: DataFile? = nil) throws(DataFileError) -> RuleContent {
        let file = file ?? self.file
        return switch kind {
        case .categories:
            .categories(try CategoryRules(try Categories.load(file), file))
        case .calendar: .calendar(try WorkCalendar.load(file))
        case .clocks: .clocks(try ClockRules.load(file))
        case .catalogue: .catalogue(try CatalogueFile.load(file))
        }
    }
}

extension RuleKind {
    /// The member of its file that holds the rows.
    var member: String {
        switch self {
        case .categories: "categories"
        case .calendar: "days"
        case .clocks: "profiles"
        case .catalogue: "rows"
        }
    }
}

/// Rules in the form in which they decide; shared by all rule sets that have this version.
enum RuleContent: Sendable {
    case categories(CategoryRules)
    case calendar(WorkCalendar)
    case clocks(ClockRules)
    case catalogue(CatalogueFile)
}

/// The categories, and what recognises them.
struct CategoryRules: Sendable {
    let categories: Categories
    let classifier: Classifier
    /// The class of what nobody could class.
    let other: Category

    private static let otherCode = "E99999"

    init(_ categories: Categories, _ file: DataFile) throws(DataFileError) {
        guard let other = CategoryCode(Self.otherCode).flatMap({ categories.byCode[$0] }) else {
            throw file.error("missing-category", at: "#/categories", "缺少类别 \(Self.otherCode)")
        }
        self.categories = categories
        self.other = other
        classifier = Classifier(categories.list)
    }
}
