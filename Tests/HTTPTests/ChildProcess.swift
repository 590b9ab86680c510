import CPosix
import EventLoop
import Glibc
import TestKit

/// Another program that runs while a test does.
final class ChildProcess: Sendable {
    private let pid: pid_t
    private let output: CInt

    /// Whether `program` is on the search path.
    static func isInstalled(_ program: String) -> Bool {
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        return path.split(separator: ":").contains { access("\($0)/\(program)", X_OK) == 0 }
    }

    init(_ program: String, _ arguments: [String]) throws {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SystemError(call: "pipe") }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addclose(&actions, ends[0])
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        var pid = pid_t()
        let code = posix_spawnp(&pid, program, &actions, nil, &words, environ)
        for word in words { free(word) }
        posix_spawn_file_actions_destroy(&actions)
        close(ends[1])
        guard code == 0 else { throw SystemError(errno: code, call: "posix_spawn") }
        self.pid = pid
        output = ends[0]
        _ = fcntl(output, F_SETFL, O_NONBLOCK)
    }

    /// The first line it prints.
    func firstLine() async throws -> String {
        var line: [UInt8] = []
        while true {
            var byte: UInt8 = 0
            let count = read(output, &byte, 1)
            if count == 1, byte == 0x0A { return String(decoding: line, as: UTF8.self) }
            if count == 1 {
                line.append(byte)
            } else if count < 0, cpx_errno() == EAGAIN {
                let ready = try await EventLoop.shared.wait(output, for: .readable, until: .now + .seconds(15))
                guard !ready.isEmpty else { throw RawHTTP.Failure.timeout }
            } else {
                throw RawHTTP.Failure.cutShort
            }
        }
    }

    func end() {
        kill(pid, SIGKILL)
        var status: CInt = 0
        waitpid(pid, &status, 0)
        let output = output
        EventLoop.shared.execute {
            EventLoop.shared.forget(output)
            close(output)
        }
    }
}

/// Mutates byte strings; the same seed gives the same mutations.
struct Mutator {
    private var state: UInt64
    private let spice: [[UInt8]] = [
        "\r", "\n", "\r\n", " ", "\t", ":", ";", ",", "\u{0}", "0", "1", "a", "%", "Content-Length: 3\r\n",
        "Transfer-Encoding: chunked\r\n", "0\r\n\r\n", "\r\n\r\n", "GET /x HTTP/1.1\r\nHost: a\r\n\r\n",
    ].map { Array($0.utf8) }

    init(seed: UInt64) { state = seed }

    mutating func next(_ bound: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state % UInt64(max(bound, 1)))
    }

    mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
        var out = bytes
        for _ in 0...next(3) {
            let place = next(out.count)
            switch next(4) {
            case 0: out.insert(contentsOf: spice[next(spice.count)], at: place)
            case 1 where !out.isEmpty: out.remove(at: place)
            case 2 where !out.isEmpty: out[place] = UInt8(truncatingIfNeeded: next(256))
            default:
                let end = min(out.count, place + next(40))
                out.insert(contentsOf: out[place..<end], at: next(out.count))
            }
        }
        return out
    }
}
