import CPosix
import EventLoop
import Glibc
import Synchronization

/// The way from one process to one server, over a port of ours: what happens to it on the way is ordered here.
final class Link: Sendable {
    /// How it goes on the way.
    struct Conditions: Sendable, Equatable {
        /// Connections are reset, new ones too.
        var isCut = false
        /// Nothing arrives on this way, and nobody is told: cables out, packets dropped, half-open connections.
        var losesUp = false, losesDown = false
        /// Every piece comes so much later, and a piece has so many bytes at most.
        var delay = Duration.zero
        var piece = 65_536
        /// Every connection is reset at this age.
        var age: Duration?

        static let fine = Conditions()
        static let cut = Conditions(isCut: true)
        static let silent = Conditions(losesUp: true, losesDown: true)
    }

    let name: String
    private let loop: EventLoop
    private let speaksKafka: Bool
    private let state = Mutex(State())

    private struct State {
        var conditions = Conditions.fine
        var listeners: [Target: UInt16] = [:]
        /// Ports of ours are never exchanged again.
        var own: Set<UInt16> = []
        var connections: [Int: Connection] = [:]
        var next = 0
        var tasks: [Task<Void, Never>] = []
        var resets = 0
        var held = 0
        var detours: [Target: Target] = [:]
    }

    private struct Connection {
        let descriptors: [CInt]
        let born = ContinuousClock.now
    }

    init(_ name: String, speaksKafka: Bool = false, on loop: EventLoop) {
        self.name = name
        self.speaksKafka = speaksKafka
        self.loop = loop
    }

    /// The port through which this target is reached; opened at the first asking.
    func port(to target: Target) -> UInt16? {
        if let known = state.withLock({ $0.listeners[target] }) { return known }
        guard let (listener, port) = try? Sockets.listen() else { return nil }
        let task = Task(executorPreference: loop) { [self] in await accept(listener, target) }
        state.withLock { state in
            state.listeners[target] = port
            state.own.insert(port)
            state.tasks.append(task)
        }
        return port
    }

    /// From now on what is meant for one goes to the other, as a load balancer decides; what is connected is reset. Nil: to itself.
    func lead(_ target: Target, to other: Target?) {
        let connected = state.withLock { state in
            state.detours[target] = other
            return Array(state.connections.keys)
        }
        for number in connected { reset(number) }
    }

    var conditions: Conditions { state.withLock { $0.conditions } }

    /// From now on. A cut resets what is connected.
    func set(_ conditions: Conditions) {
        let broken = state.withLock { state in
            state.conditions = conditions
            return conditions.isCut ? Array(state.connections.keys) : []
        }
        for number in broken { reset(number) }
    }

    /// Connections reset and pieces held back so far: whether the conditions were felt.
    var felt: (resets: Int, held: Int) { state.withLock { ($0.resets, $0.held) } }

    /// Resets everything and listens no more.
    func close() {
        set(.cut)
        let tasks = state.withLock { $0.tasks }
        for task in tasks { task.cancel() }
    }

    // MARK: Connections

    private func accept(_ listener: CInt, _ target: Target) async {
        await withDiscardingTaskGroup { connections in
            while let readiness = try? await loop.wait(listener, for: .readable), !readiness.contains(.hangup) {
                let client = cpx_accept(listener, nil, nil)
                if client < 0 { continue }
                Sockets.setNoDelay(client)
                connections.addTask(executorPreference: loop) { await self.carry(client, target) }
            }
            loop.forget(listener)
            Glibc.close(listener)
            connections.cancelAll()
        }
    }

    private func carry(_ client: CInt, _ target: Target) async {
        // A network that loses everything does not even let a connection begin; the client waits.
        while conditions.losesUp || conditions.losesDown {
            state.withLock { $0.held += 1 }
            guard (try? await loop.sleep(for: .milliseconds(20))) != nil else { break }
        }
        let server = conditions.isCut ? -1 : Sockets.connect(state.withLock { $0.detours[target] } ?? target)
        guard server >= 0 else {
            Sockets.makeAbrupt(client)
            Glibc.close(client)
            return state.withLock { $0.resets += 1 }
        }
        // The loop keeps one waiter per descriptor, so each direction has descriptors of its own.
        let back = (from: dup(server), to: dup(client))
        let descriptors = [client, server, back.from, back.to]
        let number = state.withLock { state in
            state.next += 1
            state.connections[state.next] = Connection(descriptors: descriptors)
            return state.next
        }
        await withDiscardingTaskGroup { directions in
            directions.addTask(executorPreference: loop) { await self.copy(client, server, isUp: true, number) }
            directions.addTask(executorPreference: loop) { await self.copy(back.from, back.to, isUp: false, number) }
        }
        state.withLock { $0.connections[number] = nil }
        for descriptor in descriptors {
            loop.forget(descriptor)
            Glibc.close(descriptor)
        }
    }

    private func reset(_ number: Int) {
        guard
            let connection = state.withLock({ state in
                state.resets += 1
                return state.connections.removeValue(forKey: number)
            })
        else { return }
        for descriptor in connection.descriptors { Sockets.makeAbrupt(descriptor) }
        // Reading and writing end at once; the closing that follows tells both sides with a reset.
        for descriptor in connection.descriptors { loop.forget(descriptor) }
    }

    private func isReset(_ number: Int) -> Bool { state.withLock { $0.connections[number] == nil } }

    /// One direction, until its source ends, either side fails, or the conditions break the connection.
    private func copy(_ source: CInt, _ target: CInt, isUp: Bool, _ number: Int) async {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var addresses = KafkaAddresses()
        let exchanges = speaksKafka && !isUp
        while let readiness = try? await loop.wait(source, for: .readable), !isReset(number) {
            let count = read(source, &buffer, min(buffer.count, max(1, conditions.piece)))
            if count < 0 && (cpx_errno() == EAGAIN || cpx_errno() == EINTR) && !readiness.contains(.hangup) { continue }
            if count <= 0 { break }
            guard await endure(isUp: isUp, number) else { return }
            let bytes = exchanges ? addresses.take(buffer[..<count], port: exchanged) : Array(buffer[..<count])
            guard await send(bytes, to: target, number) else { break }
        }
        guard !isReset(number) else { return }
        shutdown(source, CInt(SHUT_RDWR))
        shutdown(target, CInt(SHUT_RDWR))
    }

    /// Waits as the conditions order. False when the connection has been reset meanwhile.
    private func endure(isUp: Bool, _ number: Int) async -> Bool {
        let now = conditions
        if now.delay > .zero {
            state.withLock { $0.held += 1 }
            try? await loop.sleep(for: now.delay)
        }
        while isUp ? conditions.losesUp : conditions.losesDown {
            if isReset(number) || Task.isCancelled { return false }
            state.withLock { $0.held += 1 }
            guard (try? await loop.sleep(for: .milliseconds(20))) != nil else { return false }
        }
        if let age = conditions.age, let born = state.withLock({ $0.connections[number]?.born }), ContinuousClock.now - born > age {
            reset(number)
        }
        return !isReset(number)
    }

    private func exchanged(_ told: UInt16) -> UInt16? {
        if state.withLock({ $0.own.contains(told) }) { return nil }
        return port(to: .port(told))
    }

    private func send(_ bytes: [UInt8], to target: CInt, _ number: Int) async -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { Glibc.send(target, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            if sent > 0 {
                rest = rest.dropFirst(sent)
            } else {
                guard cpx_errno() == EAGAIN, (try? await loop.wait(target, for: .writable)) != nil, !isReset(number) else { return false }
            }
        }
        return true
    }
}
