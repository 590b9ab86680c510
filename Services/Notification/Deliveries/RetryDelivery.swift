import Contracts
import EventLog
import HTTP
import Postgres
import ServiceKit
import Telemetry

/// `POST /v1/deliveries/{id}/retry`: ``Retry`` on a delivery; 202, or 409 where it stands otherwise by now.
struct RetryDelivery: Sendable {
    let pool: PostgresPool
    let staff: StaffDirectory
    let show: ShowDeliveries
    let clock: any Timekeeper
    /// Called after a commit that left something to send.
    let wake: @Sendable () -> Void
    let log: Log

    func post(_ request: HTTPRequest) async throws -> HTTPResponse {
        let member = try staff.authenticate(request, as: Retry.by)
        guard request.body.isEmpty || request.body == Array("{}".utf8) else {
            throw Problem(400, "unexpected-body", detail: "This request takes no body.")
        }
        let delivery = try await show.view(request, for: member)
        let queued = try await pool.transaction { transaction in
            transaction.afterCommit(wake)
            let statement = DeliveryQueries.retry(delivery.id, from: Retry.from, now: clock.now())
            return try await transaction.query(statement, as: Int.self)
        }
        guard !queued.isEmpty else { throw Retry.refusal }
        log.notice("a delivery is sent again by hand", ["delivery": .string("\(delivery.id)"), "by": .string(member.organisation)])
        return .json(try await show.view(request, for: member), status: .accepted)
    }
}
