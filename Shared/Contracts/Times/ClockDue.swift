import JSON

/// A running clock and the moment it runs out.
public struct ClockDue: Sendable, Hashable {
    public var kind: ClockKind
    public var dueAt: Timestamp
    /// The unit whose clock it is, where each called unit has its own.
    public var department: DepartmentCode?

    public init(kind: ClockKind, dueAt: Timestamp, department: DepartmentCode? = nil) {
        self.kind = kind
        self.dueAt = dueAt
        self.department = department
    }
}

/// `"clocks":{"overall":"…"},"unitClocks":{"water":{"sign":"…"}}`: those of the case, and those that each called unit has of its own.
extension JSONMembers {
    mutating func clocks() throws(JSONError) -> [ClockDue] {
        var clocks = try readIfPresent("clocks") { json throws(JSONError) in try json.clocks(of: nil) } ?? []
        clocks +=
            try readIfPresent("unitClocks") { json throws(JSONError) in
                try json.object { units throws(JSONError) in
                    var clocks: [ClockDue] = []
                    try units.forEachRemaining { code, json throws(JSONError) in
                        guard let department = DepartmentCode(code) else {
                            throw json.failure(.invalidValue, "expected \(DepartmentCode.form)")
                        }
                        clocks += try json.clocks(of: department)
                    }
                    return clocks
                }
            } ?? []
        return clocks
    }
}

extension JSONReader {
    fileprivate mutating func clocks(of department: DepartmentCode?) throws(JSONError) -> [ClockDue] {
        try object { m throws(JSONError) in
            var clocks: [ClockDue] = []
            try m.forEachRemaining { code, json throws(JSONError) in
                guard let kind = ClockKind(rawValue: code) else { throw json.failure(.invalidValue, "there is no clock of that name") }
                clocks.append(ClockDue(kind: kind, dueAt: try Timestamp(json: &json), department: department))
            }
            return clocks
        }
    }
}

extension JSONObjectWriter {
    mutating func member(clocks: [ClockDue]) {
        let ofCase = clocks.filter { $0.department == nil }
        if !ofCase.isEmpty { object("clocks") { $0.members(ofCase) } }
        var departments: [DepartmentCode] = []
        for case let department? in clocks.map(\.department) where !departments.contains(department) { departments.append(department) }
        if departments.isEmpty { return }
        object("unitClocks") { units in
            for department in departments {
                units.member(named: department.description, ClocksOfUnit(clocks: clocks.filter { $0.department == department }))
            }
        }
    }

    fileprivate mutating func members(_ clocks: [ClockDue]) { for clock in clocks { member(named: clock.kind.rawValue, clock.dueAt) } }
}

private struct ClocksOfUnit: JSONObjectEncodable {
    let clocks: [ClockDue]

    func write(members o: inout JSONObjectWriter) { o.members(clocks) }
}
