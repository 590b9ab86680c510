import Contracts
import EventLog
public import Postgres
public import ServiceKit

/// 议事: what people think of how their matters went (一事一评).
public enum Voting: ServiceMain {
    public static let name = "voting"
    public static var settings: [ConfigurationKey] { [] }
    public static var migrations: [Migration] {
        get throws {
            try Migration.parse(embedded: [
                ("V0101_tables.sql", PackageResources.V0101_tables_sql),
                ("V0102_cases_from_events_alone.sql", PackageResources.V0102_cases_from_events_alone_sql),
                ("V0103_merged_into.sql", PackageResources.V0103_merged_into_sql),
                ("V0104_work.sql", PackageResources.V0104_work_sql),
            ])
        }
    }

    public static var tables: [TableRights] {
        [
            TableRights("directory_name", .read, .add, .change), TableRights("evaluable", .read, .add, .change),
            TableRights("evaluation", .read, .add),
        ]
    }

    public static func assemble(_ service: inout Assembly) async throws {
        let links = try service.links
        let give = GiveEvaluation(
            pool: service.postgres, outbox: service.outbox, clock: service.clock, ids: service.ids,
            meter: EvaluationMeter(service.metrics))
        let use = UseCases(
            link: EvaluateByLink(
                give: give, pool: service.postgres, links: links, site: service.site, clock: service.clock),
            post: PostEvaluation(give: give, links: links, staff: service.staff),
            list: ListEvaluations(pool: service.postgres, staff: service.staff))
        try service.relay()
        try service.consume(projections)
        try service.http(routes(use))
    }
}
