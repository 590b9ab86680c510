import EventLoop
import HTTP
import Synchronization
import Telemetry
import TestKit
import Testing

@testable import Intake

struct `Turns of clients` {
    private func queue(_ places: Int, waiting: Int = 32, each: Int = 8) -> PhotoQueue<String, Int> {
        PhotoQueue(places: places, waiting: waiting, waitingPerClient: each)
    }

    @Test func `one client leaves a worker to the others`() {
        var queue = queue(2)
        #expect(queue.enter("a") == .granted)
        #expect(queue.enter("a") == .later)
        queue.wait(1, "a", 1)
        #expect(queue.enter("b") == .granted)
        #expect(queue.leave("b") == [])
        #expect(queue.leave("a") == [1])
    }

    @Test func `a client with many photos waits for the next after one of each other`() {
        var queue = queue(1)
        #expect(queue.enter("a") == .granted)
        for (id, client) in [(1, "a"), (2, "a"), (3, "a"), (4, "b"), (5, "c"), (6, "b")] {
            #expect(queue.enter(client) == .later)
            queue.wait(UInt64(id), client, id)
        }
        var order: [Int] = []
        var current = "a"
        while let next = queue.leave(current).first {
            order.append(next)
            current = [4, 6].contains(next) ? "b" : next == 5 ? "c" : "a"
        }
        #expect(order == [1, 4, 5, 2, 6, 3])
        #expect(queue.enter("d") == .granted)
    }

    @Test func `a client's own queue is full before that of all`() {
        var queue = queue(1, waiting: 3, each: 2)
        #expect(queue.enter("z") == .granted)
        for id in 1...2 {
            #expect(queue.enter("a") == .later)
            queue.wait(UInt64(id), "a", id)
        }
        #expect(queue.enter("a") == .full(2))
        #expect(queue.enter("b") == .later)
        queue.wait(3, "b", 3)
        #expect(queue.enter("c") == .full(3))
        #expect(queue.giveUp(2) == 2 && queue.giveUp(2) == nil)
        #expect(queue.enter("c") == .later)
        #expect(queue.giveUpAll() == [1, 3])
        #expect(queue.leave("z") == [] && queue.enter("c") == .granted)
    }
}

@Suite(.enabled(if: Pictures.workerIsBuilt, "the photoworker program is not built"))
struct `The cost of pixels` {
    private struct TooDear: Error {}

    @Test func `it is asked for by the header, before any pixel is decoded`() async throws {
        let pool = PhotoWorkerPool(executable: Pictures.worker, on: .shared, log: Log("test", level: .error))
        let client = ClientBlock("192.0.2.1")
        let asked = Mutex<[Double]>([])
        // Of this picture there is a header and nothing else: decoded, it would be damaged.
        let claim = SmallPNG.make(claiming: 7_700, 7_700, pixels: [0])
        await #expect(throws: TooDear.self) {
            try await pool.shrink(claim, for: client) { cost in
                asked.withLock { $0.append(cost) }
                throw TooDear()
            }
        }
        let worker = await pool.idleProcesses
        #expect(worker.count == 1 && asked.withLock { $0 } == [59.29])
        #expect(try await pool.shrink(SmallPNG.plain(64, 48)).width == 64)
        #expect(await pool.idleProcesses == worker)
        await pool.close()
    }

    @Test func `what is refused by its header costs nothing`() async throws {
        let pool = PhotoWorkerPool(executable: Pictures.worker, on: .shared, log: Log("test", level: .error))
        for photo in [Array("no picture".utf8), SmallPNG.make(claiming: 50_000, 50_000, pixels: [0])] {
            await #expect(throws: PhotoError.self) {
                try await pool.shrink(photo, for: ClientBlock("192.0.2.1")) { _ in Issue.record("was paid for") }
            }
        }
        await pool.close()
    }
}

extension IntakeService {
    @Suite(.enabled(if: Pictures.workerIsBuilt, "the photoworker program is not built"))
    struct `Shares of photos` {
        private func report(_ photo: [UInt8], from address: String, path: String = "/v1/tickets") -> Request {
            let form = path == "/v1/tickets" ? Form(["plate": World.plate]) : Form(["text": "路灯不亮"])
            return .form(form.with(photos: photo), path: path).with("X-Forwarded-For", address)
        }

        @Test func `giant pictures use up their client's share and nobody else's`() async throws {
            try await World.with(settings: ["SHAO_PHOTO_MEGAPIXELS": "2+1/h"]) { world in
                let giant = SmallPNG.plain(1_200, 1_000)
                #expect(try await world.send(report(giant, from: "192.0.2.1")).status == 201)
                let refused = try await world.send(report(giant, from: "192.0.2.1"))
                #expect(refused.status == 429 && refused.text.contains("photo-share-used"))
                #expect(Int(refused.header("retry-after") ?? "").map { $0 > 60 } == true)
                #expect(try await world.rows() == [1, 1, 1, 0])
                #expect(try await world.send(report(giant, from: "198.51.100.7")).status == 201)
                // Of the same client, what is small still has its share.
                #expect(try await world.send(report(SmallPNG.plain(64, 48), from: "192.0.2.1")).status == 201)
            }
        }

        @Test func `the page keeps what was typed when the share is used up`() async throws {
            try await World.with(settings: ["SHAO_PHOTO_MEGAPIXELS": "1+1/h"]) { world in
                let page = try await world.send(report(SmallPNG.plain(1_000, 900), from: "192.0.2.1", path: "/q/\(World.plate)"))
                #expect(page.status == 303)
                let full = try await world.send(report(SmallPNG.plain(1_000, 900), from: "192.0.2.1", path: "/q/\(World.plate)"))
                #expect(full.status == 429 && full.header("retry-after") != nil)
                #expect(full.text.contains("现在处理的照片太多") && full.text.contains("路灯不亮"))
            }
        }

        @Test func `where workers are not confined, reports without a photo are taken`() async throws {
            try await World.with(photoWorker: try FakeWorker.make("user")) { world in
                let refused = try await world.send(report(SmallPNG.plain(40, 30), from: "192.0.2.1"))
                #expect(refused.status == 503 && refused.text.contains("photo-not-accepted-here"))
                let page = try await world.send(report(SmallPNG.plain(40, 30), from: "192.0.2.1", path: "/q/\(World.plate)"))
                #expect(page.status == 503 && page.text.contains("照片暂时无法接收") && page.text.contains("路灯不亮"))
                #expect(try await world.rows() == [0, 0, 0, 0])
                _ = try await world.file()
                #expect(try await world.rows() == [1, 1, 0, 0])
            }
        }
    }
}
