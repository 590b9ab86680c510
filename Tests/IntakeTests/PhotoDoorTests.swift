import Contracts
import Foundation
import Postgres
import TestKit
import Testing

@testable import Intake

extension IntakeService {
    @Suite(.enabled(if: Pictures.workerIsBuilt && Pictures.vips != nil, "no photoworker program or no vips command"))
    struct `Photos through the door` {
        @Test(arguments: ["x.jpg", "x.png", "x.webp", "x.heic"])
        func `every kind is kept as a small JPEG without a word about its origin`(name: String) async throws {
            try await World.with { world in
                let picture = try Pictures.noise(name)
                let filed = try Filed(try await world.send(.form(Form(["plate": World.plate]).with(photos: picture))))
                let kept = try #require(try await world.pool.query("SELECT jpeg FROM photo", as: [UInt8].self).first)
                #expect(kept.starts(with: [0xFF, 0xD8, 0xFF]) && kept != picture)
                #expect(try Self.metadata(kept).isEmpty)
                let page = try await world.get(filed.link)
                #expect(page.text.contains("/p/"))
                #expect(try await world.rows() == [1, 1, 1, 0])
            }
        }

        @Test func `a photo with a place and an orientation is kept upright and without the place`() async throws {
            try await World.with { world in
                let picture = Pictures.withEXIF(try Pictures.noise("x.jpg"), orientation: 6)
                _ = try Filed(try await world.send(.form(Form(["plate": World.plate]).with(photos: picture))))
                let kept = try await world.pool.query("SELECT width, height, jpeg FROM photo") { row in
                    (try row["width"] as Int32, try row["height"] as Int32, try row["jpeg"] as [UInt8])
                }
                let photo = try #require(kept.first)
                #expect(photo.0 == 480 && photo.1 == 640)
                #expect(try Self.metadata(photo.2).isEmpty)
                #expect(!String(decoding: photo.2, as: Unicode.ASCII.self).contains("SecretMaker"))
            }
        }

        @Test func `three photos make one ticket, and the same form again makes none`() async throws {
            try await World.with { world in
                let small = SmallPNG.plain(40, 30)
                let request = Request.form(Form(["plate": World.plate, "key": "form-1"]).with(photos: small, small, small))
                let first = try Filed(try await world.send(request))
                let again = try await world.send(request)
                #expect(again.header("idempotency-replayed") == "true")
                #expect(try Filed(again).id == first.id)
                #expect(try await world.rows() == [1, 1, 3, 0])
            }
        }

        /// What exiftool finds besides what every JPEG has.
        private static func metadata(_ jpeg: [UInt8]) throws -> [String] {
            let tool = "/usr/bin/exiftool"
            guard FileManager.default.isExecutableFile(atPath: tool) else { return [] }
            let file = FileManager.default.temporaryDirectory.appendingPathComponent("shao-\(UUID().uuidString).jpg")
            defer { try? FileManager.default.removeItem(at: file) }
            try Data(jpeg).write(to: file)
            let process = Process()
            process.executableURL = URL(fileURLWithPath: tool)
            process.arguments = [
                "-s", "-G", "-EXIF:All", "-XMP:All", "-IPTC:All", "-GPS:All", "-ICC_Profile:All", "-MakerNotes:All", file.path,
            ]
            let output = Pipe()
            process.standardOutput = output
            try process.run()
            let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            return text.split(separator: "\n").map(String.init)
        }
    }
}
