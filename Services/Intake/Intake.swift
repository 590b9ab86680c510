import EventLog
import EventLoop
public import Postgres
public import ServiceKit
import Telemetry

/// 受理: what people told us, and what they see of the answer.
public enum Intake: ServiceMain {
    public static let name = "intake"
    public static var settings: [ConfigurationKey] { Config.settings }
    public static var migrations: [Migration] {
        get throws {
            try Migration.parse(embedded: [
                ("V0101_tables.sql", PackageResources.V0101_tables_sql),
                ("V0102_withdrawals_categories.sql", PackageResources.V0102_withdrawals_categories_sql),
                ("V0103_progress_inline.sql", PackageResources.V0103_progress_inline_sql),
                ("V0104_last_step.sql", PackageResources.V0104_last_step_sql),
                ("V0105_withdrawals_counted.sql", PackageResources.V0105_withdrawals_counted_sql),
                ("V0106_reviews.sql", PackageResources.V0106_reviews_sql),
                ("V0107_reviewed_refusal.sql", PackageResources.V0107_reviewed_refusal_sql),
                ("V0108_review_sent.sql", PackageResources.V0108_review_sent_sql),
            ])
        }
    }

    public static var tables: [TableRights] {
        [
            TableRights("ticket", .read, .add, .change), TableRights("contact", .read, .add),
            // What was read of whom, by whom and why, is never changed.
            TableRights("contact_reading", .add), TableRights("photo", .read, .add),
            TableRights("ticket_counter", .read, .add, .change), TableRights("plate", .read, .add, .change),
            TableRights("area", .read, .add, .change), TableRights("department", .read, .add, .change),
            TableRights("category", .read, .add, .change), TableRights("progress_step", .read, .add),
        ]
    }

    public static func assemble(_ service: inout Assembly) async throws {
        let commit = GroupCommit(
            pool: service.postgres, outbox: service.outbox, loop: service.loop, log: service.log, metrics: service.metrics)
        let photos = PhotoWorkerPool(
            executable: try service.configuration.require("SHAO_PHOTOWORKER"),
            confinement: try Config.confinement(service.configuration), on: service.loop, log: service.log.part("photos"),
            metrics: service.metrics)
        let use = try UseCases(service, commit: commit, photos: photos)
        try service.relay()
        try service.consume(projections)
        service.add("group-commit") { try await commit.run() }
        service.health.describe("photos") { photos.status.summary }
        service.health.note("photos") { photos.status.remark }
        service.add(photoWorkers(photos, on: service.loop))
        try service.http(routes(use), internal: internalRoutes(use))
    }

    private static func photoWorkers(_ photos: PhotoWorkerPool, on loop: EventLoop) -> Part {
        let ended = Signal(on: loop)
        return Part(
            "photos",
            run: {
                await photos.prepare()
                try await ended.wait()
            },
            stop: {
                await photos.close()
                ended.raise()
            })
    }
}
