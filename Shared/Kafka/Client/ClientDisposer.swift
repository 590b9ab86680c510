import EventLoop
import Synchronization

/// A client to be destroyed on another thread than the one that gave it up.
final class ClientDisposer: Sendable {
    private let client: Mutex<Client?>

    init(_ client: consuming Client) { self.client = Mutex(client) }

    /// Where the client's destruction, which joins the library's threads, stops nobody.
    func dropElsewhere() async { await OwnThread.run("kafka-call") { [self] in drop() } }

    private func drop() {
        let last = client.withLock { client in
            defer { client = nil }
            return client
        }
        withExtendedLifetime(last) {}
    }
}
