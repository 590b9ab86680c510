internal import Glibc
internal import Synchronization

/// Hashes passwords on threads of its own: 75 ms of computing on a shared pool would stop everything else there.
public final class PasswordHasher: Sendable {
    private struct State {
        var jobs: [@Sendable () -> Void] = []
        var threads = 0
    }
    private let threads: Int
    private let waiting: Int
    private let scrypt: Scrypt
    private let state = Mutex(State())

    /// - Parameters:
    ///   - threads: at most; each takes the memory of one scrypt.
    ///   - waiting: callers in the queue at most; more are told `overloaded`.
    public init(_ scrypt: Scrypt = .interactive, threads: Int = 2, waiting: Int = 32) {
        self.scrypt = scrypt
        self.threads = max(1, threads)
        self.waiting = waiting
    }

    /// The text to store for this password, with a fresh salt.
    public func hash(_ password: String) async throws(CryptoError) -> String {
        let scrypt = scrypt
        return try await run { () throws(CryptoError) in try scrypt.stored(password, salt: SystemRandom.bytes(16)) }
    }

    /// Whether the password belongs to the stored text. Throws `badFormat` when that text is none.
    public func isValid(_ password: String, for stored: String) async throws(CryptoError) -> Bool {
        try await run { () throws(CryptoError) in try Scrypt.isValid(password, for: stored) }
    }

    private func run<R: Sendable>(_ work: @escaping @Sendable () throws(CryptoError) -> R) async throws(CryptoError) -> R {
        let result = await withCheckedContinuation { (continuation: CheckedContinuation<Result<R, CryptoError>, Never>) in
            let accepted = submit {
                do throws(CryptoError) {
                    continuation.resume(returning: .success(try work()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
            if !accepted { continuation.resume(returning: .failure(CryptoError(.overloaded, "too many passwords are waiting"))) }
        }
        return try result.get()
    }

    /// A thread lives as long as there is work.
    private func submit(_ job: @escaping @Sendable () -> Void) -> Bool {
        let (accepted, mustStart) = state.withLock { state in
            guard state.jobs.count < waiting else { return (false, false) }
            state.jobs.append(job)
            let mustStart = state.threads < threads
            if mustStart { state.threads += 1 }
            return (true, mustStart)
        }
        if mustStart { startThread() }
        return accepted
    }

    private func startThread() {
        let box = Unmanaged.passRetained(self)
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<PasswordHasher>.fromOpaque(argument).takeRetainedValue().work()
                return nil
            }, box.toOpaque())
        if code == 0 {
            pthread_detach(thread)
        } else {
            // Slow here is better than never.
            box.takeUnretainedValue().work()
            box.release()
        }
    }

    private func work() {
        while true {
            let job = state.withLock { state -> (@Sendable () -> Void)? in
                if state.jobs.isEmpty {
                    state.threads -= 1
                    return nil
                }
                return state.jobs.removeFirst()
            }
            guard let job else { return }
            job()
        }
    }
}
