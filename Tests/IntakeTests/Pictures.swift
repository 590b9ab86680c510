import Foundation
import Synchronization

/// Pictures made by libvips' own command line, once per run.
enum Pictures {
    static let worker: String = {
        let folder = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: folder).deletingLastPathComponent().appendingPathComponent("photoworker").path
    }()
    static let workerIsBuilt = FileManager.default.isExecutableFile(atPath: worker)
    static let vips: String? = ["/usr/bin/vips", "/usr/local/bin/vips"].first { FileManager.default.isExecutableFile(atPath: $0) }

    /// 640 × 480 of noise in the format of `suffix`, for example `x.jpg` or `x.webp[Q=90]`.
    static func noise(_ name: String) throws -> [UInt8] {
        try made.withLock { made in
            if let known = made[name] { return known }
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
                "shao-pictures-\(ProcessInfo.processInfo.processIdentifier)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let base = folder.appendingPathComponent("base.png").path
            try run("gaussnoise", folder.appendingPathComponent("n.v").path, "640", "480", "--sigma", "40", "--mean", "128")
            try run("cast", folder.appendingPathComponent("n.v").path, folder.appendingPathComponent("u.v").path, "uchar")
            try run("copy", folder.appendingPathComponent("u.v").path, base, "--interpretation", "b-w")
            let file = folder.appendingPathComponent(name).path
            try run("copy", base, file)
            let path = file.split(separator: "[").first.map(String.init) ?? file
            let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
            made[name] = bytes
            return bytes
        }
    }

    /// 32 × 32, wholly transparent black.
    static func transparent() throws -> [UInt8] {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("shao-\(UUID().uuidString).png")
        defer { try? FileManager.default.removeItem(at: file) }
        try run("black", file.path, "32", "32", "--bands", "4")
        return Array(try Data(contentsOf: file))
    }

    /// The colour of one pixel of a picture, as libvips reads it.
    static func pixel(_ picture: [UInt8], _ x: Int, _ y: Int) throws -> [Int] {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("shao-\(UUID().uuidString).jpg")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(picture).write(to: file)
        return try run("getpoint", file.path, "\(x)", "\(y)").split(whereSeparator: \.isWhitespace).compactMap { Double($0).map(Int.init) }
    }

    @discardableResult
    private static func run(_ arguments: String...) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: vips ?? "vips")
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failed(arguments: arguments) }
        return String(decoding: text, as: UTF8.self)
    }

    private static let made = Mutex([String: [UInt8]]())

    struct Failed: Error { let arguments: [String] }

    /// The JPEG with an EXIF block in front: orientation, and a maker's name that must not survive.
    static func withEXIF(_ jpeg: [UInt8], orientation: UInt8) -> [UInt8] {
        let maker = Array("SecretMaker\0".utf8)
        var tiff: [UInt8] = [0x49, 0x49, 0x2a, 0, 8, 0, 0, 0, 2, 0]
        tiff += [0x0f, 0x01, 2, 0, UInt8(maker.count), 0, 0, 0, 38, 0, 0, 0]
        tiff += [0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0]
        tiff += [0, 0, 0, 0] + maker
        let body = Array("Exif\0\0".utf8) + tiff
        let length = UInt16(body.count + 2)
        return [0xff, 0xd8, 0xff, 0xe1, UInt8(length >> 8), UInt8(length & 0xff)] + body + jpeg.dropFirst(2)
    }
}
