public import Postgres
public import ServiceKit

public enum Notification: ServiceMain {
    public static let name = "notification"
    public static var settings: [ConfigurationKey] { [] }
    public static var migrations: [Migration] {
        get throws { try Migration.parse(embedded: [("V0101_tables.sql", PackageResources.V0101_tables_sql)]) }
    }

    public static func assemble(_ service: inout Assembly) async throws {
        try service.relay()
    }
}
