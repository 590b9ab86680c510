import HTTP
import Synchronization

/// Holds guessing at staff tokens to a limit, without keeping anybody out who has signed in.
///
/// Only a wrong token that was not seen before costs something: an old cookie in twenty browsers of one office is no guess.
/// When a client's share is used up, no further token of its is looked at, right or wrong, so that guessing tells nothing; but
/// whoever was let in from there before still is.
final class TokenAttempts: Sendable {
    private let byClient: RateLimiter<ClientBlock>
    /// By the token's beginning: many clients that guess at one token.
    private let byToken: RateLimiter<String>
    private let known = Mutex<(right: [String: Set<ClientBlock>], wrong: Set<String>)>(([:], []))

    /// Addresses from which one token was let in, and wrong tokens, that are remembered.
    private static let rightPerToken = 64
    private static let wrong = 4_096

    init(byClient: RateLimiter<ClientBlock>, byToken: RateLimiter<String>) {
        self.byClient = byClient
        self.byToken = byToken
    }

    /// The member that `look` finds for the token. Throws 429 when this client has guessed too often.
    func member(
        token: String, digest: String, from client: ClientBlock, _ look: () -> StaffMember?
    ) throws(Problem) -> StaffMember? {
        let (wasRight, wasWrong) = known.withLock { ($0.right[digest]?.contains(client) == true, $0.wrong.contains(digest)) }
        if wasWrong { return nil }
        if wasRight { return look() }
        let beginning = String(token.prefix(4))
        try byClient.check(for: client)
        try byToken.check(for: beginning)
        let member = look()
        if member == nil {
            byClient.charge(to: client)
            byToken.charge(to: beginning)
        }
        remember(digest, client, isRight: member != nil)
        return member
    }

    private func remember(_ digest: String, _ client: ClientBlock, isRight: Bool) {
        known.withLock { known in
            if isRight {
                if known.right[digest, default: []].count >= Self.rightPerToken { known.right[digest] = [] }
                known.right[digest, default: []].insert(client)
            } else {
                if known.wrong.count >= Self.wrong { known.wrong = [] }
                known.wrong.insert(digest)
            }
        }
    }
}
