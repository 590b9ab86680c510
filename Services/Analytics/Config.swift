import Contracts
import ServiceKit

/// Analytics has no settings of its own; of the common ones it reads the street as a code.
enum Config {
    static let settings: [ConfigurationKey] = []

    /// The street whose figures these are. Throws when the setting is no street's code.
    static func street(_ configuration: Configuration) throws -> AreaCode {
        let text = try configuration.require("SHAO_STREET")
        guard let code = AreaCode(text), code.level == .street else { throw NotAStreet(text: text) }
        return code
    }

    struct NotAStreet: Error, CustomStringConvertible {
        let text: String
        var description: String { "SHAO_STREET: \(text) is not the 12-digit code of a street" }
    }
}
