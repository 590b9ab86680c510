internal import JSON

/// When an HTTP answer means "delivered".
///
/// Many domestic systems answer 200 with `{"success":false,…}`; believing the status alone would lose tickets in silence.
public struct SuccessRule: Sendable, Hashable {
    private let path: [String]
    private let accepted: [JSONValue]

    /// Any 2xx.
    public static let status = SuccessRule(path: [], accepted: [])

    private init(path: [String], accepted: [JSONValue]) {
        self.path = path
        self.accepted = accepted
    }

    /// `status`, or a test on the answer's JSON: `$.success==true`, `$.data.code in [0,200,"OK"]`. `nil` for anything else.
    public init?(_ text: String) {
        if text == "status" {
            self = .status
            return
        }
        let halves: [Substring]
        let isList: Bool
        if let equals = text.firstRange(of: "==") {
            halves = [text[..<equals.lowerBound], text[equals.upperBound...]]
            isList = false
        } else if let word = text.firstRange(of: " in ") {
            halves = [text[..<word.lowerBound], text[word.upperBound...]]
            isList = true
        } else {
            return nil
        }
        let steps = halves[0].filter { $0 != " " }.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard steps.count > 1, steps.count <= 8, steps[0] == "$", steps.allSatisfy({ !$0.isEmpty }),
            let value = try? JSONReader.decode(JSONValue.self, from: Array(halves[1].utf8))
        else { return nil }
        switch (isList, value) {
        case (true, .array(let values)) where !values.isEmpty: self.init(path: Array(steps.dropFirst()), accepted: values)
        case (false, .string), (false, .int), (false, .bool), (false, .number): self.init(path: Array(steps.dropFirst()), accepted: [value])
        default: return nil
        }
    }

    func isMet(status: Int, body: [UInt8]) -> Bool {
        guard (200..<300).contains(status) else { return false }
        if path.isEmpty { return true }
        guard var value = Self.read(body) else { return false }
        for step in path {
            guard let next = value[step] else { return false }
            value = next
        }
        return accepted.contains(value)
    }

    /// What a receiver's answer may carry beside its JSON: a byte order mark, and words for people in an encoding of its own. Neither
    /// says that nothing was delivered.
    private static func read(_ body: [UInt8]) -> JSONValue? {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = body.starts(with: mark) ? Array(body.dropFirst(mark.count)) : body
        if let value = try? JSONReader.decode(JSONValue.self, from: text) { return value }
        let repaired = Array(String(decoding: text, as: UTF8.self).utf8)
        return repaired == text ? nil : try? JSONReader.decode(JSONValue.self, from: repaired)
    }
}
