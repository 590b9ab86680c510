import Contracts
import JSON

/// The demo street as its files tell it: plates, departments, and who leads what.
struct DemoFiles: Sendable {
    struct Plate: Sendable {
        let code: String
        let name: String
        let kind: String
        let community: String
        let chips: [(category: String, label: String)]
        /// `community-003`, the name of its staff's token.
        var staff: String { "community-\(community.suffix(3))" }
    }

    let plates: [Plate]
    /// Short names by code.
    let departments: [String: String]
    private let topics: [DepartmentTopics]
    /// Lead and co-handlers by category, from the catalogue's first row for it.
    let units: [String: (lead: String, coHandlers: [String])]

    init(_ environment: Environment) throws {
        func read(_ name: String, _ list: String) throws -> [JSONValue] {
            guard case .array(let rows)? = try JSONReader.decode(JSONValue.self, from: environment.file(name))[list] else {
                throw Stop.unavailable("\(name) holds no \(list)")
            }
            return rows
        }
        plates = try read("plates.json", "plates").compactMap(Self.plate)
        var names: [String: String] = [:]
        var topics: [DepartmentTopics] = []
        for row in try read("departments.json", "departments") {
            if let department = DepartmentTopics(code: row["code"]?.text, topic: row["topic"]?.text) { topics.append(department) }
            if let code = row["code"]?.text { names[code] = row["shortName"]?.text ?? row["name"]?.text }
        }
        departments = names
        self.topics = topics
        var units: [String: (lead: String, coHandlers: [String])] = [:]
        for row in try read("catalogue.json", "rows") {
            guard let category = row["match"]?["category"]?.text, let lead = row["lead"]?.text, units[category] == nil else { continue }
            units[category] = (lead, Self.texts(row["coHandlers"]))
        }
        self.units = units
    }

    /// The plate of that code; without one, the first lamp.
    func plate(_ code: String?) throws(Stop) -> Plate? {
        if let code { return plates.first { $0.code == code.uppercased() } }
        return plates.first { $0.kind == "lamp" }
    }

    /// Where these departments hear their calls: each topic once.
    func dispatchTopics(of codes: some Sequence<String>) -> [Topic] {
        Set(codes.compactMap { DepartmentCode($0) }.map { topics(of: $0).dispatch }).sorted { $0.name < $1.name }
    }

    func topics(of department: DepartmentCode) -> DepartmentTopics {
        topics.first { $0.department == department } ?? DepartmentTopics(department)
    }

    func name(of department: String) -> String { departments[department] ?? department }

    private static func plate(_ row: JSONValue) -> Plate? {
        guard let code = row["code"]?.text, let name = row["name"]?.text, let community = row["community"]?.text else { return nil }
        var chips: [(category: String, label: String)] = []
        if case .array(let list)? = row["chips"] {
            for chip in list {
                if let category = chip["category"]?.text { chips.append((category, chip["label"]?.text ?? category)) }
            }
        }
        return Plate(code: code, name: name, kind: row["kind"]?.text ?? "", community: community, chips: chips)
    }

    private static func texts(_ value: JSONValue?) -> [String] {
        guard case .array(let list)? = value else { return [] }
        return list.compactMap(\.text)
    }
}
