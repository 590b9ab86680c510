/// What a page must know about the one who reads it.
public struct Visit: Sendable {
    public var language: Language
    /// 长辈版: larger text and targets.
    public var isLarge: Bool
    /// Path and nothing else; the switches for language and size link to it.
    public var path: String
    /// The name of the host as people should see it in the address bar, shown so that a forged plate is noticed.
    public var host: String
    /// The street (or whoever runs this) in the page head.
    public var siteName: String
    /// Milliseconds since 1970, for 「还剩 3 小时」.
    public var now: Int64

    public init(
        path: String, host: String, siteName: String, now: Int64, language: Language = .chinese, isLarge: Bool = false
    ) {
        self.path = path
        self.host = host
        self.siteName = siteName
        self.now = now
        self.language = language
        self.isLarge = isLarge
    }

    /// From a request: the query's `lang` and `big` win over the cookies that an earlier visit left, those over `Accept-Language`.
    public init(
        path: String, host: String, siteName: String, now: Int64, acceptLanguage: String?, cookie: String?, lang: String?, big: String?
    ) {
        let cookies = Visit.cookies(cookie ?? "")
        let language = (lang ?? cookies["shao_lang"]).flatMap(Language.init(tag:)) ?? Language(acceptLanguage: acceptLanguage)
        let isLarge = (big ?? cookies["shao_big"]) == "1"
        self.init(path: path, host: host, siteName: siteName, now: now, language: language, isLarge: isLarge)
        if lang != nil { newCookies.append(Visit.setting("shao_lang", language.rawValue)) }
        if big != nil { newCookies.append(Visit.setting("shao_big", isLarge ? "1" : "0")) }
    }

    /// `Set-Cookie` values that keep a choice made in the query for a year.
    public private(set) var newCookies: [String] = []

    /// The text in this visit's language.
    public func callAsFunction(_ text: Text) -> String { text(language) }

    private static func setting(_ name: String, _ value: String) -> String {
        "\(name)=\(value); Path=/; Max-Age=31536000; SameSite=Lax"
    }

    private static func cookies(_ header: String) -> [String: String] {
        var found: [String: String] = [:]
        for pair in header.split(separator: ";") {
            let sides = pair.split(separator: "=", maxSplits: 1)
            if let name = sides.first, let value = sides.dropFirst().first { found[name.filter { $0 != " " }] = String(value) }
        }
        return found
    }
}
