/// How much may be said at once: 2 000 characters of any script, as the pages count them.
enum WordLimit {
    static let characters = 2_000
    /// What so many characters are at most, with a carriage return for each.
    static let bytes = 5 * characters

    /// Unicode scalars without the carriage returns that browsers add: never fewer than a page lets pass.
    static func holds(_ text: String) -> Bool {
        text.utf8.count <= characters || text.unicodeScalars.count { $0 != "\r" } <= characters
    }
}
