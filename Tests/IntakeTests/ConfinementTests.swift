import EventLoop
import Foundation
import Telemetry
import Testing

@testable import Intake

@Suite(.enabled(if: Pictures.workerIsBuilt, "the photoworker program is not built"))
struct `A confined photo worker` {
    @Test func `whatever it tries succeeds before its confinement and fails after it`() throws {
        let report = try Self.attempts()
        let all = try #require(Int(report.values("attempts").first ?? ""))
        #expect(all == 20)
        #expect(report.values("before").count == all, "\(report.text)")
        #expect(report.values("after") == [])
        #expect(PhotoPosture(report.values("posture").first ?? "").missing == [])
    }

    @Test func `no system call beyond the two dozen of decoding is made for it`() throws {
        let report = try Self.attempts()
        #expect(report.values("calls beyond") == ["0"])
        let allowed = try #require(Int(report.values("calls allowed").first ?? ""))
        #expect((15...24).contains(allowed))
    }

    @Test func `it says so before it gets a photo`() async throws {
        let metrics = MetricsRegistry()
        let log = CollectedLog()
        let pool = PhotoWorkerPool(
            executable: Pictures.worker, on: .shared, log: Log("test", level: .info, sink: log), metrics: metrics)
        #expect(pool.status.summary == nil)
        await pool.prepare()
        #expect(pool.status.summary?.hasPrefix("confined: ") == true && pool.status.remark == nil)
        #expect(String(decoding: metrics.render(), as: UTF8.self).contains("shao_photo_confined 1"))
        #expect(log.text.contains("photo workers are confined"))
        #expect(await pool.idleProcesses.count == 1)
        await pool.close()
    }

    @Test(arguments: ["user", "no-new-privileges", "calls", "files", "network", "processes", "landlock empty-root", ""])
    func `a worker that lacks one thing gets no photo`(lacking: String) async throws {
        let words = FakeWorker.confined.split(separator: " ").filter { lacking.isEmpty || !lacking.split(separator: " ").contains($0) }
        let posture = lacking.isEmpty ? "" : words.joined(separator: " ")
        let log = CollectedLog()
        let pool = PhotoWorkerPool(executable: try FakeWorker.make(posture), on: .shared, log: Log("test", sink: log))
        await #expect { try await pool.shrink([9, 9, 9]) } throws: { ($0 as? PhotoError)?.code == .unconfined }
        #expect(pool.status.remark?.hasPrefix("refused: ") == true)
        #expect(log.text.contains("photos are refused"))
        await pool.close()
    }

    @Test func `one wall against files is enough`() {
        for wall in ["landlock", "empty-root"] {
            #expect(PhotoPosture("user no-new-privileges calls files network processes \(wall)").missing == [])
        }
    }

    @Test func `with the best that the kernel can do, photos are taken and the lack is said`() async throws {
        let picture = SmallPNG.plain(40, 30)
        let script =
            "exec 3<&0; head -c \(8 + picture.count) <&3 >/dev/null; printf '\\003\\0\\0\\0\\050\\0\\0\\0\\036'; head -c 1 <&3 >/dev/null;"
            + " printf '\\000\\0\\0\\0\\050\\0\\0\\0\\036\\0\\0\\0\\001x'; cat <&3 >/dev/null"
        var limits = PhotoWorkerPool.Limits()
        limits.timeout = .seconds(120)
        let pool = PhotoWorkerPool(
            executable: try FakeWorker.make("user", then: script), confinement: .bestEffort, limits: limits, on: .shared,
            log: Log("test", level: .error))
        #expect(try await pool.shrink(picture) == Photo(jpeg: Array("x".utf8), width: 40, height: 30))
        #expect(pool.status.remark == "workers run without: no-new-privileges, calls, files, network, processes, landlock or empty-root")
        await pool.close()
    }

    /// What `photoworker attempts` prints.
    private struct Report {
        let text: String
        func values(_ name: String) -> [String] {
            text.split(separator: "\n").filter { $0.hasPrefix("\(name): ") }.map { String($0.dropFirst(name.count + 2)) }
        }
    }

    private static func attempts() throws -> Report {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Pictures.worker)
        process.arguments = ["attempts"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return Report(text: text)
    }
}
