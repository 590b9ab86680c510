import FoundationEssentials
import Glibc
import Routing
import ServiceKit

// `routing topics` needs no database and no secrets: it runs before there is anything else.
if CommandLine.arguments.dropFirst().first == "topics" {
    do {
        let environment = ProcessInfo.processInfo.environment
        print(try ListTopics.lines(environment: environment).joined(separator: "\n"))
        if CommandLine.arguments.contains("--create") { try await ListTopics.create(environment: environment) }
        exit(0)
    } catch {
        print("routing topics: \(error)")
        exit(1)
    }
}
await Routing.main()
