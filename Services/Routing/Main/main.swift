import FoundationEssentials
import Glibc
import Routing
import ServiceKit

// `routing topics` needs no database and no secrets: it runs before there is anything else.
if CommandLine.arguments.dropFirst().first == "topics" {
    do {
        try await ListTopics.run(
            Array(CommandLine.arguments.dropFirst(2)), environment: ProcessInfo.processInfo.environment)
        exit(0)
    } catch {
        print("routing topics: \(error)")
        exit(1)
    }
}
await Routing.main()
