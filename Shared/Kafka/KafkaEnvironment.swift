import Secrets

extension KafkaConfiguration {
    /// What is wrong with the environment's `SHAO_KAFKA_…`, all at once.
    public struct EnvironmentError: Error, Sendable, Hashable, CustomStringConvertible {
        public let problems: [String]
        public var description: String { problems.joined(separator: "\n") }
    }

    /// Every property beginning so is librdkafka's own: upper case, `_` for `.`.
    public static let environmentPrefix = "SHAO_KAFKA_"
    private static let fileSuffix = "_FILE"

    /// Properties from `SHAO_KAFKA_<PROPERTY>`, and from the files that `SHAO_KAFKA_<PROPERTY>_FILE` names
    /// (`SHAO_KAFKA_SASL_PASSWORD_FILE`), so that no secret stands in the environment.
    ///
    /// Throws every file that gives no value, and every property that is given twice. An empty variable is an absent one.
    public static func properties(in environment: [String: String]) throws(EnvironmentError) -> [String: String] {
        var found: [String: String] = [:]
        var problems: [String] = []
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix(environmentPrefix) && !value.isEmpty {
            let isFile = name.hasSuffix(fileSuffix) && name.count > environmentPrefix.count + fileSuffix.count
            let variable = isFile ? String(name.dropLast(fileSuffix.count)) : name
            if isFile, environment[variable].map({ !$0.isEmpty }) == true {
                problems.append("\(name): \(variable) is given too; give one of them")
                continue
            }
            let property = variable.dropFirst(environmentPrefix.count).lowercased().replacing("_", with: ".")
            do throws(SecretFile.Failure) {
                found[property] = isFile ? try SecretFile.read(value) : value
            } catch {
                problems.append("\(name): \(error)")
            }
        }
        if !problems.isEmpty { throw EnvironmentError(problems: problems) }
        return found
    }

    /// The brokers of `KAFKA_BOOTSTRAP_SERVERS`, or `standard` without it, with all properties of the environment.
    public init(environment: [String: String], standard: String = "127.0.0.1:29092") throws(EnvironmentError) {
        let servers = environment["KAFKA_BOOTSTRAP_SERVERS"].flatMap { $0.isEmpty ? nil : $0 } ?? standard
        self.init(bootstrapServers: servers)
        for (property, value) in try Self.properties(in: environment) { self[property] = value }
    }
}
