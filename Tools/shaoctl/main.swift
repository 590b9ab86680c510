import EventLoop
import FoundationEssentials
import Glibc

// Operators' command line: plays tickets, keeps a demo street going, audits, parked work, rebuilds, what is in the way. See CommandTable for what there is.

let table = CommandTable(
    commands: [PlayTicket.command, RunDemo.command, AuditHistories.command, RebuildProjection.command, ExamineSetting.command]
        + ParkedWork.commands)

/// On the loop, where Kafka and timers live.
func perform(_ arguments: [String]) async -> Int32 {
    do {
        switch try table.choose(arguments) {
        case .explain(let text): Terminal.write(text, to: 1)
        case .run(let command, let arguments): try await command.run(arguments)
        }
        return ExitCode.done
    } catch let stop as Stop {
        Terminal.write("shaoctl: \(stop.reason)\n", to: 2)
        return stop.code
    } catch {
        Terminal.write("shaoctl: \(error)\n", to: 2)
        return ExitCode.failed
    }
}

// A reader of our output that has gone is no reason to die without a word.
signal(SIGPIPE, SIG_IGN)
let asked = Array(CommandLine.arguments.dropFirst())
let code = await Task(executorPreference: EventLoop.shared) { await perform(asked) }.value
exit(code)
