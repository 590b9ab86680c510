import EventLoop
import Foundation
import Glibc
import HTTP
import Telemetry
import Testing

@testable import Intake

private func pool(_ change: (inout PhotoWorkerPool.Limits) -> Void = { _ in }, executable: String = Pictures.worker) -> PhotoWorkerPool {
    var limits = PhotoWorkerPool.Limits()
    // Dozens of workers start at once here: how long that takes says nothing.
    limits.timeout = .seconds(120)
    change(&limits)
    return PhotoWorkerPool(executable: executable, limits: limits, on: .shared, log: Log("test", level: .error))
}

extension PhotoWorkerPool {
    /// For one client who pays whatever it costs.
    func shrink(_ photo: [UInt8], longestEdge: Int = 1600, from client: String = "192.0.2.1") async throws -> Photo {
        try await shrink(photo, longestEdge: longestEdge, for: ClientBlock(client)) { _ in }
    }
}

@Suite(.enabled(if: Pictures.workerIsBuilt, "the photoworker program is not built"))
struct `Photos that are refused` {
    @Test(arguments: [
        ("", "photo-empty"), ("This is a text that somebody called photo.jpg", "photo-not-an-image"),
        ("<svg xmlns='http://www.w3.org/2000/svg'/>", "photo-unsupported"),
        ("\u{feff}<?xml version='1.0'?><!-- a --><svg/>", "photo-unsupported"), ("<html><p>no picture</p></html>", "photo-not-an-image"),
        ("GIF89a\u{1}\0\u{1}\0", "photo-unsupported"), ("%PDF-1.7", "photo-unsupported"), ("push graphic-context", "photo-not-an-image"),
        ("BM66", "photo-unsupported"), ("\0\0\0\u{18}ftypmp42", "photo-unsupported"), ("\0\0\0\u{18}ftypavif", "photo-unsupported"),
    ])
    func `what is no photo has a code that says so`(text: String, code: String) async {
        await expect(Array(text.utf8), code)
    }

    @Test func `a PNG that claims 50 000 by 50 000 pixels is refused by its header`() async {
        await expect(SmallPNG.make(claiming: 50_000, 50_000, pixels: [UInt8](repeating: 0, count: 150_001)), "photo-too-many-pixels")
        await expect(SmallPNG.make(claiming: 1, 60_000, pixels: [UInt8](repeating: 0, count: 4_000)), "photo-too-many-pixels")
        await expect(SmallPNG.make(claiming: 10_000, 6_001, pixels: [UInt8](repeating: 0, count: 30_001)), "photo-too-many-pixels")
    }

    @Test func `a PNG with fewer pixels than it claims is refused`() async {
        await expect(SmallPNG.make(claiming: 400, 400, pixels: [UInt8](repeating: 0, count: 1_201)), "photo-damaged")
    }

    @Test func `a magic number without a picture behind it is truncated`() async {
        await expect([0xff, 0xd8, 0xff, 0xe0, 0, 16], "photo-truncated")
        await expect(Array(SmallPNG.plain(20, 20).prefix(20)), "photo-truncated")
        await expect(Array("RIFF".utf8) + [0xff, 0xff, 0, 0] + Array("WEBPVP8 ".utf8), "photo-truncated")
    }

    @Test(.enabled(if: Pictures.vips != nil, "no vips command"), arguments: ["x.jpg", "p.jpg[interlace]", "x.png", "x.webp", "x.heic"])
    func `a photo that broke off is refused wherever it broke`(name: String) async throws {
        let whole = try Pictures.noise(name)
        for share in [0.1, 0.5, 0.9, 0.99] { await expect(Array(whole.prefix(Int(Double(whole.count) * share))), "photo-truncated") }
    }

    @Test func `more bytes than the limit never reach a worker`() async {
        let pool = pool({ $0.photoBytes = 1_000 }, executable: "/nonexistent")
        await #expect { try await pool.shrink([UInt8](repeating: 0xff, count: 1_001)) } throws: { "\($0)".hasPrefix("photo-too-large") }
    }

    private func expect(_ photo: [UInt8], _ code: String, sourceLocation: SourceLocation = #_sourceLocation) async {
        let pool = pool()
        await #expect(sourceLocation: sourceLocation) {
            let small = try await pool.shrink(photo)
            Issue.record("taken: \(small.width) × \(small.height)", sourceLocation: sourceLocation)
        } throws: { error in
            if let error = error as? PhotoError, error.code.description == code { return true }
            Issue.record("\(error), not \(code)", sourceLocation: sourceLocation)
            return true
        }
        await pool.close()
    }
}

@Suite(.enabled(if: Pictures.workerIsBuilt && Pictures.vips != nil, "no photoworker program or no vips command"))
struct `Photos that are taken` {
    @Test(arguments: ["x.jpg", "p.jpg[interlace]", "x.png", "i.png[interlace]", "x.webp", "x.heic"])
    func `every kind comes out as a JPEG within the edge asked for`(name: String) async throws {
        let pool = pool()
        let small = try await pool.shrink(try Pictures.noise(name), longestEdge: 320)
        #expect(small.width == 320 && small.height == 240)
        #expect(small.jpeg.starts(with: [0xff, 0xd8, 0xff]) && small.jpeg.suffix(2) == [0xff, 0xd9])
        await pool.close()
    }

    @Test func `a small photo is not enlarged`() async throws {
        let pool = pool()
        let small = try await pool.shrink(SmallPNG.plain(30, 20))
        #expect(small.width == 30 && small.height == 20)
        await pool.close()
    }

