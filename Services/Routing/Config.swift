import ServiceKit

/// Routing's own settings.
enum Config {
    static let settings: [ConfigurationKey] = [
        .setting("SHAO_DEMO_DIR", "folder with the city's files: directory, catalogue, calendar, clocks", default: "deploy/demo")
    ]
}
