import CPosix
import EventLoop
import Glibc
import Synchronization
import Testing

private final class Seen: Sendable {
    let order = Mutex<[Int]>([])
    let total = Atomic<Int>(0)
}

private actor Pinned {
    let loop: EventLoop
    var count = 0
    init(_ loop: EventLoop) { self.loop = loop }
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.serialExecutor.asUnownedSerialExecutor() }
    func add() -> Bool {
        count += 1
        return loop.isCurrent
    }
}

@Suite struct EventLoopTests {
    private let loop = EventLoop.shared

    @Test func `a task that prefers the loop runs on its thread, and a pinned actor always does`() async {
        let loop = loop
        let onLoop = await Task(executorPreference: loop) { loop.isCurrent }.value
        #expect(onLoop)
        let actor = Pinned(loop)
        for _ in 0..<100 { #expect(await actor.add()) }
        #expect(await actor.count == 100)
    }

    @Test func `sleepers wake in the order of their deadlines, and a cancelled one throws at once`() async throws {
        let loop = loop
        let seen = Seen()
        let now = ContinuousClock.now
        await withTaskGroup(of: Void.self) { group in
            for n in (1...20).reversed() {
                // On the loop, so that sleepers that are late together still write in the order in which they were woken.
                group.addTask(executorPreference: loop) {
                    try? await loop.sleep(until: now + .milliseconds(5 * n))
                    seen.order.withLock { $0.append(n) }
                }
            }
        }
        #expect(seen.order.withLock { $0 } == Array(1...20))
        let sleeper = Task { try await loop.sleep(for: .seconds(3600)) }
        sleeper.cancel()
        await #expect(throws: CancellationError.self) { try await sleeper.value }
    }

    @Test func `a waiter for a descriptor wakes when it is readable, at its deadline, or when it is forgotten`() async throws {
        let fd = cpx_eventfd()
        defer { close(fd) }
        let loop = loop
        #expect(try await loop.wait(fd, for: .readable, until: .now + .milliseconds(10)).isEmpty)
        let waiter = Task { try await loop.wait(fd, for: .readable) }
        var one: UInt64 = 1
        #expect(write(fd, &one, 8) == 8)
        #expect(try await waiter.value.contains(.readable))
        #expect(try await loop.wait(fd, for: .readable).contains(.readable), "level-triggered: still readable")
        #expect(read(fd, &one, 8) == 8)
        let forgotten = Task { try await loop.wait(fd, for: .readable) }
        let asked = Task { try await loop.wait(fd, for: .readable, until: .now + .milliseconds(20)) }
        _ = try await asked.value
        loop.forget(fd)
        _ = try await forgotten.value
    }

    @Test func `a cancelled wait throws and leaves the descriptor usable`() async throws {
        let fd = cpx_eventfd()
        defer { close(fd) }
        let loop = loop
        for _ in 0..<200 {
            let waiter = Task { try await loop.wait(fd, for: .readable) }
            waiter.cancel()
            await #expect(throws: CancellationError.self) { _ = try await waiter.value }
        }
        var one: UInt64 = 1
        #expect(write(fd, &one, 8) == 8)
        #expect(try await loop.wait(fd, for: .readable).contains(.readable))
    }

    @Test func `a watched socket tells readable, timeout, hang-up and gone`() async throws {
        var pair: [CInt] = [0, 0]
        try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue), 0, &pair) == 0)
        let (mine, other) = (pair[0], pair[1])
        let loop = loop
        let seen = try await Task(executorPreference: loop) { () throws -> [Watch.Wake] in
            let watch = try loop.watch(mine)
            watch.readable = false
            var wakes = [await watch.wait(for: .readable, until: .now + .milliseconds(10))]
            _ = write(other, "x", 1)
            wakes.append(await watch.wait(for: .readable))
            watch.readable = false
            close(other)
            wakes.append(await watch.wait(for: .hangup))
            watch.close()
            wakes.append(await watch.wait(for: .readable))
            return wakes
        }.value
        #expect(seen == [.timeout, .ready, .ready, .gone])
    }

    @Test func `thousands of hops between tasks and threads lose none`() async {
        let loop = loop
        let seen = Seen()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    for _ in 0..<100 {
                        await Task(executorPreference: loop) { await Task.yield() }.value
                        seen.total.add(1, ordering: .relaxed)
                    }
                }
            }
        }
        #expect(seen.total.load(ordering: .relaxed) == 5000)
    }
}
