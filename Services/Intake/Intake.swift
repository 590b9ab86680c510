import EventLog
import Telemetry
public import Postgres
public import ServiceKit

/// 受理: what people told us, and what they see of the answer.
public enum Intake: ServiceMain {
    public static let name = "intake"
    public static var settings: [ConfigurationKey] { Config.settings }
    public static var migrations: [Migration] {
        get throws { try Migration.parse(embedded: [("V0101_tables.sql", PackageResources.V0101_tables_sql)]) }
    }

    public static func assemble(_ service: inout Assembly) async throws {
        let links = try service.links
        let plates = PlateBook(pool: service.postgres)
        let commit = GroupCommit(
            pool: service.postgres, outbox: service.outbox, loop: service.loop, log: service.log, metrics: service.metrics)
        let photos = PhotoWorkerPool(
            executable: try service.configuration.require("SHAO_PHOTOWORKER"), on: service.loop, log: service.log.part("photos"))
        let submit = SubmitTicket(
            plates: plates, numbers: TicketNumbers(pool: service.postgres, on: service.loop), commit: commit, photos: photos,
            outbox: service.outbox, links: links, clock: service.clock, ids: service.ids)
        let use = UseCases(
            submit: submit,
            fetch: FetchTicket(pool: service.postgres, links: links, staff: service.staff),
            plate: ReportAtPlate(submit: submit, plates: plates, pool: service.postgres, site: service.site, ids: service.ids),
            status: ShowStatus(pool: service.postgres, plates: plates, links: links, site: service.site),
            photo: ShowPhoto(pool: service.postgres, links: links),
            contact: TellContact(pool: service.postgres, access: service.serviceGuard, clock: service.clock))
        try service.relay()
        try service.consume(subscriptions)
        service.add("group-commit") { try await commit.run() }
        service.add(Part("photos", until: service.loop) { await photos.close() })
        try service.http(routes(use), internal: internalRoutes(use))
    }
}
