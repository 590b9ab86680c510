import HTTP
import Kafka
import Postgres

/// What a failure means to who applies events: the one place where this is decided.
public enum FailureClass: Sendable, Equatable {
    /// Nothing is wrong with the event: the same work may succeed a moment later. Try again, with growing pauses.
    case passing
    /// Another consumer of this database was there first. Look where the cursors are, and go on from there.
    case fenced
    /// It would fail again. Find the record, and park its subject.
    case lasting

    public init(of error: any Error) {
        switch error {
        case let error as PostgresError: self = Self.judge(error)
        case let error as EventLogError:
            switch error.code {
            case .fenced: self = .fenced
            case .unreachable: self = .passing
            default: self = .lasting
            }
        case is CancellationError, is KafkaError, is HTTPClientError: self = .passing
        default: self = .lasting
        }
    }

    /// SQLSTATE classes 08 connection, 25006 a standby, 40 conflict, 53 resources, 55P03 lock, 57 operator, 58 the system:
    /// the server's affairs, not the event's. A refusal without a code is the connection's.
    private static func judge(_ error: PostgresError) -> FailureClass {
        guard let state = error.sqlState else {
            let passing: [PostgresError.Kind] = [.connection, .server, .timeout, .cancelled, .protocolViolation, .rolledBack]
            return passing.contains(error.kind) ? .passing : .lasting
        }
        if state == "SH001" { return .fenced }
        if ["55P03", "25006"].contains(state) { return .passing }
        return ["08", "40", "53", "57", "58"].contains(String(state.prefix(2))) ? .passing : .lasting
    }
}
