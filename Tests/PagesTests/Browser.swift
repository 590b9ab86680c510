import Foundation
import Glibc
import Pages
import Testing

/// A loopback site of the samples under the real policy, and the checking tools as child processes.
enum Browser {
    static let checks = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../shared/checks").standardizedFileURL

    static var isHere: Bool {
        let files = [
            "/usr/bin/chromium", checks.appending(path: "page.mjs").path(), checks.appending(path: "node_modules/playwright-core").path(),
        ]
        let search = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        let hasTools = ["node", "python3"].allSatisfy { tool in
            search.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(tool)") }
        }
        return hasTools && files.allSatisfy { FileManager.default.fileExists(atPath: $0) }
    }

    struct Site {
        let folder: URL
        let address: String
        let server: Process
        func stop() {
            // Not terminate(): a child started from a thread of the pool inherits its mask, which holds SIGTERM back.
            kill(server.processIdentifier, SIGKILL)
            try? FileManager.default.removeItem(at: folder)
        }
    }

    static func start() async throws -> Site {
        let folder = FileManager.default.temporaryDirectory.appending(path: "shao-pages-\(UUID().uuidString)")
        try Sample.write(to: folder)
        try Data("html { font-size: 200% !important; }".utf8).write(to: folder.appending(path: "double.css"))
        for page in Sample.site {
            let place = folder.appending(path: "double/" + page.path + ".html")
            try FileManager.default.createDirectory(at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
            let doubled = page.html.markup.replacingOccurrences(
                of: "</head>", with: "<link rel=\"stylesheet\" href=\"/double.css\"></head>")
            try Data(doubled.utf8).write(to: place)
        }
        let server = Process()
        let pipe = Pipe()
        server.executableURL = URL(filePath: "/usr/bin/env")
        server.arguments = ["python3", "-c", source, folder.path(), ContentSecurityPolicy.header]
        server.standardOutput = pipe
        server.standardError = FileHandle.nullDevice
        server.standardInput = FileHandle.nullDevice
        try server.run()
        let port = String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self).filter(\.isNumber)
        return Site(folder: folder, address: "http://127.0.0.1:\(port)", server: server)
    }

    /// What a script of ours says that fails on a site of its own; nothing where it succeeds. Its arguments: folder of the checking
    /// tools, address of the site, then those given.
    static func complaint(of script: String, _ arguments: [String] = []) async throws -> String? {
        let site = try await start()
        defer { site.stop() }
        let file = site.folder.appending(path: "script.mjs")
        try Data(script.utf8).write(to: file)
        let result = try await run("/usr/bin/env", ["node", file.path(), checks.path(), site.address] + arguments, output: site.folder)
        return result.status == 0 ? nil : result.output
    }

    static func check(_ paths: [String], _ options: [String], at location: SourceLocation = #_sourceLocation) async throws {
        let site = try await start()
        defer { site.stop() }
        // Two browsers side by side: judging a page is one process's work.
        async let half = reports(on: paths[..<(paths.count / 2)], of: site, options)
        let outputs = try await [reports(on: paths[(paths.count / 2)...], of: site, options), half]
        let reports = outputs.flatMap { $0.split(separator: "\n") }.filter { $0.hasPrefix("{") }
        #expect(reports.count == paths.count, "\(outputs)", sourceLocation: location)
        for report in reports where !report.contains("\"clean\":true") { Issue.record("\(report)", sourceLocation: location) }
    }

    private static func reports(on paths: ArraySlice<String>, of site: Site, _ options: [String]) async throws -> String {
        if paths.isEmpty { return "" }
        let arguments = ["node", checks.appending(path: "page.mjs").path()] + paths.map { "\(site.address)/\($0)" } + options
        return try await run("/usr/bin/env", arguments, output: site.folder).output
    }

    static func run(_ tool: String, _ arguments: [String], output folder: URL) async throws -> (status: Int32, output: String) {
        let file = folder.appending(path: "output-\(UUID().uuidString)")
        try Data().write(to: file)
        let process = Process()
        process.executableURL = URL(filePath: tool)
        process.arguments = arguments
        let handle = try FileHandle(forWritingTo: file)
        process.standardOutput = handle
        process.standardError = handle
        let status = try await withCheckedThrowingContinuation { (done: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { done.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { done.resume(throwing: error) }
        }
        try handle.close()
        return (status, String(decoding: try Data(contentsOf: file), as: UTF8.self))
    }

    /// Serves files as the services would, keeps what is posted, and answers it with the result page.
    static let source = """
        import http.server, json, os, re, sys, urllib.parse
        os.chdir(sys.argv[1])
        posts = []
        class Handler(http.server.SimpleHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'
            def end_headers(self):
                self.send_header('content-security-policy', sys.argv[2])
                super().end_headers()
            def translate_path(self, path):
                found = super().translate_path(path.split('?')[0])
                return found if os.path.isfile(found) else found + '.html'
            def do_GET(self):
                if self.path != '/posts': return super().do_GET()
                body = json.dumps(posts).encode()
                self.send_response(200); self.send_header('content-length', str(len(body))); self.end_headers(); self.wfile.write(body)
            def do_POST(self):
                body = self.rfile.read(int(self.headers['content-length']))
                sizes = []
                for jpeg in re.finditer(rb'\\xff\\xc0..\\x08(..)(..)', body, re.S):
                    sizes.append([int.from_bytes(jpeg[2], 'big'), int.from_bytes(jpeg[1], 'big')])
                field = lambda name: (re.findall(rb'name="' + name + rb'"\\r\\n\\r\\n(.*?)\\r\\n', body, re.S) or [b''])[0].decode()
                posts.append({'key': field(b'key'), 'category': field(b'category'), 'text': field(b'text'), 'also': field(b'also'), 'phone': field(b'phone'), 'bytes': len(body), 'sizes': sizes,
                              'files': body.count(b'filename="')})
                self.send_response(303); self.send_header('location', '/r/result'); self.send_header('content-length', '0'); self.end_headers()
            def log_message(self, *parts): pass
        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        print(server.server_address[1], flush=True)
        server.serve_forever()
        """
}
