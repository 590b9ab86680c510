import Contracts

extension CaseSnapshot {
    /// The same case, its last step taken by somebody else.
    func taken(by actor: Actor) -> CaseSnapshot {
        var snapshot = self
        snapshot.by = actor
        return snapshot
    }
}
