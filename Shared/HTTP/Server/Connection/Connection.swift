import EventLoop
import Glibc

/// Why a connection serves no further request.
enum ConnectionEnd: Error {
    /// The server will not go on with what it was sent.
    case refused(Refusal)
    /// The other side is gone, or the server cut it off.
    case lost
    /// The other side stopped reading.
    case stalled
}

/// One accepted socket and the task that serves it, from the first request to the last. The loop's thread only.
final class Connection {
    /// Bodies up to this are copied behind the head and sent with it in one call; larger ones go as pieces (`writev`).
    static let joinLimit = 4096

    enum Phase {
        /// Between requests: may be closed at any time.
        case idle
        case reading
        /// A handler runs or a response is written: a hang-up cancels the task.
        case handling
        /// As `handling`; ends when the server drains.
        case events
        case closing
    }

    enum Fill { case bytes, end, timeout, gone }

    let server: HTTPServer
    let watch: Watch
    let peer: String
    var task: Task<Void, Never>?
    var phase = Phase.reading
    var isReadingBody = false
    /// Counts exchanges, so that a late hang-up does not cancel the next one.
    var number = 0

    /// Bytes that arrived and were not used: `inbox[cursor...]`.
    private var inbox: [UInt8] = []
    private var cursor = 0
    private var readsWithoutWait = 0
    private var isSending = false
    /// What a ping could not send whole; goes before everything else.
    private var owed: [UInt8] = []
    private var lastSent = ContinuousClock.now

    init(server: HTTPServer, watch: Watch, peer: String) {
        self.server = server
        self.watch = watch
        self.peer = peer
        watch.onHangup = { [unowned self] in hangUp() }
    }

    func run() async {
        do throws(ConnectionEnd) {
            while let head = try await readHead() {
                guard try await exchange(head) else { break }
            }
        } catch {
            switch error {
            case .refused(let refusal): await refuse(refusal)
            case .stalled: if watch.fd >= 0 { Socket.resetOnClose(watch.fd) }
            case .lost: break
            }
        }
        server.ended(self)
    }

    // MARK: reading

    private func readHead() async throws(ConnectionEnd) -> RequestHead? {
        let deadlines = server.configuration.deadlines
        phase = number == 0 ? .reading : .idle
        var deadline = ContinuousClock.now + (number == 0 ? deadlines.head : deadlines.idle)
        var parser = HeadParser()
        forgetUsed(keepingCapacity: false)
        while true {
            if cursor < inbox.count {
                do throws(Refusal) {
                    if let (head, length) = try parser.advance(inbox, from: cursor) {
                        cursor += length
                        return head
                    }
                } catch { throw .refused(error) }
                if phase == .idle, parser.hasBegun {
                    phase = .reading
                    deadline = .now + deadlines.head
                }
            }
            switch await fill(until: deadline) {
            case .bytes: continue
            case .end: return nil
            case .timeout:
                if parser.hasBegun { throw .refused(.headTimeout) }
                return nil
            case .gone: throw .lost
            }
        }
    }

    /// Hands the unused bytes to `body`, which moves the position past what it used.
    func take<R>(_ body: ([UInt8], inout Int) throws(Refusal) -> R) throws(ConnectionEnd) -> R {
        do throws(Refusal) {
            let result = try body(inbox, &cursor)
            forgetUsed(keepingCapacity: true)
            return result
        } catch { throw .refused(error) }
    }

    private func forgetUsed(keepingCapacity: Bool) {
        if cursor == inbox.count {
            if keepingCapacity { inbox.removeAll(keepingCapacity: true) } else { inbox = [] }
        } else if cursor > 0 {
            inbox.removeFirst(cursor)
        }
        cursor = 0
    }

