import Glibc
import Simulation

/// This program again, as workers: a world that traps ends its worker and not the campaign, and no two share an allocator.
enum Processes {
    struct Failure {
        let text: String
        /// Unknown when the worker died before it could say.
        let seed: UInt64?
    }

    private struct Worker {
        let pid: pid_t
        let pipe: CInt
        var heard: [UInt8] = []
        var last = "", ended = false
    }

    /// Replaces this process by itself, with the environment as it is now.
    static func becomeSelfAgain() {
        withArguments(CommandLine.arguments) { arguments in _ = execv("/proc/self/exe", arguments) }
    }

    static func run(_ options: Options, hear: (String) -> Void) -> Failure? {
        var waiting = options.blocks[...]
        var workers: [Worker] = []
        while true {
            while workers.count < options.workers, let block = waiting.popFirst() {
                guard let worker = start(block, options.forced.list) else {
                    return Failure(text: "a worker could not be started", seed: nil)
                }
                workers.append(worker)
            }
            if workers.isEmpty { return nil }
            var polls = workers.map { pollfd(fd: $0.pipe, events: Int16(POLLIN), revents: 0) }
            _ = poll(&polls, nfds_t(polls.count), -1)
            for place in workers.indices.reversed() where polls[place].revents != 0 {
                guard read(&workers[place], hear) else { continue }
                let worker = workers.remove(at: place)
                if let failure = reap(worker) {
                    for other in workers { kill(other.pid, SIGKILL) }
                    for other in workers { waitpid(other.pid, nil, 0) }
                    return failure
                }
            }
        }
    }

    private static func start(_ block: (from: UInt64, count: UInt64), _ faults: String) -> Worker? {
        var ends: [CInt] = [0, 0]
        guard pipe(&ends) == 0 else { return nil }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_addclose(&actions, ends[0])
        posix_spawn_file_actions_addclose(&actions, ends[1])
        var pid = pid_t()
        let arguments = ["simulate", "--worker", "1", "--from", "\(block.from)", "--seeds", "\(block.count)", "--with", faults]
        let code = withArguments(arguments) { posix_spawn(&pid, "/proc/self/exe", &actions, nil, $0, environ) }
        close(ends[1])
        return code == 0 ? Worker(pid: pid, pipe: ends[0]) : nil
    }

    /// True at the end of what it says.
    private static func read(_ worker: inout Worker, _ hear: (String) -> Void) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(worker.pipe, &buffer, buffer.count)
        if count > 0 { worker.heard.append(contentsOf: buffer.prefix(count)) }
        while let end = worker.heard.firstIndex(of: UInt8(ascii: "\n")) {
            let line = String(decoding: worker.heard[..<end], as: UTF8.self)
            worker.heard.removeFirst(end + 1)
            worker.last = line.hasPrefix("count") ? worker.last : line
            if line.hasPrefix("done") { worker.ended = true }
            hear(line)
        }
        return count <= 0
    }

    private static func reap(_ worker: Worker) -> Failure? {
        close(worker.pipe)
        var status: CInt = 0
        waitpid(worker.pid, &status, 0)
        if worker.ended { return nil }
        let words = worker.last.split(separator: " ", maxSplits: 2).map(String.init)
        if words.first == "failed", words.count == 3 { return Failure(text: "seed \(words[1]): \(words[2])", seed: UInt64(words[1])) }
        return Failure(text: "a worker died (status \(status)) within 32 seeds of: \(worker.last)", seed: nil)
    }

    private static func withArguments<R>(_ arguments: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> R) -> R {
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        return pointers.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress else {
                return body(UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: 1))
            }
            return body(start)
        }
    }
}
