import Synchronization
import Telemetry

/// What the kernel enforced on the worker that was started last, in readiness, log and metric.
final class PhotoWorkerStatus: Sendable {
    private let confinement: PhotoConfinement
    private let log: Log
    private let confined: Gauge?
    private let last = Mutex<PhotoPosture?>(nil)

    init(_ confinement: PhotoConfinement, log: Log, metrics: MetricsRegistry?) {
        self.confinement = confinement
        self.log = log
        confined = metrics?.gauge("shao_photo_confined", "1 when the kernel confines photo workers as required, else 0.")
    }

    func set(_ posture: PhotoPosture) {
        confined?.set(posture.missing.isEmpty ? 1 : 0)
        let isNews = last.withLock { last in
            defer { last = posture }
            return last != posture
        }
        guard isNews else { return }
        let missing = posture.missing.joined(separator: ", ")
        if missing.isEmpty {
            log.info("photo workers are confined", ["enforced": "\(posture)"])
        } else if confinement == .bestEffort {
            log.warning("photo workers are not confined as they should be", ["enforced": "\(posture)", "missing": "\(missing)"])
        } else {
            log.error("photos are refused: the kernel does not confine their workers", ["enforced": "\(posture)", "missing": "\(missing)"])
        }
    }

    /// A line for an operator; nil before the first worker has started.
    var summary: String? {
        last.withLock { $0 }.map { $0.missing.isEmpty ? "confined: \($0)" : "enforced: \($0)" }
    }

    /// What an operator should change; nil when all is well.
    var remark: String? {
        guard let missing = last.withLock({ $0 })?.missing, !missing.isEmpty else { return nil }
        let what = missing.joined(separator: ", ")
        return confinement == .bestEffort ? "workers run without: \(what)" : "refused: the kernel does not enforce \(what)"
    }
}
