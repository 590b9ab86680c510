import Contracts
import FoundationEssentials
import JSON

/// The demo street as its files tell it: what can be reported where, and who is called.
struct Demo: Sendable {
    let chips: [(plate: String, category: String)]
    let departments: [DepartmentTopics]

    init(_ folder: String) throws {
        func rows(_ name: String, _ list: String) throws -> [JSONValue] {
            let text = try Environment.text("\(folder)/\(name)")
            guard case .array(let rows)? = try JSONReader.decode(JSONValue.self, from: Array(text.utf8))[list] else {
                throw Failure("\(name) holds no \(list)")
            }
            return rows
        }
        var chips: [(plate: String, category: String)] = []
        for plate in try rows("plates.json", "plates") {
            guard let code = plate["code"]?.text, case .array(let list)? = plate["chips"] else { continue }
            chips += list.compactMap { chip in chip["category"]?.text.map { (code, $0) } }
        }
        self.chips = chips
        departments = try rows("departments.json", "departments").compactMap {
            DepartmentTopics(code: $0["code"]?.text, topic: $0["topic"]?.text)
        }
        guard !chips.isEmpty, !departments.isEmpty else { throw Failure("\(folder) holds no street") }
    }

    /// name:partitions, as the embedded broker is told.
    var topics: [String] { Topics.all(departments: departments).map { "\($0.name):\($0.partitions)" } }
}

/// SplitMix64: one seed, one run of choices.
struct Chance: RandomNumberGenerator, Sendable {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
