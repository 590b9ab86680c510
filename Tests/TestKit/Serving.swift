import EventLoop
public import HTTP
import Telemetry

extension HTTPServer {
    /// A server on a free port of loopback for the time of `body`, which is told the port.
    /// - Parameter problemPage: problems as pages, for who asks for pages.
    public static func serving(
        _ routes: Routes, problemPage: (@Sendable (ProblemReport) -> HTTPResponse?)? = nil, _ body: (Int) async throws -> Void
    ) async throws {
        var configuration = HTTPServerConfiguration(name: "test", host: "127.0.0.1", port: 0)
        configuration.problemPage = problemPage
        let server = try HTTPServer(
            configuration, routes: routes, on: .shared,
            log: Log("test", level: .error), metrics: MetricsRegistry())
        let port = try await server.start()
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(port)) } catch { outcome = .failure(error) }
        await server.drain(notice: .zero, grace: .zero)
        try outcome.get()
    }
}

extension RawHTTP {
    /// One request on a connection of its own, with its body's length and these field lines.
    public static func exchange(port: Int, _ head: String, _ fields: [String] = [], body: String = "") async throws -> RawResponse {
        let client = try await connect(port: port)
        let lines = ["\(head) HTTP/1.1", "Host: a", "Content-Length: \(body.utf8.count)"] + fields
        try await client.send(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
        return try await client.response()
    }
}
