import HTTP
import Postgres
import Testing

@testable import ServiceKit

/// Whose fault it is when a statement fails, as far as clients are told.
@Suite struct PassingTests {
    @Test(arguments: [
        (PostgresError(.timeout, "no free connection"), 503), (PostgresError(.connection, "lost"), 503),
        (PostgresError(.server, "shutting down", sqlState: "57P01"), 503), (PostgresError(.server, "a constraint", sqlState: "23514"), nil),
        (PostgresError(.decode, "another type"), nil),
    ])
    func `a database that is away or busy is 503 and may be asked again, a statement at fault is 500`(error: PostgresError, status: Int?) {
        #expect(Assembly.passing(error)?.status == status)
    }

    @Test func `what is no error of the database is not judged here`() {
        #expect(Assembly.passing(CancellationError()) == nil)
    }
}
