import Foundation

/// A shell script in place of the photo worker.
enum FakeWorker {
    static let confined = "user no-new-privileges calls files network processes landlock empty-root own-network"

    /// Says that it is confined as `posture` has it, then runs `end`; without one it reads photos and never answers.
    static func make(_ posture: String = confined, then end: String = "cat >/dev/null") throws -> String {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("shao-worker-\(UUID().uuidString)").path
        let octal = String(posture.utf8.count, radix: 8)
        let script = "#!/bin/sh\nPATH=/usr/bin:/bin\nprintf '\\002\\000\\000\\000\\\(octal)%s' '\(posture)'\n\(end)\n"
        try Data(script.utf8).write(to: URL(fileURLWithPath: path + ".text"))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path + ".text")
        // Written by another process: a program that any process started meanwhile may still write to cannot be started.
        let copy = Process()
        copy.executableURL = URL(fileURLWithPath: "/bin/cp")
        copy.arguments = [path + ".text", path]
        try copy.run()
        copy.waitUntilExit()
        return path
    }
}
