internal import CPosix
internal import Glibc

/// What the kernel keeps this process from. Decoders are big and read foreign bytes: whoever takes one over finds no file, no
/// network, no other process and no way to start one.
struct Confinement {
    private let surroundings: cpx_surroundings
    private let wasRoot: Bool
    private var callsFailure: CInt = ENOSYS

    /// User, network, root directory, Landlock. To be called once all libraries are loaded and before the first thread.
    static func leaveSurroundings() -> Confinement {
        let wasRoot = geteuid() == 0
        return Confinement(surroundings: cpx_leave_surroundings(), wasRoot: wasRoot)
    }

    private init(surroundings: cpx_surroundings, wasRoot: Bool) {
        self.surroundings = surroundings
        self.wasRoot = wasRoot
    }

    /// The system calls, for all threads. What decoding does the first time only must have been done before.
    mutating func allowOnlyDecoding() { callsFailure = cpx_allow_calls_of_decoding() }

    /// What holds, in words that the parent knows. Files, network and processes are named when every attempt failed just now.
    var posture: String {
        var words: [String] = []
        if !wasRoot || surroundings.user != 0 { words.append("user") }
        if surroundings.no_new_privileges != 0 { words.append("no-new-privileges") }
        if callsFailure == 0 { words.append("calls") }
        let attempts = Attempt.all.map { (reach: $0.reach, failed: !$0.succeeds()) }
        for (reach, name) in [(CPX_REACH_FILES, "files"), (CPX_REACH_NETWORK, "network"), (CPX_REACH_PROCESSES, "processes")]
        where attempts.allSatisfy({ $0.reach != reach || $0.failed }) {
            words.append(name)
        }
        if surroundings.landlock > 0 { words.append("landlock") }
        if surroundings.empty_root != 0 { words.append("empty-root") }
        if surroundings.own_network != 0 { words.append("own-network") }
        return words.joined(separator: " ")
    }
}

/// Something that a confined process cannot do.
struct Attempt {
    let name: String
    let reach: cpx_reach
    private let index: CInt

    static var all: [Attempt] {
        (0..<cpx_attempt_count()).map { index in
            let what = cpx_attempt_at(index)
            return Attempt(name: String(cString: what.name), reach: what.reach, index: index)
        }
    }

    func succeeds() -> Bool { cpx_try(index) == 0 }

    /// `photoworker attempts`, for tests: a line for each attempt that succeeds before and after the confinement, then
    /// how many system calls beyond the allowed ones were not refused. No photo is read.
    static func report() -> String {
        let before = all.filter { $0.succeeds() }.map { "before: \($0.name)\n" }
        var confinement = Confinement.leaveSurroundings()
        confinement.allowOnlyDecoding()
        let after = all.filter { $0.succeeds() }.map { "after: \($0.name)\n" }
        return (before + after).joined() + "posture: \(confinement.posture)\nattempts: \(all.count)\n"
            + "calls allowed: \(cpx_calls_allowed())\ncalls beyond: \(cpx_calls_beyond())\n"
    }
}
