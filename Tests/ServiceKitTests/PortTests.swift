import Foundation
import TestKit
import Testing

/// The ports of checkouts beside each other on one machine.
@Suite struct PortTests {
    /// Every port of a checkout with that offset: its own, its bench's, its chaos'. Nil when the offset is refused.
    private func ports(_ offset: String) throws -> Set<Int>? {
        let script = """
            source deploy/dev/frame.sh
            echo "${port[@]}" "${admin_port[@]}" "$watch_port"
            (stand_apart bench 700 && echo "${port[@]}" "${admin_port[@]}")
            (stand_apart chaos 900 && echo "${port[@]}" "${admin_port[@]}")
            seq $((port[intake] + 900 + 21500)) $((port[intake] + 900 + 21600))
            """
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["bash", "-c", "root=$PWD; \(script)"]
        process.currentDirectoryURL = Gateway.root
        process.environment = ["PATH": "/usr/bin:/bin", "SHAO_PORT_OFFSET": offset]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { return nil }
        return Set(String(decoding: said, as: UTF8.self).split { $0.isWhitespace }.compactMap { Int($0) })
    }

    @Test func `whatever offsets checkouts are allowed, none of their ports meet`() throws {
        let own = try #require(try ports("0"))
        #expect(own.count > 100 && own.allSatisfy { $0 < 65_536 })
        let largest = try #require(try ports("34000"))
        #expect(largest == Set(own.map { $0 + 34_000 }) && largest.allSatisfy { $0 < 65_536 })
        // Two checkouts differ by a multiple of 2000.
        for distance in stride(from: 2_000, through: 34_000, by: 2_000) {
            #expect(own.isDisjoint(with: own.map { $0 + distance }), "\(distance)")
        }
    }

    @Test(arguments: ["1000", "996", "1025", "300", "36000", "99999", "-2000", "2000x"])
    func `an offset that others could meet is refused`(_ offset: String) throws { #expect(try ports(offset) == nil) }
}
