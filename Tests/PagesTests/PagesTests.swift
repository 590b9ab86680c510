import Foundation
import Pages
import Testing

@Suite struct `The sample site` {
    @Test func `is written for looking at when a folder is named`() throws {
        guard let folder = ProcessInfo.processInfo.environment["SHAO_SAMPLES"] else { return }
        try Sample.write(to: URL(filePath: folder))
    }
}
