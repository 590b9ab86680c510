public import Foundation

/// Certificates for tests of TLS, made by openssl in a folder of their own: two authorities, and a server's certificates for the address
/// 127.0.0.1 (not for the name `localhost`), one that holds and one that has expired.
public struct Certificates: Sendable {
    public struct Failed: Error, CustomStringConvertible {
        public let description: String
    }

    public static let isAvailable = FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")
    public static let reason = "/usr/bin/openssl is not installed"

    public let folder: URL
    /// The authority that signed the server's certificates.
    public var authority: String { path("ca.crt") }
    /// An authority that signed none.
    public var strangers: String { path("other.crt") }
    public var certificate: String { path("good.crt") }
    public var key: String { path("good.key") }
    public var expired: String { path("old.crt") }
    public var expiredKey: String { path("old.key") }

    /// - Parameter folder: made here; whoever calls removes it.
    public init(in folder: URL) throws {
        self.folder = folder
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for name in ["ca", "other"] {
            try openssl(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=\(name) of tests"], name)
        }
        let database = """
            [ca]
            default_ca = tests
            [tests]
            dir = \(folder.path())
            database = $dir/index
            new_certs_dir = $dir
            serial = $dir/serial
            default_md = sha256
            policy = any
            x509_extensions = server
            [any]
            commonName = supplied
            [server]
            subjectAltName = IP:127.0.0.1
            extendedKeyUsage = serverAuth
            """
        try Data(database.utf8).write(to: folder.appending(path: "ca.cnf"))
        try Data().write(to: folder.appending(path: "index"))
        try Data("01\n".utf8).write(to: folder.appending(path: "serial"))
        try sign("good", from: "20200101000000Z", to: "20991231000000Z")
        try sign("old", from: "20200101000000Z", to: "20210101000000Z")
    }

    public func path(_ name: String) -> String { folder.appending(path: name).path() }

    /// Key, certificate and authority in one file, as Kafka's brokers take them.
    public func keystore(expired: Bool) throws -> String {
        let name = expired ? "old" : "good"
        let text = try [name + ".key", name + ".crt", "ca.crt"].map { try String(contentsOfFile: path($0), encoding: .utf8) }.joined()
        try Data(text.utf8).write(to: folder.appending(path: name + ".pem"))
        return path(name + ".pem")
    }

    private func sign(_ name: String, from: String, to: String) throws {
        let request = path(name + ".csr")
        try run(["req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=\(name)", "-keyout", path(name + ".key"), "-out", request])
        try run(
            ["ca", "-batch", "-notext", "-config", path("ca.cnf"), "-cert", authority, "-keyfile", path("ca.key")]
                + ["-startdate", from, "-enddate", to, "-in", request, "-out", path(name + ".crt")])
    }

    private func openssl(_ arguments: [String], _ name: String) throws {
        try run(arguments + ["-keyout", path(name + ".key"), "-out", path(name + ".crt")])
    }

    private func run(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failed(description: "openssl \(arguments.joined(separator: " ")): status \(process.terminationStatus)")
        }
    }
}
