import FoundationEssentials

/// What the command line asks for.
struct BrokerOptions {
    var port: UInt16 = 29092
    var brokers = 1
    var addressFile: String?
    var topics: [(name: String, partitions: Int)] = []
    var wantsHelp = false

    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    init(_ arguments: ArraySlice<String>) throws {
        var rest = arguments
        func value(_ option: String) throws -> String {
            guard let value = rest.popFirst() else { throw Refusal(description: "\(option) needs a value") }
            return value
        }
        while let argument = rest.popFirst() {
            switch argument {
            case "--help", "-h": wantsHelp = true
            case "--port": port = try Self.number(value(argument), argument)
            case "--brokers": brokers = try Self.number(value(argument), argument)
            case "--address-file": addressFile = try value(argument)
            case "--topics-file": topics += try Self.topics(inFile: value(argument))
            default: topics.append(try Self.topic(argument))
            }
        }
    }

    private static func number<N: FixedWidthInteger>(_ text: String, _ option: String) throws -> N {
        guard let number = N(text) else { throw Refusal(description: "\(option): \"\(text)\" is not a fitting number") }
        return number
    }

    private static func topics(inFile path: String) throws -> [(name: String, partitions: Int)] {
        let text = try String(decoding: Data(contentsOf: URL(filePath: path)), as: UTF8.self)
        return try text.split(whereSeparator: \.isNewline).map { $0.trimmingPrefix { $0.isWhitespace } }
            .filter { !$0.isEmpty && !$0.hasPrefix("#") }
            .map { try topic(String($0)) }
    }

    private static func topic(_ text: String) throws -> (name: String, partitions: Int) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, let partitions = Int(parts[1].filter { !$0.isWhitespace }), partitions > 0 else {
            throw Refusal(description: "\"\(text)\" is not name:partitions")
        }
        return (String(parts[0]), partitions)
    }
}
