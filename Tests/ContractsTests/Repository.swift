import Foundation
import JSON
import Testing

/// The checkout this test was built from.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func golden(_ name: String) -> URL { root.appending(path: "Tests/ContractsTests/golden/\(name).json") }

    static func schema(_ type: String, _ version: Int) -> URL {
        root.appending(path: "Shared/Contracts/schemas/\(type)/\(version).json")
    }

    /// Schemas that others refer to by their `$id`.
    static let shared = ["actor", "case.snapshot"]

    /// A schema with those that it refers to, as one document.
    static func bundled(_ type: String, _ version: Int) throws -> JSONValue {
        let schema = try json(schema(type, version))
        let own = schema["$defs"]?.members ?? []
        let others = try shared.map { JSONValue.Member($0, try json(Self.schema($0, 1))) }
        return schema.with("$defs", .object(own + others))
    }

    /// A document without the newline at its end.
    static func bytes(_ file: URL) throws -> [UInt8] {
        var bytes = [UInt8](try Data(contentsOf: file))
        if bytes.last == 0x0A { bytes.removeLast() }
        return bytes
    }

    static func json(_ file: URL) throws -> JSONValue { try JSONReader.decode(from: try bytes(file)) }
}

extension JSONValue {
    /// The members of an object, none for anything else.
    var members: [Member] { if case .object(let members) = self { members } else { [] } }
    var elements: [JSONValue] { if case .array(let elements) = self { elements } else { [] } }

    func without(_ name: String) -> JSONValue { .object(members.filter { $0.name != name }) }
    func with(_ name: String, _ value: JSONValue) -> JSONValue { .object(without(name).members + [.init(name, value)]) }
}
