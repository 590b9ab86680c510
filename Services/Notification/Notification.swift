import Contracts
import Crypto
import EventLog
import EventLoop
import HTTP
public import Postgres
public import ServiceKit
import Telemetry

/// 告知: tells residents and desks what has become of a matter, once each.
public enum Notification: ServiceMain {
    public static let name = "notification"
    public static var settings: [ConfigurationKey] { Config.settings }
    public static var migrations: [Migration] {
        get throws {
            try Migration.parse(embedded: [
                ("V0101_tables.sql", PackageResources.V0101_tables_sql), ("V0102_outlets.sql", PackageResources.V0102_outlets_sql),
            ])
        }
    }

    public static var tables: [TableRights] {
        [
            TableRights("name", .read, .add, .change), TableRights("told_event", .read, .add),
            TableRights("delivery", .read, .add, .change), TableRights("delivery_attempt", .read, .add),
        ]
    }

    public static func assemble(_ service: inout Assembly) async throws {
        let (pool, clock, ids, configuration) = (service.postgres, service.clock, service.ids, service.configuration)
        let links = try service.links
        let hash = AddressHash(key: HMACKey(Array(try configuration.require("SHAO_LINK_KEY").utf8)))
        let book = try Config.recipients(configuration, hash)
        let wake = Signal(on: service.loop)
        let outlets = try Config.outlets(configuration, clock)
        service.examine { [log = service.log] pool in
            let known = Set(try await pool.query(NameQueries.organisations, as: String.self))
            if known.isEmpty { log.notice("no organisation was heard of yet: SHAO_RECIPIENTS is not compared with the directory") }
            return book.unusable(known: known.isEmpty ? nil : known, ways: outlets.ways)
        }
        let courier = Courier(
            pool: pool, book: book, contacts: try askContact(service), outlets: outlets,
            pages: PageAddresses(
                publicURL: try configuration.require("SHAO_PUBLIC_URL"), status: { links.path(.status, $0) },
                evaluate: { links.path(.evaluation, $0) }),
            source: "/street/\(try configuration.require("SHAO_STREET"))/\(Service.routing.rawValue)",
            street: try configuration.require("SHAO_STREET_NAME"))
        let settle = SettleDelivery(
            pool: pool, outbox: service.outbox, clock: clock, chance: { Double.random(in: 0..<1) }, log: service.log.part("sender"),
            meter: DeliveryMeter(service.metrics))
        // Mail servers lock an account after some wrong passwords: a wrong one is tried once, not by every letter there is.
        let gates = OutletGates(unproven: [DeliveryChannel.email.rawValue], log: service.log.part("sender"), metrics: service.metrics)
        service.health.note("outlets") { gates.remark }
        let sender = SendDeliveries(
            limit: try configuration.number("SHAO_SENDERS", in: 1...256), pool: pool, courier: courier, settle: settle, gates: gates,
            clock: clock, wake: wake, loop: service.loop, log: service.log.part("sender"))
        let plan = PlanDeliveries(
            book: book, quietHours: try Config.quietHours(configuration), clock: clock, newID: { ids.next() }, wake: { wake.raise() },
            untold: service.metrics.counter("shao_untold_notices_total", "Notices to organisations that have no address."))
        let show = ShowDeliveries(pool: pool, staff: service.staff, book: book)
        let retry = RetryDelivery(
            pool: pool, staff: service.staff, show: show, clock: clock, wake: { wake.raise() }, log: service.log.part("retry"))
        try service.relay()
        try service.consume(projections, deliveries(plan))
        service.add(Part("sender", run: { try await sender.run() }, stop: { sender.stop() }))
        try service.http(routes(UseCases(show: show, retry: retry)))
    }

    private static func askContact(_ service: Assembly) throws -> AskContact {
        AskContact(
            // The operator names intake's address, so it may be anywhere in our own network.
            client: try HTTPClient(.unrestricted), intake: try service.configuration.require("SHAO_INTAKE_URL"), bearer: service.bearer)
    }
}
