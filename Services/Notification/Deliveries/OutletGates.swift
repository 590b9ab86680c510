import Contracts
import EventLog
import Synchronization
import Telemetry

/// Which ways out are shut by a fault that no message can help, and when one message tries whether it is mended.
///
/// Each process finds out by itself, and forgets it with its end: a mended configuration is tried at once.
final class OutletGates: Sendable {
    /// Pauses between tries of a shut way; the last one stays. A login that is refused must not be tried by the second: servers
    /// lock accounts for it.
    static func pauses(_ channel: DeliveryChannel) -> [Duration] {
        let first: Int64 = channel == .email ? 60 : channel == .webhook ? 5 : 10
        return [first, max(60, first * 2), 300, 600, 900].map { .seconds($0) }
    }

    /// What the next claim may take.
    struct Look: Sendable, Equatable {
        /// Nothing may leave by these but a single try.
        var held: [String] = []
        /// Of those, the ones by which a single message may try now.
        var tries: [String] = []
    }

    private let gates: Mutex<[String: OutletGate]>
    private let log: Log
    private let shut: [DeliveryChannel: Gauge]

    /// - Parameter unproven: by these one message goes alone until one has arrived, so that a wrong password is tried once.
    init(unproven: [String], log: Log, metrics: MetricsRegistry) {
        gates = Mutex(Dictionary(uniqueKeysWithValues: unproven.map { ($0, OutletGate(isProven: false)) }))
        self.log = log
        shut = Dictionary(
            uniqueKeysWithValues: DeliveryChannel.allCases.map { channel in
                let help = "Ways out that are shut by a fault of the server or of its configuration."
                return (channel, metrics.gauge("shao_outlets_shut", help, labels: [("channel", channel.rawValue)]))
            })
    }

    func look(_ now: Timestamp) -> Look {
        gates.withLock { gates in
            var look = Look()
            for (outlet, gate) in gates.sorted(by: { $0.key < $1.key }) where gate.isHeld {
                look.held.append(outlet)
                if gate.trying == nil, gate.tryAt <= now { look.tries.append(outlet) }
            }
            return look
        }
    }

    /// This message alone tries the way.
    func begin(_ delivery: DeliveryID, by outlet: String) { gates.withLock { $0[outlet]?.trying = delivery } }

    /// The next moment at which a shut way is tried.
    func nextTry(after now: Timestamp) -> Timestamp? {
        gates.withLock { gates in gates.values.filter { $0.fault != nil && $0.tryAt > now }.map(\.tryAt).min() }
    }

    /// For `/readyz?verbose`; nil when all ways are open.
    var remark: String? {
        let faults = gates.withLock { gates in
            gates.sorted { $0.key < $1.key }.compactMap { outlet, gate in
                gate.fault.map { "\(outlet) \($0.code) since \($0.since), tried again at \(gate.tryAt)" }
            }
        }
        return faults.isEmpty ? nil : "shut, messages wait: " + faults.joined(separator: "; ")
    }

    /// Takes note of what came of an attempt. What looked like everybody's fault and is not, since others' messages went out
    /// meanwhile, becomes this message's own.
    func judge(_ attempt: Attempt, of claim: Claim, now: Timestamp) -> Attempt {
        let (judged, before, after) = gates.withLock { gates in
            var gate = gates[claim.outlet] ?? OutletGate()
            gate.channel = claim.channel
            let before = gate.fault?.code
            let judged = gate.take(attempt, claim, now)
            gates[claim.outlet] = gate
            shut[claim.channel]?.set(Double(gates.values.count { $0.fault != nil && $0.channel == claim.channel }))
            return (judged, before, gate.fault?.code)
        }
        if let after, before != after {
            log.error("a way out is shut; what would leave by it waits", ["outlet": .string(claim.outlet), "trouble": .string(after)])
        } else if before != nil, after == nil {
            log.notice("a way out is open again", ["outlet": .string(claim.outlet)])
        }
        return judged
    }
}

/// One way out.
private struct OutletGate {
    var isProven = true
    var fault: (code: String, since: Timestamp)?
    var channel = DeliveryChannel.email
    var failures = 0
    var tryAt = Timestamp.earliest
    var trying: DeliveryID?
    /// Messages that went out, and how many had when somebody's was refused in a way that all might be.
    var sent = 0
    var suspects: [String: Int] = [:]

    var isHeld: Bool { fault != nil || !isProven }

    mutating func take(_ attempt: Attempt, _ claim: Claim, _ now: Timestamp) -> Attempt {
        let isTry = trying == claim.id
        if isTry { trying = nil }
        switch attempt {
        case .sent:
            sent += 1
            suspects[claim.suspect] = nil
            open()
        case .later(Attempt.answered, _), .refused("rejected"), .refused("gone"): open()
        case .held(let code, let mayConcernMessage):
            if mayConcernMessage, let seen = suspects.removeValue(forKey: claim.suspect), sent > seen {
                open()
                return claim.channel == .webhook ? .later(code) : .refused("rejected")
            }
            if mayConcernMessage, suspects.count < 10_000 { suspects[claim.suspect] = sent }
            shut(code, mayConcernMessage, isTry: isTry, claim.channel, now)
        case .unclear where isTry && fault != nil: tryAt = now + pause(claim.channel)
        case .later, .refused, .unclear, .skipped: break
        }
        return attempt
    }

    private mutating func open() {
        fault = nil
        isProven = true
        failures = 0
        tryAt = .earliest
    }

    private mutating func shut(_ code: String, _ mayConcernMessage: Bool, isTry: Bool, _ channel: DeliveryChannel, _ now: Timestamp) {
        // What was under way together fails together: that is one failure.
        guard fault == nil || isTry else { return }
        fault = (code, fault?.since ?? now)
        failures += 1
        // Whether it is everybody's or this message's own fault another message shows at once.
        tryAt = mayConcernMessage && failures == 1 ? now : now + pause(channel)
    }

    private func pause(_ channel: DeliveryChannel) -> Duration {
        let pauses = OutletGates.pauses(channel)
        return pauses[min(max(failures, 1), pauses.count) - 1]
    }
}

extension Claim {
    /// Whose fault it may be: the recipient's, where there is more than one behind the way out, else this message's.
    fileprivate var suspect: String { channel == .webhook || isForResident ? id.description : recipient }
}