    /// Appends what the socket has to the inbox, waiting for it until `deadline`.
    func fill(until deadline: ContinuousClock.Instant) async -> Fill {
        // One connection at full speed would never suspend and keep all others waiting.
        if readsWithoutWait >= 4 {
            readsWithoutWait = 0
            await Task.yield()
        }
        while true {
            guard watch.fd >= 0 else { return .gone }
            guard watch.readable else {
                readsWithoutWait = 0
                switch await watch.wait(for: .readable, until: deadline) {
                case .ready: continue
                case .timeout: return .timeout
                case .gone: return .gone
                }
            }
            switch Socket.receive(watch.fd, into: server.readBuffer) {
            case .count(0): return .end
            case .count(let count):
                readsWithoutWait += 1
                // A short read means empty, unless the end is behind it.
                if count < server.readBuffer.count, !watch.hungUp { watch.readable = false }
                inbox.append(contentsOf: server.readBuffer.prefix(count))
                return .bytes
            case .wouldBlock: watch.readable = false
            case .failed: return .gone
            }
        }
    }

    // MARK: writing

    /// Sends all of it, waiting for the reader no longer than its budget.
    func send(_ first: [UInt8], _ second: [UInt8] = [], _ third: [UInt8] = []) async throws(ConnectionEnd) {
        let first = owed.isEmpty ? first : owed + first
        owed = []
        let total = first.count + second.count + third.count
        var sent = 0
        var waited = Duration.zero
        isSending = true
        defer { isSending = false }
        while sent < total {
            guard watch.fd >= 0 else { throw .lost }
            guard watch.writable else {
                waited += try await waitForReader(bytes: sent, waited: waited)
                continue
            }
            switch Socket.send(watch.fd, first, second, third, skipping: sent) {
            case .count(let count): sent += count
            case .wouldBlock: watch.writable = false
            case .failed: throw .lost
            }
        }
        if phase == .events { lastSent = .now }
    }

    private func waitForReader(bytes: Int, waited: Duration) async throws(ConnectionEnd) -> Duration {
        let deadlines = server.configuration.deadlines
        let began = ContinuousClock.now
        switch await watch.wait(for: .writable, until: began + deadlines.budget(deadlines.write, bytes: bytes, waited: waited)) {
        case .ready: return .now - began
        case .timeout: throw .stalled
        case .gone: throw .lost
        }
    }

    /// Says a comment on a quiet event stream; resets it when the client has not read for too long.
    func ping(_ now: ContinuousClock.Instant) {
        let deadlines = server.configuration.deadlines
        guard phase == .events, !isSending, watch.fd >= 0, now - lastSent >= deadlines.ping else { return }
        guard watch.writable, owed.isEmpty else {
            if now - lastSent < deadlines.ping + deadlines.write { return }
            Socket.resetOnClose(watch.fd)
            task?.cancel()
            watch.close()
            return
        }
        let size = String(EventStream.ping.count, radix: 16)
        let bytes = Array("\(size)\r\n".utf8) + EventStream.ping + Array("\r\n".utf8)
        switch Socket.send(watch.fd, bytes, [], [], skipping: 0) {
        case .count(let count):
            owed = Array(bytes.dropFirst(count))
            if owed.isEmpty { lastSent = now }
        case .wouldBlock: watch.writable = false
        case .failed: task?.cancel()
        }
    }

    /// Ends our half, then reads and drops until the client has closed: closing with unread bytes would reset the
    /// connection, and the client would lose the answer.
    func linger() async {
        phase = .closing
        guard watch.fd >= 0 else { return }
        Socket.endSending(watch.fd)
        let deadline = ContinuousClock.now + server.configuration.deadlines.linger
        while ContinuousClock.now < deadline {
            inbox.removeAll(keepingCapacity: true)
            guard await fill(until: deadline) == .bytes else { break }
        }
        inbox = []
        cursor = 0
    }

    // MARK: hang-up

    private func hangUp() {
        guard phase == .handling || phase == .events, !isReadingBody else { return }
        task?.cancel()
    }

    /// For a client that closed its half before its answer was begun: whoever answers at once still answers.
    func cancelIfGone() {
        guard watch.hungUp else { return }
        let number = number
        nonisolated(unsafe) let connection = self
        server.loop.execute {
            if connection.number == number { connection.hangUp() }
        }
    }
}
