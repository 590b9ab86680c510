import Contracts
import Foundation
import JSON
import TestKit

@testable import Routing

/// The demo city in a folder of its own, with rows of its lists as a test wants them.
struct ChangedCity {
    private static let lists = [
        "areas.json": "areas", "grids.json": "grids", "departments.json": "departments", "plates.json": "plates",
        "categories.json": "categories", "catalogue.json": "rows",
    ]

    /// - Parameter change: what becomes of a row of a list; without an answer the row is left out.
    static func with(
        _ change: (_ list: String, _ row: JSONValue) -> JSONValue?, _ body: (_ folder: String) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "shao-city-\(UUID().uuidString)")
        try FileManager.default.copyItem(at: URL(filePath: TestDesk.folder), to: folder)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, list) in lists {
            let file = folder.appending(path: name)
            let value = try JSONReader.decode(JSONValue.self, from: Array(Data(contentsOf: file)))
            guard case .object(let members) = value else { continue }
            let changed = members.map { member -> JSONValue.Member in
                guard member.name == list, case .array(let rows) = member.value else { return member }
                return .init(list, .array(rows.compactMap { change(list, $0) }))
            }
            try Data(JSONValue.object(changed).json).write(to: file)
        }
        try await body(folder.path)
    }

    /// These departments share their topics.
    static func sharing(_ codes: Set<String>, _ body: (_ folder: String) async throws -> Void) async throws {
        try await with(
            { list, row in
                guard list == "departments", let code = row["code"]?.text, codes.contains(code), case .object(let members) = row else {
                    return row
                }
                return .object(members + [.init("topic", .string("shared"))])
            }, body)
    }
}
