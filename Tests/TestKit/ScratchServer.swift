import Foundation
public import Postgres

/// A Postgres server of a test's own, beside the scratch server: another system identifier, its own transaction numbers.
public struct ScratchServer: Sendable {
    public struct Failed: Error, CustomStringConvertible {
        public let description: String
    }

    private let folder: URL
    /// libpq's connection string of its superuser, without a database.
    public let conninfo: String

    /// Where its socket is: libpq's `PGHOST`.
    public var socketFolder: String { folder.path() }

    /// The newest installed server's programs, nil when there is none.
    private static let programs: URL? = {
        let root = URL(filePath: "/usr/lib/postgresql")
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root.path())) ?? []
        return versions.compactMap { Int($0) }.sorted().last.map { root.appending(path: "\($0)/bin") }
    }()

    public static var isAvailable: Bool { programs != nil && TemporaryDatabase.isAvailable }
    public static let reason = "no Postgres programs under /usr/lib/postgresql, or no scratch server"

    /// Runs `body` with a fresh server; stops and removes it afterwards.
    public static func with<Value>(_ body: (ScratchServer) async throws -> Value) async throws -> Value {
        let server = try ScratchServer()
        defer { server.remove() }
        try server.run("initdb", ["-D", server.data, "-U", "postgres", "-A", "trust", "--encoding=UTF8", "--locale=C.UTF-8", "-N"])
        try server.start()
        return try await body(server)
    }

    private init() throws {
        folder = URL(filePath: "/tmp").appending(path: "shao-second-\(UUID().uuidString.prefix(8).lowercased())")
        conninfo = "host=\(folder.path()) user=postgres"
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        if Self.isRoot { try Self.execute("/bin/chown", ["postgres:", folder.path()]) }
    }

    private var data: String { folder.path() + "/data" }

    public func start() throws { try start("-c listen_addresses=''") }

    /// Started anew with TLS on a port of 127.0.0.1 and nothing else there; who signs in needs a password.
    public func restart(port: UInt16, certificate: String, key: String) throws {
        try stop()
        for (file, name) in [(certificate, "server.crt"), (key, "server.key")] {
            // Postgres takes a key only from its owner's hands.
            try Self.execute("/usr/bin/install", ["-m", "600"] + (Self.isRoot ? ["-o", "postgres"] : []) + [file, "\(data)/\(name)"])
        }
        let rules = "local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n"
        try Data(rules.utf8).write(to: URL(filePath: data + "/pg_hba.conf"))
        try start("-c listen_addresses=127.0.0.1 -c port=\(port) -c ssl=on")
    }

    private func start(_ more: String) throws {
        let options = "-c unix_socket_directories='\(folder.path())' -c max_connections=30 \(more)"
        try run("pg_ctl", ["start", "-w", "-s", "-D", data, "-l", folder.path() + "/log", "-o", options])
    }

    public func stop() throws { try run("pg_ctl", ["stop", "-w", "-s", "-m", "immediate", "-D", data]) }

    /// As after a fail-over: comes up as a standby and is promoted, which begins a new timeline.
    public func failOver() throws {
        try run("pg_ctl", ["stop", "-w", "-s", "-m", "fast", "-D", data])
        try run("/usr/bin/touch", [data + "/standby.signal"])
        try start()
        try run("pg_ctl", ["promote", "-w", "-s", "-D", data])
    }

    /// Dumps a database and restores it here, as an operator would after the loss of a server.
    public func restore(_ source: PostgresConfiguration, as name: String) async throws -> PostgresConfiguration {
        guard let programs = Self.programs else { throw Failed(description: Self.reason) }
        let file = "/tmp/\(folder.lastPathComponent).sql"
        defer { try? FileManager.default.removeItem(atPath: file) }
        let database = try await TemporaryDatabase.withPool(source) {
            try await $0.query("SELECT current_database()::text", as: String.self)
        }
        guard let database = database.first else { throw Failed(description: "no database to dump") }
        try Self.execute(programs.path() + "/pg_dump", ["-d", source.conninfo + " dbname=\(database)", "-f", file])
        try Self.execute(programs.path() + "/psql", ["-X", "-q", "-d", conninfo + " dbname=postgres", "-c", "CREATE DATABASE \(name)"])
        try Self.execute(
            programs.path() + "/psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", conninfo + " dbname=\(name)", "-f", file])
        return PostgresConfiguration(conninfo: conninfo + " dbname=\(name)", poolSize: 4, applicationName: "tests")
    }

    private func remove() {
        try? stop()
        try? FileManager.default.removeItem(at: folder)
    }

    private static var isRoot: Bool { NSUserName() == "root" }

    /// PostgreSQL refuses to run as root; then the system's postgres user runs it.
    private func run(_ program: String, _ arguments: [String]) throws {
        guard let programs = Self.programs else { throw Failed(description: Self.reason) }
        let path = program.hasPrefix("/") ? program : programs.path() + "/" + program
        if Self.isRoot {
            try Self.execute("/sbin/runuser", ["-u", "postgres", "--", path] + arguments)
        } else {
            try Self.execute(path, arguments)
        }
    }

    /// Foundation sees a child's end by a descriptor that closes with it: a server that inherited it would live on unnoticed.
    private static let closing = """
        for open in /proc/self/fd/*; do number=${open##*/}; ((number <= 2)) || eval "exec $number>&-"; done; exec "$0" "$@"
        """

    private static func execute(_ path: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = ["-c", closing, path] + arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.currentDirectoryURL = URL(filePath: "/tmp")
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failed(description: "\(path) \(arguments.joined(separator: " ")): status \(process.terminationStatus)")
        }
    }
}
