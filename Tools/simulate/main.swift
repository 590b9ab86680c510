import Glibc
import Simulation

// Worlds by the hundred thousand, on every core; a failing one is shrunk and named in one line.
guard let options = Options(Array(CommandLine.arguments.dropFirst())) else {
    say(Options.help)
    exit(64)
}
// Dictionaries and sets must have the same order in every run of a seed.
if getenv("SWIFT_DETERMINISTIC_HASHING") == nil {
    setenv("SWIFT_DETERMINISTIC_HASHING", "1", 1)
    Processes.becomeSelfAgain()
}
switch options.mode {
case .one: exit(runOne(options))
case .worker: exit(runWorker(options))
case .campaign: exit(runCampaign(options))
}
