import Foundation
import Pages
import TestKit
import Testing

/// The texts of pages, messages and demo data, as a careful editor would write them.
@Suite struct `Chinese texts` {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardizedFileURL

    /// What residents type (a line of classifier-samples.json) stays as they type it.
    @Test func `in sources and demo data have Chinese punctuation and say 您`() throws {
        let texts = try Self.files("Shared", "swift") + Self.files("Services", "swift") + Self.files("deploy/demo", "json")
        #expect(texts.count > 200)
        for file in texts {
            let faults = try Self.faults(file)
            #expect(faults.isEmpty, "\(file.lastPathComponent): \(faults)")
        }
    }

    @Test func `the check finds what an editor would`() {
        for (wrong, count) in [("改派,理由", 1), ("提示: 好", 1), ("上报(演示)", 2), ("您好,", 1), ("你好", 1), ("为何?", 1)] {
            #expect(PageText.chineseFaults(wrong).count == count, "\(wrong)")
        }
        for right in ["改派，理由", "12:30 开会", "共 3 件（演示）", "a, b", "工单 GD-1", "您好"] { #expect(PageText.chineseFaults(right) == []) }
    }

    private static func files(_ folder: String, _ kind: String) throws -> [URL] {
        let found = FileManager.default.enumerator(at: root.appending(path: folder), includingPropertiesForKeys: nil)
        return (found?.allObjects as? [URL] ?? []).filter { $0.pathExtension == kind }
    }

    /// Line by line, without comments and interpolated values.
    private static func faults(_ file: URL) throws -> [String] {
        try [UInt8](Data(contentsOf: file)).split(separator: 0x0A).flatMap { line in
            // Lead bytes of U+4000 to U+9FFF: most lines have none, and need no closer look.
            guard line.contains(where: { (0xE4...0xE9).contains($0) }) else { return [String]() }
            let text = String(decoding: line.drop { $0 == 0x20 }, as: UTF8.self)
            return text.hasPrefix("//") || text.hasPrefix("{\"text\":") ? [] : PageText.chineseFaults(withoutValues(text))
        }
    }

    private static func withoutValues(_ line: String) -> String {
        var out = ""
        var depth = 0
        var previous: Character = " "
        for character in line {
            if depth > 0 {
                depth += character == "(" ? 1 : character == ")" ? -1 : 0
            } else if character == "(", previous == "\\" {
                depth = 1
                out.removeLast()
            } else {
                out.append(character)
            }
            previous = character
        }
        return out
    }
}

@Suite struct `Texts of pages` {
    @Test func `are texts, and Chinese pages hold no ASCII punctuation and no 你`() {
        for page in Sample.site {
            let faults = PageText.faults(page.html.markup)
            #expect(faults.isEmpty, "\(page.path): \(faults)")
        }
    }

    @Test func `hold no Chinese punctuation in English`() {
        for page in Sample.site where page.path == "en/a/overview" {
            #expect(!PageText.visible(page.html.markup).contains("（"), "\(page.path)")
        }
    }
}

/// The compiler refuses what would show a program's value where a text is meant.
@Suite(.enabled(if: ServiceProcess.isBuilt("Modules"), "the modules are not beside the products"))
struct `Markup in a text` {
    @Test(arguments: [
        ("let text = \"a \\(markup)\"", false), ("let text = \"a \\([markup])\"", false), ("let text = \"a \\(words)\"", false),
        ("let text: HTML = \"a \\(markup)\"", true), ("let text = \"a \\(words(.chinese))\"", true),
    ]) func `does not compile`(line: String, compiles: Bool) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "shao-compile-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "main.swift")
        let source = "import Pages\nlet markup: HTML = \"<b>x</b>\"\nlet words = Text(\"字\", \"words\")\n\(line)\nprint(text)\n"
        try Data(source.utf8).write(to: file)
        let result = try await Browser.run(
            "/usr/bin/env", ["swiftc", "-typecheck", "-I", ServiceProcess.products.appending(path: "Modules").path(), file.path()],
            output: folder)
        #expect((result.status == 0) == compiles, "\(result.output)")
        if !compiles { #expect(result.output.contains("not marked with 'try'"), "\(result.output)") }
    }
}
