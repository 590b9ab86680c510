import EventLoop
import Glibc

/// One running photoworker. A value: whoever holds it is the only one who talks to it.
struct PhotoWorkerProcess: Sendable {
    let pid: pid_t
    /// Our end of a socket pair that is the child's standard input and output: unlike a pipe it can be written without SIGPIPE.
    let socket: CInt
    var served = 0

    /// Starts the executable with an empty environment, no signal blocked and nothing of ours open but the socket.
    static func start(_ executable: String) throws(SystemError) -> PhotoWorkerProcess {
        var ends: [CInt] = [-1, -1]
        guard socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw SystemError(errno: errno, call: "socketpair")
        }
        let (ours, theirs) = (ends[0], ends[1])
        defer { close(theirs) }
        guard fcntl(ours, F_SETFL, O_NONBLOCK) == 0 else {
            let failure = SystemError(errno: errno, call: "fcntl")
            close(ours)
            throw failure
        }
        var pid: pid_t = 0
        let code = spawn(executable, socket: theirs, pid: &pid)
        guard code == 0 else {
            close(ours)
            throw SystemError(errno: code, call: "posix_spawn")
        }
        return PhotoWorkerProcess(pid: pid, socket: ours)
    }

    private static func spawn(_ executable: String, socket: CInt, pid: inout pid_t) -> CInt {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, socket, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, socket, STDOUT_FILENO)
        // What image libraries print is not our log.
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        // Its own process group: Ctrl-C in a terminal goes to the service, which ends its workers itself.
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
        return executable.withCString { path in
            var arguments: [UnsafeMutablePointer<CChar>?] = [UnsafeMutablePointer(mutating: path), nil]
            var environment: [UnsafeMutablePointer<CChar>?] = [nil]
            return posix_spawn(&pid, path, &actions, &attributes, &arguments, &environment)
        }
    }

    /// What came back, or how the talk ended.
    enum Outcome: Sendable {
        case frame(PhotoFrame)
        /// The process is gone or talks nonsense.
        case gone
        case late
    }

    /// What the worker says of itself once it is ready. After anything but `hello` the process must be ended.
    func hello(until deadline: ContinuousClock.Instant, on loop: EventLoop) async throws(CancellationError) -> Outcome {
        try await listen(deadline, loop)
    }

    /// Sends one photo and waits for its size, or its refusal. After anything else the process must be ended.
    func offer(
        _ photo: [UInt8], longestEdge: Int, until deadline: ContinuousClock.Instant, on loop: EventLoop
    ) async throws(CancellationError) -> Outcome {
        let head = PhotoFrame.number(longestEdge) + PhotoFrame.number(photo.count)
        for part in [head, photo] {
            if let failure = try await send(part, deadline, loop) { return failure }
        }
        return try await listen(deadline, loop)
    }

    /// Has the offered photo decoded. After anything but `photo` and `refused` the process must be ended.
    func decode(until deadline: ContinuousClock.Instant, on loop: EventLoop) async throws(CancellationError) -> Outcome {
        if let failure = try await send([1], deadline, loop) { return failure }
        return try await listen(deadline, loop)
    }

    /// Leaves the offered photo; nil when the worker goes on to the next.
    func leave(until deadline: ContinuousClock.Instant, on loop: EventLoop) async throws(CancellationError) -> Outcome? {
        try await send([0], deadline, loop)
    }

    private func listen(_ deadline: ContinuousClock.Instant, _ loop: EventLoop) async throws(CancellationError) -> Outcome {
        var bytes: [UInt8] = []
        while true {
            switch PhotoFrame.read(bytes) {
            case .whole(let frame): return .frame(frame)
            case .broken: return .gone
            case .partial: break
            }
            if let failure = try await receive(into: &bytes, deadline, loop) { return failure }
        }
    }

    private func send(
        _ bytes: [UInt8], _ deadline: ContinuousClock.Instant, _ loop: EventLoop
    ) async throws(CancellationError) -> Outcome? {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress?.advanced(by: sent), bytes.count - sent, CInt(MSG_NOSIGNAL))
            }
            if count >= 0 {
                sent += count
            } else if errno == EAGAIN {
                if try await loop.wait(socket, for: .writable, until: deadline).isEmpty { return .late }
            } else if errno != EINTR {
                return .gone
            }
        }
        return nil
    }

    private func receive(
        into answer: inout [UInt8], _ deadline: ContinuousClock.Instant, _ loop: EventLoop
    ) async throws(CancellationError) -> Outcome? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(socket, &buffer, buffer.count, 0)
        if count > 0 {
            answer.append(contentsOf: buffer.prefix(count))
        } else if count == 0 {
            return .gone
        } else if errno == EAGAIN {
            if try await loop.wait(socket, for: .readable, until: deadline).isEmpty { return .late }
        } else if errno != EINTR {
            return .gone
        }
        return nil
    }
}
