import Contracts
import EventLog
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
                ("V0101_tables.sql", PackageResources.V0101_tables_sql)
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
            TableRights("directory_entry", .read, .add, .change), TableRights("catalogue_version", .read, .add),
        ]
    }

    public static func assemble(_ service: inout Assembly) async throws {
        let city = try City(
            folder: service.configuration.require("SHAO_DEMO_DIR"), street: service.configuration.require("SHAO_STREET"),
            today: service.clock.now().day, ids: service.ids)
        let use = try UseCases(city, service)
        service.examine { [staff = service.staff] _ in city.directory.strangers(among: staff.members) }
        let topics = Topics.all(departments: city.directory.topics)
        try service.relay(keeping: topics.filter { $0.kind != .internal })
        service.add("directory") { try await use.publish.keep() }
        try service.consume(subscriptions(open: use.open, hear: use.hear))
        let feedback = topics.filter { $0.owner == .department }
        try service.consumeForeign(feedback.map(\.name), handle: use.feedback.handle)
        service.add("clocks") { try await use.fire.run() }
        service.add("case-count") { try await use.count.run() }
        try service.http(routes(use))
    }
}
