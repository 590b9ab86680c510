public import Foundation
import Synchronization

/// Caddy with the deployment's own file, before any services.
public final class Gateway: Sendable {
    public let port: Int
    private let process: Mutex<Process>
    private let storage: URL

    /// The checkout.
    public static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardizedFileURL
    public static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: "/usr/bin/caddy") }

    /// - Parameter upstreams: by service, `host:port` with blanks between replicas.
    public init(_ upstreams: [String: String]) throws {
        port = Int(try FreePort.next())
        storage = FileManager.default.temporaryDirectory.appending(path: "shao-gateway-\(UUID().uuidString)")
        var environment = [
            "PATH": "/usr/bin:/bin", "HOME": storage.path(), "GATEWAY_ADDRESS": ":\(port)", "GATEWAY_STORAGE": storage.path(),
        ]
        for (service, addresses) in upstreams { environment["\(service.uppercased())_UPSTREAMS"] = addresses }
        let started = Process()
        started.executableURL = URL(filePath: "/usr/bin/caddy")
        started.arguments = ["run", "--config", Self.root.appending(path: "deploy/caddy/Caddyfile").path(), "--adapter", "caddyfile"]
        started.environment = environment
        started.standardInput = FileHandle.nullDevice
        started.standardOutput = FileHandle.nullDevice
        started.standardError = FileHandle.nullDevice
        try started.run()
        process = Mutex(started)
    }

    /// Not terminate(): a child started from a thread of the pool inherits its mask, which holds SIGTERM back.
    public func stop() {
        process.withLock { _ = kill($0.processIdentifier, SIGKILL) }
        try? FileManager.default.removeItem(at: storage)
    }
}
