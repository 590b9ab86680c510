import CPosix
import Glibc

/// Threads for what would stop a loop: calls that block, and engines with loops of their own. Such calls are rare and may take
/// seconds, so a pool would only let one's silence delay another's answer. Names are at most 15 bytes, as the kernel keeps them.
package enum OwnThread {
    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// The value of `body`. When the system gives no thread, the caller's is used: late is better than never.
    package static func run<Value: Sendable>(_ name: StaticString, _ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            start(name) { continuation.resume(returning: body()) }
        }
    }

    /// Runs `body` on a thread that nobody waits for; when the system gives none, here.
    package static func start(_ name: StaticString, _ body: @escaping @Sendable () -> Void) {
        guard case .success(let thread) = begin(name.description, body) else { return body() }
        pthread_detach(thread)
    }

    /// Runs all bodies at once, each on a thread of its own, and blocks until the last has ended.
    package static func all(_ name: StaticString, _ bodies: [@Sendable () -> Void]) {
        let threads = bodies.compactMap { body -> pthread_t? in
            if case .success(let thread) = begin(name.description, body) { return thread }
            body()
            return nil
        }
        for thread in threads { pthread_join(thread, nil) }
    }

    /// A thread that nobody waits for, for whoever cannot do without. Throws when the system gives none.
    package static func engine(_ name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
        pthread_detach(try begin(String(name.prefix(15)), body).get())
    }

    /// A thread that runs `body`, to be joined or detached.
    private static func begin(_ name: String, _ body: @escaping @Sendable () -> Void) -> Result<pthread_t, SystemError> {
        let work = Unmanaged.passRetained(
            Work {
                cpx_thread_name(name)
                body()
            })
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, work.toOpaque())
        if code == 0 { return .success(thread) }
        work.release()
        return .failure(SystemError(errno: code, call: "pthread_create"))
    }
}
