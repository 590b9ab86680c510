import HTTP
import ServiceKit

/// Intake's own settings.
enum Config {
    static let settings: [ConfigurationKey] = [
        .setting("SHAO_PHOTOWORKER", "path of the photoworker executable", default: "photoworker"),
        .setting(
            "SHAO_PHOTO_CONFINEMENT",
            "required: no photos where the kernel cannot confine their workers; best-effort: as far as it can",
            default: PhotoConfinement.required.rawValue),
        .setting(
            "SHAO_PHOTO_MEGAPIXELS", "of photos from one client: at once + again in a time, as 400+400/min; off for no limit",
            default: "400+400/min"),
    ]

    static func confinement(_ configuration: Configuration) throws(ConfigurationError) -> PhotoConfinement {
        let text = try configuration.require("SHAO_PHOTO_CONFINEMENT")
        guard let confinement = PhotoConfinement(rawValue: text) else {
            let known = PhotoConfinement.allCases.map(\.rawValue).joined(separator: " or ")
            throw ConfigurationError(problems: ["SHAO_PHOTO_CONFINEMENT: “\(text)” is not \(known)"])
        }
        return confinement
    }

    /// Nil for no limit.
    static func megapixels(_ configuration: Configuration) throws(ConfigurationError) -> RateLimit? {
        let text = try configuration.require("SHAO_PHOTO_MEGAPIXELS")
        if text == "off" { return nil }
        guard let limit = RateLimit(text) else {
            throw ConfigurationError(problems: ["SHAO_PHOTO_MEGAPIXELS: “\(text)” is no limit as 400+400/min"])
        }
        return limit
    }
}
