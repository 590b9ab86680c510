import CPosix
import Glibc
import JSON

/// Holds many connections that do next to nothing, from many addresses of loopback, and opens each again as soon as it is closed.
///
/// A quarter each: says nothing; drips a head; drips a report's body; asks for a page and never reads it.
final class SlowClients {
    struct Plan {
        var port: UInt16
        var connections = 10_000
        var addresses = 100
        var seconds = 120.0
        var path = "/"
    }

    private let plan: Plan
    private var sockets: [CInt]
    private var opened = 0
    private var closed = 0
    /// Holds no descriptor: waiting on it is waiting for time to pass.
    private let nothing = cpx_epoll_create()
    /// Connections opened in one turn of a tenth of a second; more would be a flood, not slowness.
    private static let openedAtOnce = 300

    init(_ plan: Plan) throws {
        self.plan = plan
        sockets = [CInt](repeating: -1, count: plan.connections)
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        guard limit.rlim_max > rlim_t(plan.connections + 64) else {
            throw BenchFailure("\(limit.rlim_max) descriptors are too few for \(plan.connections) connections: raise ulimit -n")
        }
    }

    deinit {
        for socket in sockets where socket >= 0 { close(socket) }
        close(nothing)
    }

    /// - Parameter full: called once, when all connections are open.
    func run(full: () -> Void) -> Report {
        let began = now()
        var fullAt: UInt64?
        var held: [Int] = []
        var turn = 0
        while fullAt.map({ Double(now() - $0) < plan.seconds * 1e9 }) ?? (now() - began < 60_000_000_000) {
            let start = now()
            openMissing()
            // Each connection gets its drop once in ten turns.
            for place in sockets.indices where place % 10 == turn % 10 { tend(place) }
            let open = sockets.count { $0 >= 0 }
            if fullAt == nil, open == plan.connections {
                fullAt = now()
                full()
            }
            if fullAt != nil { held.append(open) }
            turn += 1
            let spent = (now() - start) / 1000
            if spent < 100_000 {
                var event = cpx_event()
                _ = cpx_epoll_wait_us(nothing, &event, 1, Int(100_000 - spent))
            }
        }
        return Report(opened: opened, closed: closed, least: held.min() ?? 0, mean: held.reduce(0, +) / max(1, held.count))
    }

    private func openMissing() {
        var left = Self.openedAtOnce
        for place in sockets.indices where sockets[place] < 0 && left > 0 {
            left -= 1
            let number = UInt32(place % plan.addresses)
            let source: UInt32 = 0x7F03_0001 + (number / 200 << 8) + number % 200
            guard let socket = try? LoopbackSocket.connect(plan.port, from: source) else { continue }
            LoopbackSocket.unblock(socket)
            sockets[place] = socket
            opened += 1
            say(place, beginning(place))
        }
    }

    private func beginning(_ place: Int) -> String {
        switch place % 4 {
        case 0: ""
        case 1: "GET \(plan.path) HTTP/1.1\r\nHost: a\r\nX-Slow: "
        case 2: "POST /v1/tickets HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{"
        default: "GET \(plan.path) HTTP/1.1\r\nHost: a\r\n\r\n"
        }
    }

    private func tend(_ place: Int) {
        guard sockets[place] >= 0 else { return }
        var byte: UInt8 = 0
        // Looks at what came without taking it, so that the answer stays unread.
        let count = recv(sockets[place], &byte, 1, CInt(MSG_PEEK))
        let isOver = count == 0 || count < 0 && errno != EAGAIN || count > 0 && place % 4 < 3
        if isOver { return drop(place) }
        if place % 4 == 1 || place % 4 == 2 { say(place, " ") }
    }

    private func say(_ place: Int, _ text: String) {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty else { return }
        if send(sockets[place], bytes, bytes.count, CInt(MSG_NOSIGNAL)) < 0, errno != EAGAIN { drop(place) }
    }

    private func drop(_ place: Int) {
        guard sockets[place] >= 0 else { return }
        close(sockets[place])
        sockets[place] = -1
        closed += 1
    }

    struct Report: JSONObjectEncodable {
        let opened, closed, least, mean: Int

        func write(members o: inout JSONObjectWriter) {
            o.member("opened", opened)
            o.member("closed", closed)
            o.member("held_least", least)
            o.member("held_mean", mean)
        }
    }
}
