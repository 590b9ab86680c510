import CPosix
import Glibc
import JSON

/// Sends reports over keep-alive connections from one thread and takes the time of each answer.
///
/// Closed loop: every connection sends its next report when the last one is answered. Open loop: reports are due at random
/// moments of a given rate whether or not earlier ones have been answered, and a latency counts from the moment it was due,
/// so that a stalled service cannot hide the reports that nobody could send meanwhile.
final class Load {
    struct Plan {
        var port: UInt16 = 8101
        var connections = 64
        var seconds = 3.0
        /// Reports a second; nil: closed loop.
        var rate: Double?
        /// Keep which ticket was accepted when.
        var keepsTickets = false
        /// As residents do: what is not accepted is sent again with the same key until it is, and a connection that breaks is
        /// opened again. So many reports at least, however long they take.
        var insistsOn: Int?
        /// And more of them until this file is there.
        var untilFile: String?
    }

    private final class Connection {
        var socket: CInt
        var isBusy = false
        /// When its report was due.
        var since: UInt64 = 0
        /// What the kernel did not take yet.
        var unsent: ArraySlice<UInt8> = []
        /// A response that came in pieces.
        var partial: [UInt8] = []
        /// Where there may be a second time.
        var request: [UInt8] = []
        var key: ArraySlice<UInt8> = []
        init(socket: CInt) { self.socket = socket }
    }

    private let plan: Plan
    private var reports: Reports
    private let epoll: CInt
    private var connections: [Connection] = []
    private var idle: [Int] = []
    private var outstanding = 0
    private var latencies = Latencies(capacity: 1 << 20)
    private var statuses: [Int: Int] = [:]
    private(set) var accepted: [(ticket: TicketKey, at: UInt64)] = []
    /// Where reports are insisted on: each one's key and the ticket it became.
    private(set) var journal: [(key: ArraySlice<UInt8>, ticket: TicketKey)] = []
    private var failures: [(at: Int64, status: Int)] = []
    private var begun = 0
    private var again: [(due: UInt64, number: Int)] = []
    private var buffer = [UInt8](repeating: 0, count: 65_536)
    private var random = Randomness(seed: 42)

    init(_ plan: Plan, _ reports: Reports) throws {
        self.plan = plan
        self.reports = reports
        epoll = cpx_epoll_create()
        for number in 0..<plan.connections {
            let connection = Connection(socket: try LoopbackSocket.connect(plan.port))
            connections.append(connection)
            idle.append(number)
            watch(number)
        }
    }

    private func watch(_ number: Int) {
        let socket = connections[number].socket
        LoopbackSocket.unblock(socket)
        _ = cpx_epoll_ctl(epoll, 1, socket, CPX_IN | CPX_OUT | CPX_RDHUP | CPX_EDGE, UInt64(number))
    }

    deinit {
        for connection in connections { close(connection.socket) }
        close(epoll)
    }

    /// Runs the plan; answers that are still missing when it is over are waited for, for ten seconds.
    func run() throws -> Outcome {
        let began = now()
        let cpu = Self.cpuSeconds()
        let end = plan.insistsOn == nil ? began + UInt64(plan.seconds * 1e9) : .max - 20_000_000_000
        var due = began
        var events = [cpx_event](repeating: cpx_event(), count: 256)
        while true {
            let moment = now()
            let isOver = moment >= end || !mayBegin
            try sendAgain(moment)
            if isOver, outstanding == 0 { break }
            if moment > end + 10_000_000_000 { throw BenchFailure("\(outstanding) reports were never answered") }
            if !isOver { try sendDue(&due, moment) }
            var next = isOver || plan.rate == nil || idle.isEmpty ? end + 10_000_000_000 : due
            if let first = again.first { next = min(next, first.due) }
            let patience = next > moment ? (next - moment) / 1000 : 0
            let count = cpx_epoll_wait_us(epoll, &events, 256, Int(min(patience, 100_000)))
            for event in events.prefix(Int(max(0, count))) { try serve(Int(event.token), event.events, until: end) }
        }
        return Outcome(
            seconds: Double(now() - began) / 1e9, statuses: statuses, failures: failures, latencies: latencies.summary(),
            cpuSeconds: Self.cpuSeconds() - cpu)
    }

    private var mayBegin: Bool {
        guard let least = plan.insistsOn else { return true }
        return begun < least || plan.untilFile.map { access($0, F_OK) != 0 } ?? false
    }

    private func sendDue(_ due: inout UInt64, _ moment: UInt64) throws {
        guard let rate = plan.rate else {
            while mayBegin, let number = idle.popLast() { try send(number, dueAt: moment) }
            return
        }
        while due <= moment, mayBegin, !idle.isEmpty {
            // In turn, so that no connection is idle for longer than the service keeps it.
            try send(idle.removeFirst(), dueAt: due)
            due += UInt64(-log(random.unit()) / rate * 1e9)
        }
    }

    private func send(_ number: Int, dueAt: UInt64) throws {
        let connection = connections[number]
        connection.isBusy = true
        connection.since = dueAt
        outstanding += 1
        begun += 1
        let insists = plan.insistsOn != nil
        let rest = reports.withNext { bytes, key -> ArraySlice<UInt8>? in
            if insists {
                connection.request = Array(bytes)
                connection.key = connection.request[key]
            }
            return Self.write(bytes, to: connection.socket)
        }
        try sent(number, rest)
    }

