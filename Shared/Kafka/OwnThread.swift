import CPosix
import Glibc
import Synchronization

/// Runs calls that block (metadata, watermarks, destruction) away from the loop, each on a thread of its own.
/// Such calls are rare and may take seconds, so a pool would only let one broker's silence delay another's answer.
enum OwnThread {
    private final class Work {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }

    /// The value of `body`. When the system gives no thread, the caller's is used: late is better than never.
    static func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            start { continuation.resume(returning: body()) }
        }
    }

    /// Runs all bodies at once, each on a thread of its own, and blocks until the last has ended.
    static func all(_ bodies: [@Sendable () -> Void]) {
        for thread in bodies.compactMap(thread) { pthread_join(thread, nil) }
    }

    /// Ends a client where its destruction, which joins the library's threads, stops nobody.
    static func drop(_ last: LastReference) async {
        await run { last.drop() }
    }

    private static func start(_ body: @escaping @Sendable () -> Void) {
        if let thread = thread(body) { pthread_detach(thread) }
    }

    /// A thread that runs `body`, to be joined or detached; nil when the system gave none and `body` has run here.
    private static func thread(_ body: @escaping @Sendable () -> Void) -> pthread_t? {
        let work = Unmanaged.passRetained(Work(body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { argument in
                cpx_thread_name("kafka-call")
                guard let argument else { return nil }
                Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, work.toOpaque())
        if code == 0 { return thread }
        work.takeRetainedValue().body()
        return nil
    }
}

/// A client to be destroyed on another thread than the one that gave it up.
final class LastReference: Sendable {
    private let client: Mutex<Client?>

    init(_ client: consuming Client) { self.client = Mutex(client) }

    func drop() {
        let last = client.withLock { client in
            defer { client = nil }
            return client
        }
        withExtendedLifetime(last) {}
    }
}
