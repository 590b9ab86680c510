import ServiceKit

/// Routing's own settings.
enum Config {
    static let settings: [ConfigurationKey] = []
}
