import FoundationEssentials
import Glibc
import Routing
import ServiceKit

// `routing topics` and `routing rights` need no database and no secrets but the broker's: they run before there is anything else.
let command = CommandLine.arguments.dropFirst().first
if command == "topics" || command == "rights" {
    do {
        let environment = ProcessInfo.processInfo.environment
        let isMaking = CommandLine.arguments.contains("--create")
        if command == "topics" {
            print(try ListTopics.lines(environment: environment).joined(separator: "\n"))
            if isMaking { try await ListTopics.create(environment: environment) }
        } else {
            print(try ListRights.lines(environment: environment).joined(separator: "\n"))
            if isMaking { try await ListRights.create(environment: environment) }
        }
        exit(0)
    } catch {
        print("routing \(command ?? ""): \(error)")
        exit(1)
    }
}
await Routing.main()
