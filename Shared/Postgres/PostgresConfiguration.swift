/// Where the database is and how patient we are with it.
public struct PostgresConfiguration: Sendable {
    /// libpq's connection string or URI. It may hold a password: this type prints nothing of it.
    public var conninfo: String
    /// The role's password, over one in the connection string: so that the string itself needs no secret. Printed nowhere.
    public var password: String?
    /// Connections at most.
    public var poolSize: Int
    /// Connections kept open without demand.
    public var minimumConnections: Int
    /// What `pg_stat_activity` shows.
    public var applicationName: String
    /// Until a connection is made, name look-up and TLS included.
    public var connectTimeout: Duration = .seconds(10)
    /// Longest wait for a free connection of the pool.
    public var leaseTimeout: Duration = .seconds(5)
    /// The server ends a longer statement (57014). Silence beyond it and ten seconds more closes the connection.
    public var statementTimeout: Duration = .seconds(30)
    /// How long the server may go on with a statement whose task was cancelled; then it is stopped, and its connection closed.
    public var abandonedTimeout: Duration = .seconds(1)
    /// The server ends a transaction whose owner does nothing for so long.
    public var idleTransactionTimeout: Duration = .seconds(60)
    /// First pause after a failed connect; doubles up to `maximumBackOff`, half of it by chance.
    public var initialBackOff: Duration = .milliseconds(50)
    public var maximumBackOff: Duration = .seconds(5)
    /// Server settings of every session, e.g. `("search_path", "other,public")`, over what the connection string says. No blanks.
    public var settings: [(name: String, value: String)] = []
    /// Prepared statements kept per connection; the least recently used goes first.
    public var statementCacheSize = 256

    public init(conninfo: String, poolSize: Int = 8, minimumConnections: Int = 1, applicationName: String) {
        self.conninfo = conninfo
        self.poolSize = max(1, poolSize)
        self.minimumConnections = min(max(0, minimumConnections), max(1, poolSize))
        self.applicationName = applicationName
    }

    /// The same server, another database.
    public func database(_ name: String) -> PostgresConfiguration {
        var copy = self
        // In a keyword string the last `dbname` counts; a URI cannot be added to.
        if conninfo.contains("://") {
            copy.databaseOverride = name
        } else {
            copy.conninfo += " dbname=\(name)"
        }
        return copy
    }

    var databaseOverride: String?
}

extension PostgresConfiguration: CustomStringConvertible, CustomReflectable {
    public var description: String { "postgres(\(applicationName), \(poolSize) connections)" }
    public var customMirror: Mirror { Mirror(self, children: ["applicationName": applicationName, "poolSize": poolSize]) }
}

extension Duration {
    /// Whole milliseconds, at least 0; what does not fit is the largest number.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        if overflow { return seconds < 0 ? 0 : .max }
        let (sum, tooLarge) = product.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
        return tooLarge ? .max : max(0, sum)
    }

    /// Doubles per failure up to `limit`, then between half and all of that, so that many waiters do not come back at once.
    static func backOff(initial: Duration, limit: Duration, failures: Int) -> Duration {
        let doubled = initial * (1 << min(max(0, failures - 1), 20))
        return min(doubled, limit) * Double.random(in: 0.5...1)
    }
}
