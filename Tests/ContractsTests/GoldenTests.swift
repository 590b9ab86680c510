import Contracts
import Foundation
import JSON
import Testing

/// Each event against its golden sample and its schema. A sample changes only together with a new version.
struct GoldenTests {
    @Test(arguments: EventRegistry.all)
    func `an event reads its golden sample and writes the same bytes`(_ kind: EventKind) throws {
        let golden = try Repository.bytes(Repository.golden(kind.versionedType))
        let event = try kind.decode(golden, unknown: .refuse)
        #expect(String(decoding: event.json, as: UTF8.self) == String(decoding: golden, as: UTF8.self))
        #expect(!event.subject.isEmpty)
    }

    @Test(arguments: EventRegistry.all)
    func `what the schema requires is required, the rest may be left out`(_ kind: EventKind) throws {
        let sample = try Repository.json(Repository.golden(kind.versionedType))
        let schema = try Repository.json(Repository.schema(kind.type, kind.version))
        let required = schema["required"]?.elements.compactMap(\.text) ?? []
        #expect(!required.isEmpty)
        #expect(sample.members.map(\.name) == schema["properties"]?.members.map(\.name), "the sample has every member")
        for name in sample.members.map(\.name) {
            let bytes = sample.without(name).json
            if required.contains(name) {
                let error = #expect(throws: JSONError.self, "\(name)") { try kind.decode(bytes) }
                #expect(error?.pointer == "#/\(name)")
            } else {
                #expect(throws: Never.self, "\(name)") { _ = try kind.decode(bytes) }
            }
        }
    }

    @Test(arguments: EventRegistry.all)
    func `a newer writer's member is ignored by readers and refused by tests`(_ kind: EventKind) throws {
        let sample = try Repository.json(Repository.golden(kind.versionedType))
        let newer = sample.with("addedLater", .object([.init("deep", .int(1))])).json
        #expect(throws: JSONError.self) { try kind.decode(newer, unknown: .refuse) }
        #expect(try kind.decode(newer).json == sample.json)
    }

    @Test(arguments: EventRegistry.all)
    func `a member of another kind is refused where it stands`(_ kind: EventKind) throws {
        let sample = try Repository.json(Repository.golden(kind.versionedType))
        for member in sample.members {
            let error = #expect(throws: JSONError.self) {
                try kind.decode(sample.with(member.name, .array([.object([])])).json)
            }
            #expect(error?.pointer.hasPrefix("#/\(member.name)") == true)
        }
    }

    @Test(arguments: EventRegistry.all)
    func `the schema is closed, names itself and lists every code`(_ kind: EventKind) throws {
        let schema = try Repository.json(Repository.schema(kind.type, kind.version))
        #expect(schema["$schema"]?.text == "https://json-schema.org/draft/2020-12/schema")
        #expect(schema["$id"]?.text == CloudEvent.schema(of: kind.fullType))
        try check(schema)
    }

    @Test(arguments: Repository.shared)
    func `a shared schema is closed, names itself and lists every code`(_ name: String) throws {
        let schema = try Repository.json(Repository.schema(name, 1))
        #expect(schema["$schema"]?.text == "https://json-schema.org/draft/2020-12/schema")
        #expect(schema["$id"]?.text == "urn:shao:schema:\(name):1")
        try check(schema)
    }

    private func check(_ schema: JSONValue) throws {
        for object in Self.objects(in: schema) where object["type"]?.text == "object" {
            // A map names its members by a pattern, and says what each is.
            #expect(object["additionalProperties"] == .bool(false) || object["propertyNames"] != nil)
        }
        for object in Self.objects(in: schema) {
            guard let codes = object["enum"]?.elements.compactMap(\.text), let title = object["title"]?.text else { continue }
            #expect(CodeLists.all[title]?.map { $0.rawValue } == codes, "\(title)")
        }
    }

    static func objects(in value: JSONValue) -> [JSONValue] {
        switch value {
        case .object(let members): [value] + members.flatMap { objects(in: $0.value) }
        case .array(let elements): elements.flatMap { objects(in: $0) }
        default: []
        }
    }

    @Test func `every sample and every schema belongs to an event`() throws {
        let samples = try FileManager.default.contentsOfDirectory(
            atPath: Repository.root.appending(path: "Tests/ContractsTests/golden").path)
        #expect(Set(samples) == Set(EventRegistry.all.map { $0.versionedType + ".json" }))
        let schemas = try FileManager.default.contentsOfDirectory(
            atPath: Repository.root.appending(path: "Shared/Contracts/schemas").path)
        #expect(Set(schemas) == Set(EventRegistry.all.map(\.type) + Repository.shared))
    }

    @Test func `types are unique, found with and without prefix, and legal on every carrier`() {
        #expect(Set(EventRegistry.all.map(\.versionedType)).count == EventRegistry.all.count)
        for kind in EventRegistry.all {
            #expect(EventRegistry.kind(of: kind.versionedType)?.fullType == kind.fullType)
            #expect(EventRegistry.kind(of: kind.fullType)?.type == kind.type)
            #expect(kind.fullType.wholeMatch(of: /[a-z0-9_.]+/) != nil)
        }
        #expect(EventRegistry.kind(of: "ticket.submitted.v2") == nil)
        #expect(EventRegistry.kind(of: "") == nil)
    }

    private static let checker = Repository.root.deletingLastPathComponent().appending(path: "shared/checks/schema.mjs")
    private static let node = ["/usr/local/bin/node", "/usr/bin/node"].first { FileManager.default.isExecutableFile(atPath: $0) }
    private static let canCheck = node != nil && FileManager.default.fileExists(atPath: checker.path)

    @Test(.enabled(if: canCheck, "needs Node and ../shared/checks/schema.mjs beside the checkout"), arguments: EventRegistry.all)
    func `an independent validator agrees that the sample matches the schema`(_ kind: EventKind) throws {
        let schema = FileManager.default.temporaryDirectory.appending(path: "schema-\(kind.versionedType)-\(UUID()).json")
        try Data(try Repository.bundled(kind.type, kind.version).json).write(to: schema)
        defer { try? FileManager.default.removeItem(at: schema) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Self.node))
        process.arguments = [
            Self.checker.path, schema.path, Repository.golden(kind.versionedType).path,
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(text)")
    }
}
