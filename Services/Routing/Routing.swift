import Contracts
import EventLog
import HTTP
public import Postgres
public import ServiceKit
import Telemetry

/// 吹哨派单: whose matter it is, until when, and who is called.
public enum Routing: ServiceMain {
    public static let name = "routing"
    public static var settings: [ConfigurationKey] { Config.settings }
    public static var migrations: [Migration] {
        get throws {
            try Migration.parse(embedded: [
                ("V0101_tables.sql", PackageResources.V0101_tables_sql),
                ("V0102_places_and_rules.sql", PackageResources.V0102_places_and_rules_sql),
            ])
        }
    }

    public static var tables: [TableRights] {
        [
            TableRights("service_case", .read, .add, .change), TableRights("case_report", .read, .add),
            TableRights("case_clock", .read, .add, .change), TableRights("whistle", .read, .add, .change),
            TableRights("dispatch_order", .read, .add, .change), TableRights("dispute", .read, .add, .change),
            TableRights("case_party", .read, .add, .change), TableRights("case_note", .read, .add),
            TableRights("catalogue_result", .read, .add),
            TableRights("city_version", .read, .change), TableRights("area", .read, .add, .change),
            TableRights("department", .read, .add, .change), TableRights("plate", .read, .add, .change),
            TableRights("category", .read, .add, .change), TableRights("rule_version", .read, .add),
            TableRights("rule_row", .read, .add), TableRights("rule_set", .read, .add),
        ]
    }

    public static func assemble(_ service: inout Assembly) async throws {
        if service.purpose == .check { return try check(&service) }
        let data = try await service.withDatabase { pool in try await pool.transaction(.readOnlySnapshot) { try await $0.loadCity() } }
        let city = CurrentCity(try City(data, ids: service.ids))
        let use = try UseCases(city, service)
        let topics = Topics.all(departments: city.now.directory.topics)
        try service.relay(keeping: topics.filter { $0.kind != .internal })
        try service.consume(subscriptions(open: use.open, hear: use.hear))
        let listenAnew = try service.consumeForeign({ city.now.feedbackTopics }, handle: use.feedback.handle)
        service.add("city") { try await use.keepCurrent.run(whenDepartmentsChange: listenAnew) }
        service.add("clocks") { try await use.fire.run() }
        service.add("case-count") { try await use.count.run() }
        try service.http(routes(use))
    }

    /// What `check` looks at: the settings that serving ends on, then the city in the database.
    private static func check(_ service: inout Assembly) throws {
        _ = (try service.links, try service.configuration.require("SHAO_PUBLIC_URL"))
        try service.relay()
        try service.consume(Subscriptions([], folds: []))
        try service.consumeForeign({ [] }) { _, _ in }
        try service.http(Routes())
        service.examine { [staff = service.staff, ids = service.ids] pool in
            do {
                let city = try City(try await pool.transaction(.readOnlySnapshot) { try await $0.loadCity() }, ids: ids)
                return city.directory.strangers(among: staff.members)
            } catch let incomplete as CityIncomplete { return [incomplete.description] }
        }
    }
}
