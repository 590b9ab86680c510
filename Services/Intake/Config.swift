import ServiceKit

/// Intake's own settings.
enum Config {
    static let settings: [ConfigurationKey] = [
        .setting("SHAO_PHOTOWORKER", "path of the photoworker executable", default: "photoworker"),
        .setting("SHAO_REPORTS_PER_ADDRESS", "reports from one address, 300 at once and 60 more a minute; or none", default: "300+60/min"),
        .setting("SHAO_UPLOADS_PER_ADDRESS", "MiB that reports from one address may bring", default: "512+120/min"),
        .setting("SHAO_REPORTS_PER_PLATE", "reports at one plate", default: "200+12/min"),
        .setting("SHAO_REPORTS_PER_PHONE", "reports with one telephone number", default: "30+12/h"),
    ]
}
