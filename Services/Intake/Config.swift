import HTTP
import ServiceKit

/// Intake's own settings.
enum Config {
    static let settings: [ConfigurationKey] = [
        .setting("SHAO_PHOTOWORKER", "path of the photoworker executable", default: "photoworker"),
        .setting("SHAO_REPORTS_PER_ADDRESS", "reports from one address, 300 at once and 60 more a minute; or none", default: "300+60/min"),
        .setting("SHAO_UPLOADS_PER_ADDRESS", "MiB that reports from one address may bring", default: "512+120/min"),
        .setting("SHAO_REPORTS_PER_PLATE", "reports at one plate", default: "200+12/min"),
        .setting("SHAO_REPORTS_PER_PHONE", "reports with one telephone number", default: "30+12/h"),
        .setting(
            "SHAO_PHOTO_CONFINEMENT",
            "required: no photos where the kernel cannot confine their workers; best-effort: as far as it can",
            default: PhotoConfinement.required.rawValue),
        .setting(
            "SHAO_PHOTO_MEGAPIXELS", "megapixels of photos from one address",
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
}
