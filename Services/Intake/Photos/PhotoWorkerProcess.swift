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
        case photo(Photo)
        case refused(code: String, text: String)
        /// The process is gone or talks nonsense.
        case gone
        case late
    }

    /// Sends one photo and waits for the answer. After anything but `photo` and `refused` the process must be ended.
    func exchange(
        _ photo: [UInt8], longestEdge: Int, until deadline: ContinuousClock.Instant, on loop: EventLoop
    ) async throws(CancellationError) -> Outcome {
        let head = PhotoFrame.number(longestEdge) + PhotoFrame.number(photo.count)
        for part in [head, photo] {
            if let failure = try await send(part, deadline, loop) { return failure }
        }
        var answer: [UInt8] = []
        while true {
            switch PhotoFrame.answer(answer) {
            case .whole(let outcome): return outcome
            case .broken: return .gone
            case .partial: break
            }
            if let failure = try await receive(into: &answer, deadline, loop) { return failure }
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

/// The worker's answer on the wire; see the head of Tools/photoworker/main.swift.
enum PhotoFrame {
    /// A 1600-pixel JPEG has half a megabyte; more than this is a worker gone mad.
    private static let largestAnswer = 32 << 20

    enum Parse {
        case whole(PhotoWorkerProcess.Outcome)
        case partial
        case broken
    }

    static func number(_ value: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt32(clamping: value).bigEndian) { Array($0) }
    }

    static func answer(_ bytes: [UInt8]) -> Parse {
        guard let kind = bytes.first else { return .partial }
        var rest = bytes.dropFirst()
        switch kind {
        case 0:
            guard let width = number(&rest), let height = number(&rest), let count = number(&rest) else { return .partial }
            guard count <= largestAnswer, rest.count <= count else { return .broken }
            guard rest.count == count else { return .partial }
            return .whole(.photo(Photo(jpeg: Array(rest), width: width, height: height)))
        case 1:
            guard let codeCount = number(&rest), codeCount <= 100, let code = text(&rest, codeCount) else {
                return bytes.count > 200 ? .broken : .partial
            }
            guard let textCount = number(&rest) else { return .partial }
            guard textCount <= 1_000, rest.count <= textCount else { return .broken }
            guard let text = text(&rest, textCount) else { return .partial }
            return .whole(.refused(code: code, text: text))
        default: return .broken
        }
    }

    private static func number(_ rest: inout ArraySlice<UInt8>) -> Int? {
        guard rest.count >= 4 else { return nil }
        defer { rest = rest.dropFirst(4) }
        return rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    }

    private static func text(_ rest: inout ArraySlice<UInt8>, _ count: Int) -> String? {
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return String(decoding: rest.prefix(count), as: UTF8.self)
    }
}
