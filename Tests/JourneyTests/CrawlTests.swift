import Contracts
import EventLoop
import Foundation
import HTTP
import JSON
import Pages
import TestKit
import Testing

/// Every link of every page and letter leads somewhere: over five running services, as a resident and as signed-in staff.
@Suite(.serialized, .enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)))
struct CrawlTests {
    @Test func `no page and no letter links to what is not there`() async throws {
        try await JourneyStreet.run(.embedded, recipients: try JourneyStreet.demoRecipients) { street in
            let receipts = try await reports(street)
            let gateway = try GatewayTable()
            var resident = try Crawl(street: street, gateway: gateway)
            try await resident.walk(
                from: [.start, .plate(code: JourneyStreet.lamp), .overview(), .signIn(), .desk(.street), .desk(.community)]
                    + receipts.flatMap { [.status(token: $0.token), .status(token: $0.token, isNew: true)] }
                    + ProblemCatalogue.codes.map { .problem(code: $0) })
            #expect(
                resident.visited.contains { $0.hasPrefix("/e/") } && resident.visited.contains { $0.hasPrefix("/sign-in?next=/analytics") })

            for (name, desk) in [("community", PagePath.Desk.community), ("street", .street)] {
                var staff = try Crawl(street: street, gateway: gateway)
                try await staff.signIn(name)
                try await staff.walk(from: [.desk(desk), .overview(), .signIn()])
                let cases = staff.visited.filter { $0.hasPrefix("/\(desk.rawValue)/") }
                #expect(!cases.isEmpty && staff.visited.contains { $0.hasPrefix("/v1/rates.csv") }, "\(staff.visited)")
                for path in try await letters(street, to: "/\(desk.rawValue)") { try await staff.visit(path, from: "a letter") }
            }
            for path in try await letters(street, to: "/s/") + letters(street, to: "/e/") {
                try await resident.visit(path, from: "a letter")
            }
            // Nothing else is linked by letters.
            let other = try await letters(street, to: "/").filter { path in
                !["/s/", "/e/", "/street", "/community", "/q/"].contains { path.hasPrefix($0) }
            }
            #expect(other == [], "letters link to \(other)")
        }
    }

    /// One report just reported, one whistled, one closed, one called to departments at once.
    private func reports(_ street: JourneyStreet) async throws -> [JourneyStreet.Receipt] {
        var receipts: [JourneyStreet.Receipt] = []
        for text in ["灯杆歪了", "灯罩松了", "线垂下来了"] {
            receipts.append(try await street.report(category: "E99999", text: text, phone: "13800138000"))
        }
        for receipt in receipts { try await street.resident(receipt, sees: .reported) }
        receipts.append(try await street.report(category: "P01024", text: "灯不亮", phone: "13800138000"))
        let (whistled, closed, called) = (receipts[1], receipts[2], receipts[3])
        #expect(try await street.act("accept", whistled.ticket, as: "community") == 303)
        #expect(try await street.act("whistle", whistled.ticket, as: "community", ["kind": ["tough"], "reason": ["要断电"]]) == 303)
        #expect(try await street.act("accept", closed.ticket, as: "community") == 303)
        #expect(try await street.act("answer", closed.ticket, as: "community", ["text": ["已到现场，把线收好了。"], "ending": ["solved"]]) == 303)
        #expect(try await street.act("verify", closed.ticket, as: "community", ["accepted": ["yes"], "ending": ["solved"]]) == 303)
        try await street.resident(closed, sees: .closed)
        try await street.resident(whistled, sees: .whistled)
        try await street.resident(called, sees: .dispatched)
        await eventually(within: .seconds(60), "residents and the street were written to") {
            let sent = try await letters(street, to: "/")
            return sent.contains { $0.hasPrefix("/e/") } && sent.count > 3
        }
        return receipts
    }

    /// The addresses of ours in what was written to residents and desks.
    private func letters(_ street: JourneyStreet, to start: String) async throws -> [String] {
        var found: Set<String> = []
        for file in try FileManager.default.contentsOfDirectory(at: street.outbox, includingPropertiesForKeys: nil) {
            let text = try String(contentsOf: file, encoding: .utf8).replacingOccurrences(of: "\\/", with: "/")
            for piece in text.components(separatedBy: "http://127.0.0.1:8080").dropFirst() {
                found.insert(String(piece.prefix { $0.isASCII && !"\"\\ <>)".contains($0) }))
            }
        }
        return found.filter { $0.hasPrefix(start) }.sorted()
    }
}

