import Kafka
import Secrets

/// One setting: its environment variable, meaning, default, and whether it is a secret (then `<NAME>_FILE` names a file).
public struct ConfigurationKey: Sendable {
    public let name: String
    public let meaning: String
    public let standard: String?
    public let isSecret: Bool
    public let isRequired: Bool

    private init(_ name: String, _ meaning: String, standard: String?, isSecret: Bool, isRequired: Bool) {
        self.name = name
        self.meaning = meaning
        self.standard = standard
        self.isSecret = isSecret
        self.isRequired = isRequired
    }

    /// A setting with a default.
    public static func setting(_ name: String, _ meaning: String, default standard: String) -> ConfigurationKey {
        ConfigurationKey(name, meaning, standard: standard, isSecret: false, isRequired: false)
    }
    /// A setting that may be absent.
    public static func optional(_ name: String, _ meaning: String) -> ConfigurationKey {
        ConfigurationKey(name, meaning, standard: nil, isSecret: false, isRequired: false)
    }
    /// A setting that must be there.
    public static func required(_ name: String, _ meaning: String) -> ConfigurationKey {
        ConfigurationKey(name, meaning, standard: nil, isSecret: false, isRequired: true)
    }
    /// A secret: from the file that `<name>_FILE` names (its trailing line end dropped), or from the variable itself.
    public static func secret(_ name: String, _ meaning: String, required: Bool = true) -> ConfigurationKey {
        ConfigurationKey(name, meaning, standard: nil, isSecret: true, isRequired: required)
    }
}

/// All that is wrong with the environment, at once.
public struct ConfigurationError: Error, Sendable, CustomStringConvertible {
    public let problems: [String]
    public init(problems: [String]) { self.problems = problems }
    public var description: String { problems.joined(separator: "\n") }
}

/// The environment, read once at start and checked against the keys that the service declares.
public struct Configuration: Sendable {
    private var values: [String: String] = [:]
    private let secrets: Set<String>
    /// librdkafka properties given as `SHAO_KAFKA_<PROPERTY>` or, in a file, as `SHAO_KAFKA_<PROPERTY>_FILE`.
    public private(set) var kafkaProperties: [String: String] = [:]

    /// - Throws: every unknown `SHAO_*` variable with the nearest known name, every missing one, every unreadable secret.
    public init(environment: [String: String], keys: [ConfigurationKey]) throws(ConfigurationError) {
        var problems: [String] = []
        secrets = Set(keys.filter(\.isSecret).map(\.name))
        for key in keys {
            do {
                if let value = try Self.value(of: key, in: environment) { values[key.name] = value }
            } catch {
                problems.append(error.problems.joined(separator: "; "))
            }
        }
        let known = keys.map(\.name) + keys.filter(\.isSecret).map { $0.name + "_FILE" }
        for name in environment.keys.sorted() where name.hasPrefix("SHAO_") && !known.contains(name) {
            if name.hasPrefix(KafkaConfiguration.environmentPrefix) { continue }
            let nearest = known.min { Self.distance($0, name) < Self.distance($1, name) }
            problems.append("\(name): no such setting\(nearest.map { "; did you mean \($0)?" } ?? "")")
        }
        do { kafkaProperties = try KafkaConfiguration.properties(in: environment) } catch { problems += error.problems }
        if !problems.isEmpty { throw ConfigurationError(problems: problems) }
    }

    /// The setting's text; nil when it is optional and absent.
    public func text(_ name: String) -> String? { values[name] }

    /// The setting's text. Throws when it is absent.
    public func require(_ name: String) throws(ConfigurationError) -> String {
        guard let value = values[name] else { throw ConfigurationError(problems: ["\(name) is not set"]) }
        return value
    }

    /// A whole number within bounds.
    public func number(_ name: String, in range: ClosedRange<Int>) throws(ConfigurationError) -> Int {
        let text = try require(name)
        guard let number = Int(text), range.contains(number) else {
            throw ConfigurationError(
                problems: ["\(name): “\(text)” is not a number from \(range.lowerBound) to \(range.upperBound)"])
        }
        return number
    }

    /// Name and value of each setting, secrets hidden.
    public var redacted: [(name: String, value: String)] {
        values.sorted { $0.key < $1.key }.map { ($0.key, secrets.contains($0.key) ? "****" : $0.value) }
    }

    private static func value(of key: ConfigurationKey, in environment: [String: String]) throws(ConfigurationError) -> String? {
        let value = environment[key.name].flatMap { $0.isEmpty ? nil : $0 }
        if key.isSecret, let path = environment[key.name + "_FILE"], !path.isEmpty {
            guard value == nil else {
                throw ConfigurationError(problems: ["\(key.name)_FILE: \(key.name) is given too; give one of them"])
            }
            do { return try SecretFile.read(path) } catch {
                throw ConfigurationError(problems: ["\(key.name)_FILE: \(error)"])
            }
        }
        if let value { return value }
        if key.isRequired {
            throw ConfigurationError(
                problems: ["\(key.name)\(key.isSecret ? " or \(key.name)_FILE" : "") is not set: \(key.meaning)"])
        }
        return key.standard
    }

    /// Edits (insert, drop, replace) between two names.
    private static func distance(_ a: String, _ b: String) -> Int {
        let a = Array(a.utf8)
        let b = Array(b.utf8)
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let next = min(row[j] + 1, row[j + 1] + 1, diagonal + (x == y ? 0 : 1))
                diagonal = row[j + 1]
                row[j + 1] = next
            }
        }
        return row[b.count]
    }
}
