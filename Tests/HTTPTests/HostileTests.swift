import TestKit
import Testing

@testable import HTTP

@Suite struct HostileTests {
    @Test(arguments: HostileTable.all)
    func `hostile and odd requests are answered alike whole and byte by byte`(_ input: HostileInput) async throws {
        try await TestServer.with(sampleRoutes()) { server async throws in
            var replies: [[Reply]] = []
            for byteByByte in [false, true] {
                let client = try await server.connect()
                // The server may close before it took everything.
                if byteByByte { try? await client.sendByteByByte(input.bytes) } else { try? await client.send(input.bytes) }
                client.endSending()
                let responses = try await client.responsesToEnd().filter { $0.status != 100 }
                #expect(responses.map(\.status) == input.statuses, "\(responses.map(\.text))")
                for response in responses where response.status >= 400 { try isProblem(response) }
                if let code = input.code { #expect(responses.last?.member("code") == code) }
                replies.append(responses.map(Reply.init))
            }
            #expect(replies.first == replies.last)
        }
    }

    @Test(arguments: HostileTable.all)
    func `framing does not depend on how the bytes are cut`(_ input: HostileInput) {
        var whole = Framer()
        whole.feed(input.bytes)
        for size in [1, 2, 3, 7, 64, 1000] {
            var cut = Framer()
            var rest = input.bytes[...]
            while !rest.isEmpty {
                cut.feed(rest.prefix(size))
                rest = rest.dropFirst(size)
            }
            #expect(cut.requests == whole.requests)
            #expect(cut.refusal == whole.refusal)
        }
    }

    @Test func `the table holds what the design lists`() {
        #expect(HostileTable.all.count >= 130)
        #expect(Set(HostileTable.all.map(\.name)).count == HostileTable.all.count)
    }

    /// What must be equal however the request came: not the trace, not the date.
    private struct Reply: Hashable {
        let status: Int
        let code: String?
        let detail: String?
        let connection: String?

        init(_ response: RawResponse) {
            status = response.status
            code = response.member("code")
            detail = response.member("detail")
            connection = response.header("connection")
        }
    }

    private func isProblem(_ response: RawResponse) throws {
        #expect(response.header("content-type") == "application/problem+json")
        #expect(response.member("type") == response.member("code").map { "/problems/\($0)" })
        let trace = try #require(response.member("trace_id"))
        #expect(trace.count == 32)
        #expect(response.header("traceparent")?.contains(trace) == true)
    }
}
