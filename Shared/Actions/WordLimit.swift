/// How much may be said at once, in characters of any script, as the pages count them.
public struct WordLimit: Sendable, Hashable {
    public let characters: Int

    public init(_ characters: Int) { self.characters = characters }

    /// What people say to people.
    public static let usual = WordLimit(2_000)

    /// Unicode scalars without the carriage returns that browsers add: never fewer than a page lets pass, which counts UTF-16 code units.
    public func holds(_ text: String) -> Bool {
        text.utf8.count <= characters || text.unicodeScalars.count { $0 != "\r" } <= characters
    }
}
