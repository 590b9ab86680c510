import TestKit
import Testing

@testable import HTTP

/// How another strict parser cuts the same bytes: what both accept, both must frame alike.
@Suite struct NodeTests {
    private static let script = """
        const http = require('http')
        const server = http.createServer({ insecureHTTPParser: false }, (q, r) => {
          const body = []
          q.on('data', d => body.push(d))
          q.on('error', () => {})
          q.on('end', () => r.end(q.method + ' ' + q.url + ' ' + Buffer.concat(body).toString('hex')))
        })
        server.httpAllowHalfOpen = true
        server.on('clientError', (e, s) => s.end())
        server.listen(0, '127.0.0.1', () => console.log(server.address().port))
        """

    private static let seeds = [
        "GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b?c=d HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET /b HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3;x=y\r\nabc\r\n0\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n",
        "PUT /a HTTP/1.1\r\nContent-Length: 30\r\nHost: a\r\n\r\nGET /c HTTP/1.1\r\nHost: a\r\n\r\n   POST /d HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nT: u\r\n\r\n",
    ]

    @Test(.enabled(if: ChildProcess.isInstalled("node"), "node is not installed"))
    func `what node accepts too is framed as node frames it`() async throws {
        let node = try ChildProcess("node", ["-e", Self.script])
        defer { node.end() }
        let port = try #require(Int(try await node.firstLine()))
        var mutator = Mutator(seed: 20_261_121)
        let plain = HostileTable.all.map(\.bytes).filter { $0.count < 2000 && !$0.starts(with: Array("HEAD".utf8)) }
        var inputs = Self.seeds.map { Array($0.utf8) } + plain
        for n in 0..<2400 { inputs.append(mutator.mutate(Array(Self.seeds[n % Self.seeds.count].utf8))) }
        var compared = 0
        for input in inputs {
            var framer = Framer()
            framer.feed(input)
            let ours = framer.requests.filter(\.isComplete)
            // Ours turns absolute-form into origin-form before anybody sees it.
            if ours.isEmpty || ours.contains(where: { $0.method == .head }) || String(decoding: input, as: UTF8.self).contains("://") {
                continue
            }
            let client = try await RawHTTP.connect(port: port)
            // Only what ours took: after an error node drops answers it still owes.
            try? await client.send(Array(input.prefix(framer.accepted)))
            client.endSending()
            let theirs = await client.responsesUntilClosed().filter { $0.status == 200 }.map(\.text)
            for (request, answer) in zip(ours.map(Self.line), theirs) {
                #expect(request == answer, "\(String(decoding: input, as: UTF8.self).debugDescription)")
                compared += 1
            }
        }
        #expect(compared > 500)
    }

    private static func line(_ request: Framer.Request) -> String {
        let hex = request.body.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return "\(request.method.rawValue) \(String(decoding: request.target, as: UTF8.self)) \(hex)"
    }
}
