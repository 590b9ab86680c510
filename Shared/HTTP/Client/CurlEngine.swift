internal import CCurl
internal import EventLoop
internal import Glibc
internal import Synchronization

/// One libcurl multi handle and the thread that alone touches it. Others only put commands into the inbox.
final class CurlEngine: @unchecked Sendable {
    enum Command {
        case start(Transfer)
        case cancel(Transfer)
        case resume(Transfer)
        case stop
    }
    private struct Inbox {
        var commands: [Command] = []
        var open = true
    }

    private static let ready: Bool = ccurl_global_init() == CURLE_OK

    private let configuration: HTTPClient.Configuration
    private let multi: UnsafeMutableRawPointer
    private let inbox = Mutex(Inbox())

    // Below: the engine's thread only.
    private var active: [UnsafeMutableRawPointer: Transfer] = [:]
    private var spare: [UnsafeMutableRawPointer] = []

    init(_ configuration: HTTPClient.Configuration) throws(HTTPClientError) {
        guard Self.ready, let multi = curl_multi_init() else { throw HTTPClientError(.transport, "libcurl does not start") }
        self.configuration = configuration
        self.multi = multi
        _ = ccurl_multi_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, configuration.connectionsPerHost)
        _ = ccurl_multi_long(multi, CURLMOPT_MAXCONNECTS, configuration.connectionsPerHost * 4)
        do { try OwnThread.engine("curl") { [self] in loop() } } catch {
            curl_multi_cleanup(multi)
            throw HTTPClientError(.transport, "no thread: \(error)")
        }
    }

    /// Runs the transfer to its end (or, streaming, to its head). A cancelled task gets `CancellationError` at once.
    func run(_ transfer: Transfer) async throws -> Transfer.Outcome {
        try Task.checkCancellation()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                transfer.arm(continuation)
                post(.start(transfer))
            }
        } onCancel: {
            transfer.cancelled.store(true, ordering: .releasing)
            post(.cancel(transfer))
        }
    }

    func stop() { post(.stop) }

    /// The wake-up happens inside the lock: once the inbox is closed, the multi handle may be gone.
    func post(_ command: Command) {
        let accepted = inbox.withLock { inbox in
            guard inbox.open else { return false }
            inbox.commands.append(command)
            curl_multi_wakeup(multi)
            return true
        }
        if !accepted, case .start(let transfer) = command { transfer.fail(HTTPClientError(.closed, "the client was closed")) }
    }

    private func loop() {
        // TLS writes to a closed connection raise SIGPIPE, and libcurl is told to leave signals alone.
        var signals = sigset_t()
        sigfillset(&signals)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        while serveInbox() {
            var running: CInt = 0
            curl_multi_perform(multi, &running)
            settleFinished()
            curl_multi_poll(multi, nil, 0, 1000, nil)
        }
        for transfer in active.values { finish(transfer) { $0.fail(HTTPClientError(.closed, "the client was closed")) } }
        for handle in spare { curl_easy_cleanup(handle) }
        curl_multi_cleanup(multi)
    }

    /// False when the thread shall end.
    private func serveInbox() -> Bool {
        let commands = inbox.withLock { inbox in
            defer { inbox.commands = [] }
            return inbox.commands
        }
        var goOn = true
        for command in commands {
            switch command {
            case .start(let transfer): start(transfer)
            case .cancel(let transfer): if transfer.handle != nil { finish(transfer) { $0.fail(CancellationError()) } }
            case .resume(let transfer): if let handle = transfer.handle { curl_easy_pause(handle, CURLPAUSE_CONT) }
            case .stop: goOn = false
            }
        }
        if goOn { return true }
        let late = inbox.withLock { inbox in
            inbox.open = false
            defer { inbox.commands = [] }
            return inbox.commands
        }
        for case .start(let transfer) in late { transfer.fail(HTTPClientError(.closed, "the client was closed")) }
        return false
    }

    private func start(_ transfer: Transfer) {
        // The cancellation may have overtaken the start.
        guard !transfer.cancelled.load(ordering: .acquiring) else { return transfer.fail(CancellationError()) }
        guard let handle = spare.popLast() ?? curl_easy_init() else { return transfer.fail(HTTPClientError(.transport, "no memory")) }
        do {
            try transfer.configure(handle, configuration)
        } catch {
            curl_easy_cleanup(handle)
            return transfer.fail(error)
        }
        active[handle] = transfer
        guard curl_multi_add_handle(multi, handle) == CURLM_OK else {
            return finish(transfer) { $0.fail(HTTPClientError(.transport, "multi")) }
        }
    }

    private func settleFinished() {
        var result = CURLE_OK
        while let handle = ccurl_finished(multi, &result) {
            guard let transfer = active[handle] else { continue }
            let status = ccurl_response_code(handle)
            finish(transfer) { $0.complete(result, status: status) }
        }
    }

    private func finish(_ transfer: Transfer, _ settle: (Transfer) -> Void) {
        if let handle = transfer.handle {
            transfer.measure()
            curl_multi_remove_handle(multi, handle)
            active[handle] = nil
            curl_easy_reset(handle)
            if spare.count < 16 { spare.append(handle) } else { curl_easy_cleanup(handle) }
        }
        transfer.release()
        settle(transfer)
    }
}
