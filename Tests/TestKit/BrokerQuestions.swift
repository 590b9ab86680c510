import CPosix
import EventLoop
import Glibc

/// A client that signs in by PLAIN on a plain door and asks the broker's authorizer what its user may do: Kafka's own numbers of
/// operations, per topic and group. librdkafka of Debian 12 has no such question.
public enum BrokerQuestions {
    public struct Failed: Error, CustomStringConvertible {
        public let description: String
    }

    /// Operations as the protocol numbers them.
    public enum Operation: Int, CaseIterable, Sendable {
        case read = 3
        case write = 4
        case create = 5
        case delete = 6
        case alter = 7
        case describe = 8
        case describeConfigs = 10
        case alterConfigs = 11
    }

    public struct Answer: Sendable {
        /// Of every topic asked for; nothing of one that this user cannot even see.
        public let topics: [String: Set<Operation>]
        public let groups: [String: Set<Operation>]
    }

    /// One connection, three requests. Blocks its own thread only.
    public static func ask(
        _ user: String, password: String, port: UInt16, topics: [String], groups: [String]
    ) async throws -> Answer {
        let outcome = await OwnThread.run("broker-ask") { Result { try askNow(user, password, port, topics, groups) } }
        return try outcome.get()
    }

    private static func askNow(
        _ user: String, _ password: String, _ port: UInt16, _ topics: [String], _ groups: [String]
    ) throws -> Answer {
        let wire = try Wire(port: port)
        var handshake = try wire.call(17, 1) { $0.text("PLAIN") }
        guard try handshake.int16() == 0 else { throw Failed(description: "no PLAIN here") }
        var signIn = try wire.call(36, 1) { $0.bytes(Array("\0\(user)\0\(password)".utf8)) }
        guard try signIn.int16() == 0 else { throw Failed(description: "\(user) is not let in") }
        var metadata = try wire.call(3, 8) { request in
            request.int32(Int32(topics.count))
            for topic in topics { request.text(topic) }
            request.out += [0, 0, 1]  // no automatic making, nothing of the cluster, what is authorized of topics
        }
        var described = try wire.call(15, 4) { request in
            request.int32(Int32(groups.count))
            for group in groups { request.text(group) }
            request.out += [1]
        }
        return Answer(topics: try readTopics(&metadata), groups: try readGroups(&described))
    }

    private static func operations(_ bits: Int32) -> Set<Operation> {
        // The smallest number says "not asked", or "you may not know".
        bits == .min ? [] : Set(Operation.allCases.filter { bits >> $0.rawValue & 1 == 1 })
    }

    private static func readTopics(_ reply: inout Wire.Reply) throws -> [String: Set<Operation>] {
        _ = try reply.int32()  // throttled for
        for _ in 0..<(try reply.int32()) {
            _ = (try reply.int32(), try reply.text(), try reply.int32(), try reply.text())
        }
        _ = (try reply.text(), try reply.int32())
        var found: [String: Set<Operation>] = [:]
        for _ in 0..<(try reply.int32()) {
            let code = try reply.int16()
            let name = try reply.text()
            _ = try reply.take(1)
            for _ in 0..<(try reply.int32()) {
                _ = (try reply.int16(), try reply.int32(), try reply.int32(), try reply.int32())
                for _ in 0..<3 { _ = try reply.take(4 * Int(try reply.int32())) }
            }
            let bits = try reply.int32()
            found[name] = code == 29 ? [] : operations(bits)
        }
        return found
    }

    private static func readGroups(_ reply: inout Wire.Reply) throws -> [String: Set<Operation>] {
        _ = try reply.int32()
        var found: [String: Set<Operation>] = [:]
        for _ in 0..<(try reply.int32()) {
            let code = try reply.int16()
            let name = try reply.text()
            _ = (try reply.text(), try reply.text(), try reply.text())
            guard try reply.int32() == 0 else { throw Failed(description: "the group \(name) has members") }
            let bits = try reply.int32()
            found[name] = code == 30 ? [] : operations(bits)
        }
        return found
    }
}

/// Kafka's frames over one blocking socket.
private final class Wire {
    struct Request {
        var out: [UInt8] = []
        mutating func int16(_ value: Int16) { withUnsafeBytes(of: value.bigEndian) { out += $0 } }
        mutating func int32(_ value: Int32) { withUnsafeBytes(of: value.bigEndian) { out += $0 } }
        mutating func text(_ value: String) {
            int16(Int16(value.utf8.count))
            out += value.utf8
        }
        mutating func bytes(_ value: [UInt8]) {
            int32(Int32(value.count))
            out += value
        }
    }

    struct Reply {
        var rest: ArraySlice<UInt8>
        mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
            guard count >= 0, rest.count >= count else { throw BrokerQuestions.Failed(description: "the answer is too short") }
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count)
        }
        mutating func int16() throws -> Int16 { Int16(truncatingIfNeeded: try take(2).reduce(0) { $0 << 8 | Int32($1) }) }
        mutating func int32() throws -> Int32 { try take(4).reduce(0) { $0 << 8 | Int32($1) } }
        mutating func text() throws -> String {
            let count = Int(try int16())
            return count < 0 ? "" : String(decoding: try take(count), as: UTF8.self)
        }
    }

    private let descriptor: CInt
    private var number: Int32 = 0

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let outcome = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
        }
        guard outcome == 0 else { throw SystemError(call: "connect") }
    }

    deinit { close(descriptor) }

    func call(_ key: Int16, _ version: Int16, _ body: (inout Request) -> Void) throws -> Reply {
        number += 1
        var request = Request()
        request.int16(key)
        request.int16(version)
        request.int32(number)
        request.text("tests")
        body(&request)
        var frame = Request()
        frame.bytes(request.out)
        guard send(descriptor, frame.out, frame.out.count, 0) == frame.out.count else { throw SystemError(call: "send") }
        var head = Reply(rest: try receive(4)[...])
        var reply = Reply(rest: try receive(Int(try head.int32()))[...])
        guard try reply.int32() == number else { throw BrokerQuestions.Failed(description: "another request's answer") }
        return reply
    }

    private func receive(_ count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var have = 0
        while have < count {
            let got = bytes.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress?.advanced(by: have), count - have, 0) }
            guard got > 0 else { throw BrokerQuestions.Failed(description: "the broker hung up") }
            have += got
        }
        return bytes
    }
}
