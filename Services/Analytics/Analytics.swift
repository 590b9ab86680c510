public import Postgres
public import ServiceKit

/// 治慧: what everybody's work adds up to, from events alone.
public enum Analytics: ServiceMain {
    public static let name = "analytics"
    public static var settings: [ConfigurationKey] { Config.settings }
    public static var migrations: [Migration] {
        get throws {
            try Migration.parse(embedded: [
                ("V0101_tables.sql", PackageResources.V0101_tables_sql), ("V0102_days.sql", PackageResources.V0102_days_sql),
            ])
        }
    }

    public static var tables: [TableRights] {
        [
            TableRights("case_fact", .read, .add, .change), TableRights("area", .read, .add, .change),
            TableRights("department", .read, .add, .change), TableRights("heard", .read, .add, .change),
        ]
    }

    public static func assemble(_ service: inout Assembly) async throws {
        let access = ReadAccess(staff: service.staff, street: try Config.street(service.configuration))
        let reader = RateReader(pool: service.postgres)
        let rates = ShowRates(reader: reader, access: access, clock: service.clock)
        let use = UseCases(
            rates: rates, export: ExportRates(rates: rates),
            overview: ShowOverview(
                reader: reader, access: access, site: service.site, clock: service.clock,
                streetName: try service.configuration.require("SHAO_STREET_NAME")))
        try service.relay()
        try service.consume(projections)
        try service.http(routes(use))
    }
}
