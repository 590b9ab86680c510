import CPosix
import Glibc
import JSON

/// Starts a service again and again: how long from exec to the first 200 of `/readyz`, and what it weighs when it idles.
struct Launch {
    let port: UInt16
    let command: [String]
    let times: Int
    /// Holds no descriptor: waiting on it is waiting for time to pass.
    private let nothing = cpx_epoll_create()

    init(port: UInt16, command: [String], times: Int) {
        self.port = port
        self.command = command
        self.times = times
    }

    func run() throws -> Report {
        var ready: [Double] = []
        var resident: [Int] = []
        for turn in 0..<times {
            let began = now()
            let pid = try start()
            defer { _ = kill(pid, SIGKILL) }
            while !isReady() {
                guard now() - began < 20_000_000_000, waitpid(pid, nil, WNOHANG) == 0 else {
                    throw BenchFailure("\(command.first ?? "") did not become ready")
                }
                pause(microseconds: 500)
            }
            ready.append(Double(now() - began) / 1e6)
            // Weighed once, and after what a start still does has been done.
            if turn == times - 1 {
                pause(microseconds: 3_000_000)
                resident.append(Self.residentKiB(pid))
            }
            _ = kill(pid, SIGTERM)
            var status: CInt = 0
            _ = waitpid(pid, &status, 0)
        }
        return Report(ready: ready.sorted(), residentKiB: resident.first ?? 0)
    }

    struct Report: JSONObjectEncodable {
        let ready: [Double]
        let residentKiB: Int

        func write(members o: inout JSONObjectWriter) {
            o.member("ready_ms", ready.isEmpty ? 0 : ready[ready.count / 2])
            o.member("ready_ms_each", ready)
            o.member("idle_rss_mib", Double(residentKiB) / 1024)
        }
    }

    private func start() throws -> pid_t {
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, 2, 1)
        var pid = pid_t()
        let code = posix_spawn(&pid, command.first ?? "", &actions, nil, arguments, environ)
        guard code == 0 else { throw BenchFailure("\(command.first ?? ""): \(String(cString: strerror(code)))") }
        return pid
    }

    private func isReady() -> Bool {
        guard let socket = try? LoopbackSocket.connect(port) else { return false }
        defer { close(socket) }
        let request = Array("GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".utf8)
        _ = send(socket, request, request.count, CInt(MSG_NOSIGNAL))
        var answer = [UInt8](repeating: 0, count: 64)
        let count = recv(socket, &answer, answer.count, 0)
        return count >= 12 && answer[9..<12].elementsEqual("200".utf8)
    }

    private func pause(microseconds: Int) {
        var none = cpx_event()
        _ = cpx_epoll_wait_us(nothing, &none, 1, microseconds)
    }

    private static func residentKiB(_ pid: pid_t) -> Int {
        guard let file = fopen("/proc/\(pid)/status", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, 256, file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if text.hasPrefix("VmRSS:") { return Int(text.filter(\.isNumber)) ?? 0 }
        }
        return 0
    }
}

/// TCP to this machine.
enum LoopbackSocket {
    /// - Parameter source: an address of 127/8 to call from; nil for the kernel's choice.
    static func connect(_ port: UInt16, from source: UInt32? = nil) throws -> CInt {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if let source { bindTo(source, descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else {
            close(descriptor)
            throw BenchFailure("nothing listens on port \(port)")
        }
        var one: CInt = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<CInt>.size))
        return descriptor
    }

    private static func bindTo(_ source: UInt32, _ descriptor: CInt) {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = source.bigEndian
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    static func unblock(_ descriptor: CInt) { _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) }
}