/// Which service the gateway asks for a path, read from its own file.
struct GatewayTable {
    private var patterns: [(service: String, pattern: String)] = []

    init() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../deploy/caddy/Caddyfile")
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
            guard words.count > 2, words[0].hasPrefix("@"), words[1] == "path", words[0] != "@inside" else { continue }
            for pattern in words.dropFirst(2) { patterns.append((String(words[0].dropFirst()), pattern)) }
        }
    }

    func service(of path: String) -> String? {
        patterns.first { $0.pattern.hasSuffix("*") ? path.hasPrefix($0.pattern.dropLast()) : path == $0.pattern }?.service
    }
}

/// Follows links until there are no new ones.
private struct Crawl {
    let street: JourneyStreet
    let gateway: GatewayTable
    let client: HTTPClient
    private var cookie: String?
    private(set) var visited: Set<String> = []

    init(street: JourneyStreet, gateway: GatewayTable) throws {
        self.street = street
        self.gateway = gateway
        client = try HTTPClient(.unrestricted)
    }

    /// Through the sign-in page, as people do.
    mutating func signIn(_ name: String) async throws {
        let token = JourneyStreet.token(name).replacingOccurrences(of: " ", with: "+")
        let path = PagePath.signIn().description
        let answer = try await ask("POST", path, Array("token=\(token)&next=/".utf8), type: "application/x-www-form-urlencoded")
        cookie = answer.headers.filter { $0.name.lowercased() == "set-cookie" }.map { String($0.value.prefix { $0 != ";" }) }
            .joined(separator: "; ")
        #expect(answer.status == 303, "\(name) signs in")
    }

    mutating func walk(from pages: [PagePath]) async throws {
        var waiting = pages.map { (path: $0.description, from: "a seed") }
        while let next = waiting.popLast(), visited.count < 600 {
            for link in try await visit(next.path, from: next.from) { waiting.append((link, next.path)) }
        }
        #expect(waiting.isEmpty, "there is no end of pages")
    }

    /// Asks for a page; the links that it holds.
    @discardableResult
    mutating func visit(_ path: String, from: String) async throws -> [String] {
        guard visited.insert(path).inserted else { return [] }
        let answer = try await ask("GET", path)
        #expect([200, 303].contains(answer.status), "\(path), linked from \(from), answers \(answer.status)")
        if let location = answer.headers.first(where: { $0.name.lowercased() == "location" })?.value { return [location] }
        let html = String(decoding: answer.body, as: UTF8.self)
        guard html.hasPrefix("<!doctype html>") else { return [] }
        let faults = PageText.faults(html)
        #expect(faults.isEmpty, "\(path): \(faults)")
        for action in links(html, "method=\"post\" action=\"") {
            let options = try await ask("OPTIONS", action)
            let allowed = options.headers.first { $0.name.lowercased() == "allow" }?.value ?? ""
            #expect(allowed.contains("POST"), "\(action), a form of \(path), takes \(allowed)")
        }
        // Switching language or size shows the same page.
        if path.contains("lang=") || path.contains("big=") { return [] }
        return (links(html, "href=\"") + links(html, "src=\"")).filter { $0.hasPrefix("/") }
    }

    private func links(_ html: String, _ start: String) -> [String] {
        html.components(separatedBy: start).dropFirst().map { $0.prefix { $0 != "\"" }.replacingOccurrences(of: "&amp;", with: "&") }
    }

    private func ask(_ method: String, _ path: String, _ body: [UInt8]? = nil, type: String? = nil) async throws -> HTTPClient.Response {
        let bare = String(path.prefix { $0 != "?" })
        let service = try #require(gateway.service(of: bare), "the gateway knows nobody for \(path)")
        let port = try #require(street.services.all.first { $0.name == service }?.port)
        var request = HTTPClient.Request(method, "http://127.0.0.1:\(port)\(path)")
        request.headers = [("accept", "text/html"), ("accept-language", "zh-CN")]
        if let cookie { request.headers.append(("cookie", cookie)) }
        if let type { request.headers.append(("content-type", type)) }
        if let body { request.body = body }
        return try await client.send(request)
    }
}
