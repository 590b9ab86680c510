import FoundationEssentials
import Glibc
import Routing
import ServiceKit

// Commands of routing's own beside those that every service has.
let command = CommandLine.arguments.dropFirst().first
if command == "topics" || command == "rights" || command == "import" {
    do {
        let environment = ProcessInfo.processInfo.environment
        let isMaking = CommandLine.arguments.contains("--create")
        if command == "import" {
            let arguments = Array(CommandLine.arguments.dropFirst(2))
            print(try await ImportCommand.run(arguments, environment: environment).joined(separator: "\n"))
        } else if command == "topics" {
            print(try await ListTopics.lines(environment: environment).joined(separator: "\n"))
            if isMaking { try await ListTopics.create(environment: environment) }
        } else {
            print(try await ListRights.lines(environment: environment).joined(separator: "\n"))
            if isMaking { try await ListRights.create(environment: environment) }
        }
        exit(0)
    } catch {
        print("routing \(command ?? ""): \(error)")
        exit(1)
    }
}
await Routing.main()
