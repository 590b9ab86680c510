import EventLoop
import Postgres
import Secrets
import Telemetry

/// What is in the way between these settings and the service's database.
enum PostgresExamination {
    static func findings(_ environment: [String: String], within limit: Duration) async -> [ExamineSetting.Finding] {
        let conninfo: String
        let password: String?
        do throws(SecretFile.Failure) {
            guard let given = try secret("SHAO_POSTGRES", environment) else { return [] }
            (conninfo, password) = (given, try secret("SHAO_POSTGRES_PASSWORD", environment))
        } catch {
            return [.wrong("\(error)", "mend the file, or name another in SHAO_POSTGRES_FILE or SHAO_POSTGRES_PASSWORD_FILE")]
        }
        var database = PostgresConfiguration(conninfo: conninfo, poolSize: 1, applicationName: "shaoctl")
        database.password = password
        database.leaseTimeout = limit
        let pool = PostgresPool(database, on: .shared, log: Log("shaoctl", level: .error), metrics: nil)
        let running = Task(executorPreference: EventLoop.shared) { await pool.run() }
        defer { running.cancel() }
        let trouble = await pool.trouble(within: limit)
        await pool.close(within: .zero)
        return [trouble.map(explain) ?? .well("Postgres answers and knows the role")]
    }

    private static func secret(_ name: String, _ environment: [String: String]) throws(SecretFile.Failure) -> String? {
        if let path = environment[name + "_FILE"], !path.isEmpty { return try SecretFile.read(path) }
        return environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// libpq tells causes in words only; the server's own are in its language, so a few are matched and all are shown.
    private static func explain(_ words: String) -> ExamineSetting.Finding {
        let known: [(mark: String, what: String, remedy: String)] = [
            (
                "password authentication failed", "the role's password is wrong",
                "compare the password in SHAO_POSTGRES_PASSWORD_FILE (or in the connection string) with the role's; deploy/postgres/setup sets it anew"
            ),
            (
                "no password supplied", "the server asks for a password and none is given",
                "give SHAO_POSTGRES_PASSWORD_FILE, or a passfile that only its owner can read"
            ),
            ("certificate has expired", "the server's certificate has expired", "renew the server's certificate"),
            (
                "certificate verify failed", "the server's certificate is not to be trusted",
                "the server's certificate has expired, or another authority than sslrootcert's signed it: openssl s_client -starttls postgres -connect HOST:PORT shows its dates and issuer"
            ),
            (
                "does not match host name", "the server's certificate is for another host",
                "connect by a name that stands in the certificate, or have it issued for this one"
            ),
            (
                "root certificate file", "the authority's certificate cannot be read",
                "sslrootcert must name a file of the authority that this process may read"
            ),
            (
                "does not support SSL", "the server speaks no TLS",
                "switch TLS on at the server, or ask for less than sslmode=require where the way to it is private"
            ),
            (
                "no pg_hba.conf entry", "the server lets nobody in this way",
                "the server's pg_hba.conf has no line for this role, database, address and kind of connection"
            ),
            ("no address for host", "the host has no address", "the name of the host does not resolve here"),
            ("does not exist", "the role or the database is missing", "make role and database: deploy/postgres/setup"),
            (
                "permission denied for database", "the role may not connect",
                "this role may not connect to that database: each service has its own"
            ),
        ]
        let found = known.first { words.contains($0.mark) }
        let (what, remedy) = (found?.what ?? "does not answer", found?.remedy ?? "is the server running, and is the address right?")
        return .wrong("Postgres: \(what): \(words.split(separator: "\n").joined(separator: " "))", remedy)
    }
}
