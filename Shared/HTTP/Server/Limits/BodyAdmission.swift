import Telemetry

/// What bodies a server takes at a time: bytes of memory in all, and how many from one client. The loop's thread only.
final class BodyAdmission {
    /// Bodies up to this may use all of the memory; larger ones leave an eighth, so that a flood of photos stops no form.
    static let small = 65_536

    private let memory: Int
    private let perClient: Int
    private let refused: Counter?
    private let gauge: Gauge?
    private(set) var held = 0
    private var arriving: [ClientBlock: Int] = [:]

    init(_ configuration: HTTPServerConfiguration, _ metrics: MetricsRegistry?) {
        memory = configuration.bodyMemory
        perClient = configuration.bodiesPerClient
        let labels = [("server", configuration.name)]
        refused = metrics?.counter("http_server_bodies_refused_total", "Bodies not taken: too many, or no memory.", labels: labels)
        gauge = metrics?.gauge("http_server_body_bytes", "Bytes of bodies held now.", labels: labels)
    }

    /// Before the first byte is read. Throws 429 when this client sends too many at once, 503 when this one does not fit.
    /// - Parameter declared: bytes that the head speaks of; nil when it does not.
    func begin(_ client: ClientBlock, declared: Int?) throws(Refusal) {
        guard arriving[client, default: 0] < perClient else { throw refuse(.tooManyBodies) }
        guard fits(declared ?? 0, of: declared ?? 0) else { throw refuse(.outOfMemory) }
        arriving[client, default: 0] += 1
    }

    /// All of it came, or no more will.
    func arrived(_ client: ClientBlock) {
        guard let count = arriving[client] else { return }
        arriving[client] = count > 1 ? count - 1 : nil
    }

    /// So many bytes more are kept until `release`. Throws 503 when they do not fit: others came first.
    /// - Parameter total: bytes of this body so far, these among them.
    func keep(_ count: Int, of total: Int) throws(Refusal) {
        guard fits(count, of: total) else { throw refuse(.outOfMemory) }
        held += count
        gauge?.set(Double(held))
    }

    func release(_ count: Int) {
        guard count > 0 else { return }
        held -= count
        gauge?.set(Double(held))
    }

    private func refuse(_ refusal: Refusal) -> Refusal {
        refused?.add()
        return refusal
    }

    private func fits(_ count: Int, of total: Int) -> Bool {
        held + count <= (total > Self.small ? memory - memory / 8 : memory)
    }
}
