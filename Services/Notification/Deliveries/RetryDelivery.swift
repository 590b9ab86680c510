import Contracts
import EventLog
import HTTP
import Postgres
import ServiceKit
import Telemetry

/// `POST /v1/deliveries/{id}/retry`: a person takes it upon them to send once more what failed or is unclear.
struct RetryDelivery: Sendable {
    let pool: PostgresPool
    let staff: StaffDirectory
    let show: ShowDeliveries
    let clock: any Timekeeper
    /// Called after a commit that left something to send.
    let wake: @Sendable () -> Void
    let log: Log

    func post(_ request: HTTPRequest) async throws -> HTTPResponse {
        let member = try staff.authenticate(request, as: .street, .district)
        guard request.body.isEmpty || request.body == Array("{}".utf8) else {
            throw Problem(400, "unexpected-body", detail: "This request takes no body.")
        }
        let delivery = try await show.view(request, for: member)
        let queued = try await pool.transaction { transaction in
            transaction.afterCommit(wake)
            return try await transaction.query(DeliveryQueries.retry(delivery.id, now: clock.now()), as: Int.self)
        }
        guard !queued.isEmpty else {
            throw Problem.conflict("not-retriable", "Only what failed or is unclear can be sent again.")
        }
        log.notice("a delivery is sent again by hand", ["delivery": .string("\(delivery.id)"), "by": .string(member.organisation)])
        return .json(try await show.view(request, for: member), status: .accepted)
    }
}