    /// What the kernel did not take; nil when the connection is broken.
    private static func write(_ bytes: UnsafeRawBufferPointer, to socket: CInt) -> ArraySlice<UInt8>? {
        let count = Glibc.send(socket, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL))
        if count == bytes.count { return [] }
        return count >= 0 || errno == EAGAIN ? Array(bytes[max(0, count)...])[...] : nil
    }

    private func sent(_ number: Int, _ rest: ArraySlice<UInt8>?) throws {
        if let rest { connections[number].unsent = rest } else { try broke(number, String(cString: strerror(errno))) }
    }

    // MARK: Insisting

    /// A moment later, as a person would.
    private static let pause: UInt64 = 200_000_000

    private func sendAgain(_ moment: UInt64) throws {
        while let first = again.first, first.due <= moment {
            again.removeFirst()
            let connection = connections[first.number]
            try sent(first.number, connection.request.withUnsafeBytes { Self.write($0, to: connection.socket) })
        }
    }

    /// Throws unless reports are insisted on. Status 0 stands for an answer that never came.
    private func broke(_ number: Int, _ reason: String) throws {
        guard plan.insistsOn != nil else { throw BenchFailure("a connection broke: \(reason); answers so far: \(statuses)") }
        let connection = connections[number]
        close(connection.socket)
        connection.socket = try LoopbackSocket.connect(plan.port)
        connection.partial = []
        connection.unsent = []
        watch(number)
        guard connection.isBusy else { return }
        failed(0)
        again.append((now() + Self.pause, number))
    }

    private func failed(_ status: Int) {
        statuses[status, default: 0] += 1
        failures.append((Self.milliseconds(), status))
    }

    /// Since 1970, so that it can be compared with what others did meanwhile.
    private static func milliseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    // MARK: Answers

    private func serve(_ number: Int, _ events: UInt32, until end: UInt64) throws {
        let connection = connections[number]
        if !connection.unsent.isEmpty, events & CPX_OUT != 0 {
            let count = connection.unsent.withUnsafeBytes {
                Glibc.send(connection.socket, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            if count > 0 { connection.unsent = connection.unsent.dropFirst(count) }
        }
        guard events & CPX_IN != 0 else { return }
        while true {
            let count = recv(connection.socket, &buffer, buffer.count, 0)
            if count == 0 { return try broke(number, "it was closed") }
            if count < 0 {
                if errno == EAGAIN { return }
                return try broke(number, String(cString: strerror(errno)))
            }
            try take(number, count, until: end)
            // Edge-triggered: a short read has emptied the socket.
            if count < buffer.count { return }
        }
    }

    private func take(_ number: Int, _ count: Int, until end: UInt64) throws {
        let connection = connections[number]
        let answer: Answer?
        if connection.partial.isEmpty {
            answer = buffer.withUnsafeBytes { Answer(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            if answer == nil { connection.partial = Array(buffer[..<count]) }
        } else {
            connection.partial += buffer[..<count]
            answer = connection.partial.withUnsafeBytes { Answer($0) }
            if answer != nil { connection.partial = [] }
        }
        guard let answer, connection.isBusy else { return }
        let moment = now()
        if answer.status == 201 { statuses[201, default: 0] += 1 } else { failed(answer.status) }
        if plan.insistsOn != nil {
            guard answer.status == 201, let ticket = answer.ticket else { return again.append((moment + Self.pause, number)) }
            journal.append((connection.key, ticket))
        }
        connection.isBusy = false
        outstanding -= 1
        latencies.add(nanoseconds: moment - min(moment, connection.since))
        if plan.keepsTickets, answer.status == 201, let ticket = answer.ticket { accepted.append((ticket, moment)) }
        if plan.rate == nil, mayBegin, moment < end { try send(number, dueAt: moment) } else { idle.append(number) }
    }

    private static func cpuSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// What a run of reports came to.
struct Outcome: JSONObjectEncodable {
    let seconds: Double
    let statuses: [Int: Int]
    /// What was not accepted: when, in milliseconds since 1970, and the answer's status, 0 for none.
    let failures: [(at: Int64, status: Int)]
    let latencies: Latencies.Summary
    let cpuSeconds: Double

    var accepted: Int { statuses[201] ?? 0 }

    func write(members o: inout JSONObjectWriter) {
        o.member("accepted", accepted)
        o.member("refused", statuses.values.reduce(0, +) - accepted)
        o.member("statuses", JSONValue.object(statuses.sorted { $0.key < $1.key }.map { .init("\($0.key)", .int(Int64($0.value))) }))
        o.member("failures", JSONValue.array(failures.prefix(1000).map { .array([.int($0.at), .int(Int64($0.status))]) }))
        o.member("seconds", seconds)
        o.member("per_second", Double(accepted) / max(seconds, 0.001))
        o.member("latency", latencies)
        o.member("load_cpu_us", cpuSeconds * 1e6 / Double(max(1, accepted)))
    }
}

/// Why the bench cannot go on.
struct BenchFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Nanoseconds of the monotonic clock, the same in every process of the machine.
func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
}
