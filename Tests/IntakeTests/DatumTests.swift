import Foundation
import Testing

@testable import Intake

struct DatumTests {
    /// Longitude and latitude in GCJ-02 or BD-09, then in WGS-84 as gcoord 1.0 has it.
    private static let known: [(Datum, [Double])] = [
        (.gcj02, [121.4737, 31.2304, 121.46916231, 31.23232927]), (.bd09, [121.4737, 31.2304, 121.46263818, 31.22625753]),
        (.gcj02, [116.404, 39.915, 116.39775550, 39.91359572]), (.bd09, [116.404, 39.915, 116.39138610, 39.90725543]),
        (.gcj02, [113.9448, 22.5431, 113.93992700, 22.54612088]), (.bd09, [113.9448, 22.5431, 113.93338443, 22.54047541]),
        (.gcj02, [87.6168, 43.8256, 87.61395282, 43.82439604]), (.bd09, [87.6168, 43.8256, 87.60755517, 43.81816291]),
        (.gcj02, [110.3312, 20.0311, 110.32683880, 20.03315637]), (.bd09, [91.1322, 29.6604, 91.12406808, 29.65730772]),
    ]

    /// The other implementation stops when it is within a millionth of a degree, eleven centimetres.
    private static let tolerance = 3e-6

    @Test func `shifted points are shifted back to where they are`() {
        for (datum, numbers) in Self.known {
            let found = datum.wgs84(lat: numbers[1], lng: numbers[0])
            #expect(abs(found.lng - numbers[2]) < Self.tolerance && abs(found.lat - numbers[3]) < Self.tolerance, "\(datum) \(numbers)")
        }
    }

    @Test func `points outside China and points in WGS-84 stay`() {
        for (lat, lng) in [(31.2304, 121.4737), (0.0, 0.0), (89.9, 179.9), (-31.0, 121.0)] {
            #expect(Datum.wgs84.wgs84(lat: lat, lng: lng) == (lat, lng))
        }
        #expect(Datum.gcj02.wgs84(lat: 51.5, lng: -0.1) == (51.5, -0.1))
        for value in [Double.nan, .infinity, -.infinity] {
            #expect(Position(lat: value, lng: 121, datum: .bd09).point == nil)
        }
    }

    @Test(
        arguments: [
            ("wgs84", Datum.wgs84), ("WGS-84", .wgs84), ("EPSG:4326", .wgs84), ("cgcs2000", .wgs84), ("CGCS2000", .wgs84),
            ("EPSG:4490", .wgs84),
            ("gcj02", .gcj02), ("GCJ-02", .gcj02), ("gcj_02", .gcj02), ("bd09", .bd09), ("BD-09", .bd09), ("bd09ll", .bd09), ("", nil),
            ("bd09mc", nil), ("epsg3857", nil), ("火星", nil), ("wgs85", nil),
        ] as [(String, Datum?)])
    func `a datum has several spellings`(name: String, datum: Datum?) { #expect(Datum(name) == datum) }

    private static let oracle = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../shared/checks/gcj02.mjs")
        .standardized.path
    private static let node = ["/usr/local/bin/node", "/usr/bin/node"].first { FileManager.default.isExecutableFile(atPath: $0) }
    private static let canAsk = node != nil && FileManager.default.fileExists(atPath: oracle)

    @Test(.enabled(if: canAsk, "needs Node and ../shared/checks/gcj02.mjs beside the checkout"), arguments: ["GCJ02", "BD09"])
    func `another implementation agrees all over China`(name: String) throws {
        let datum = try #require(Datum(name))
        var points: [(lng: Double, lat: Double)] = []
        for lng in stride(from: 74.13, to: 134, by: 3.71) {
            for lat in stride(from: 18.07, to: 53, by: 2.93) { points.append((lng, lat)) }
        }
        let process = Process()
        process.executableURL = URL(filePath: try #require(Self.node))
        process.arguments = [Self.oracle, name, "WGS84", "-"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(points.map { "\($0.lng) \($0.lat)\n" }.joined().utf8))
        try input.fileHandleForWriting.close()
        let lines = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self).split(separator: "\n")
        process.waitUntilExit()
        try #require(lines.count == points.count)
        for (point, line) in zip(points, lines) {
            let theirs = line.split(separator: " ").compactMap { Double($0) }
            let ours = datum.wgs84(lat: point.lat, lng: point.lng)
            #expect(abs(ours.lng - theirs[0]) < Self.tolerance && abs(ours.lat - theirs[1]) < Self.tolerance, "\(point)")
        }
    }
}
