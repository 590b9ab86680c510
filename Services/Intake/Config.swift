import ServiceKit

/// Intake's own settings.
enum Config {
    static let settings: [ConfigurationKey] = [
        .setting("SHAO_PHOTOWORKER", "path of the photoworker executable", default: "photoworker")
    ]
}