    @Test func `a photo taken upright stands upright, and its metadata is gone`() async throws {
        let pool = pool()
        let photo = Pictures.withEXIF(try Pictures.noise("x.jpg"), orientation: 6)
        let small = try await pool.shrink(photo)
        #expect(small.width == 480 && small.height == 640)
        #expect(contains(photo, "SecretMaker"))
        for word in ["SecretMaker", "Exif", "ICC_PROFILE", "http://ns.adobe.com"] { #expect(!contains(small.jpeg, word)) }
        await pool.close()
    }

    @Test func `what is transparent becomes white`() async throws {
        let pool = pool()
        let small = try await pool.shrink(try Pictures.transparent())
        #expect(try Pictures.pixel(small.jpeg, 5, 5).allSatisfy { $0 > 250 })
        await pool.close()
    }

    @Test func `of a picture that moves the first frame is kept`() async throws {
        let pool = pool()
        let small = try await pool.shrink(try Pictures.noise("a.webp[page_height=240]"))
        #expect(small.width == 640 && small.height == 240)
        await pool.close()
    }

    @Test(arguments: ["<script>alert(1)</script>", "PK\u{3}\u{4}", "%PDF-1.7", "<?php echo 1; ?>"])
    func `a photo that is something else as well is only a photo afterwards`(other: String) async throws {
        let pool = pool()
        for photo in [try Pictures.noise("x.jpg"), try Pictures.noise("x.png")] {
            let small = try await pool.shrink(photo + Array(other.utf8))
            #expect(!contains(small.jpeg, other))
        }
        await pool.close()
    }

    private func contains(_ bytes: [UInt8], _ word: String) -> Bool {
        bytes.indices.contains { bytes[$0...].starts(with: word.utf8) }
    }
}

@Suite(.enabled(if: Pictures.workerIsBuilt, "the photoworker program is not built"))
struct `Workers` {
    let photo = SmallPNG.plain(64, 48)

    @Test func `a refused photo does not cost the worker`() async throws {
        let pool = pool { $0.workers = 1 }
        _ = try await pool.shrink(photo)
        let before = await pool.idleProcesses
        _ = try? await pool.shrink(SmallPNG.make(claiming: 50_000, 50_000, pixels: []))
        _ = try await pool.shrink(photo)
        #expect(await pool.idleProcesses == before)
        await pool.close()
    }

    @Test func `a worker is replaced after its share of photos`() async throws {
        let pool = pool {
            $0.workers = 1
            $0.photosPerWorker = 2
        }
        _ = try await pool.shrink(photo)
        let first = await pool.idleProcesses
        _ = try await pool.shrink(photo)
        #expect(await pool.idleProcesses.isEmpty)
        _ = try await pool.shrink(photo)
        #expect(await pool.idleProcesses != first)
        await pool.close()
    }

    @Test func `a worker killed while idle costs nobody a photo`() async throws {
        let pool = pool { $0.workers = 1 }
        _ = try await pool.shrink(photo)
        let first = await pool.idleProcesses
        for pid in first { kill(pid, SIGKILL) }
        _ = try await pool.shrink(photo)
        #expect(await pool.idleProcesses != first)
        await pool.close()
    }

    @Test func `many photos at once share two workers`() async throws {
        let pool = pool()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for client in 0..<20 { group.addTask { try await pool.shrink(photo, from: "192.0.2.\(client)").width } }
            for try await width in group { #expect(width == 64) }
        }
        #expect(await pool.idleProcesses.count == 2)
        await pool.close()
    }

    @Test func `a worker that never answers is ended after the time-out`() async throws {
        let pool = pool({ $0.timeout = .seconds(1) }, executable: try FakeWorker.make())
        await #expect { try await pool.shrink(photo) } throws: { ($0 as? PhotoError)?.code == .tooSlow }
        #expect(await pool.idleProcesses.isEmpty)
        await pool.close()
    }

    @Test func `a program that is not there is our fault and temporary`() async {
        let pool = pool(executable: "/nonexistent/photoworker")
        await #expect { try await pool.shrink(photo) } throws: { ($0 as? PhotoError)?.isTemporary == true }
        await pool.close()
    }

    @Test func `a program that is no photo worker is not believed, and that is our fault`() async {
        // `yes` answers with letters; the last one never says anything.
        for program in ["/bin/true", "/usr/bin/yes", "/usr/bin/wc"] {
            let pool = pool({ $0.timeout = .milliseconds(500) }, executable: program)
            await #expect { try await pool.shrink([9, 9, 9]) } throws: { ($0 as? PhotoError)?.code == .workerUnavailable }
            #expect(await pool.idleProcesses.isEmpty)
            await pool.close()
        }
    }

    @Test func `a worker that dies over a photo or talks nonsense about it is not believed`() async throws {
        for end in ["exit 1", "printf '\\377\\377'; cat >/dev/null"] {
            let pool = pool(executable: try FakeWorker.make(then: "head -c 1 >/dev/null; \(end)"))
            await #expect { try await pool.shrink([9, 9, 9]) } throws: { ($0 as? PhotoError)?.code == .crashesWorker }
            await pool.close()
        }
    }

    @Test func `callers beyond the queue are told to come back, and cancelled ones leave it`() async throws {
        let pool = pool(
            {
                $0.workers = 1
                $0.waiting = 1
            }, executable: try FakeWorker.make())
        await withTaskGroup(of: (any Error)?.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    do {
                        _ = try await pool.shrink(photo)
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            let first = await group.next() ?? nil
            #expect((first as? PhotoError)?.code == .busy)
            group.cancelAll()
            for await error in group { #expect(error is CancellationError) }
        }
        #expect(await pool.idleProcesses.isEmpty)
        await pool.close()
    }
}
