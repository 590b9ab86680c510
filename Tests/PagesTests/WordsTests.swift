import Pages
import Testing

@Suite struct `Words and numbers` {
    @Test(
        arguments: [
            (nil, Language.chinese), ("", .chinese), ("en", .english), ("en-GB,en;q=0.9", .english), ("zh-CN,zh;q=0.9,en;q=0.8", .chinese),
            ("fr,en;q=0.5", .english), ("fr,de", .chinese), ("en;q=0.3, zh;q=0.4", .chinese), ("en;q=0", .chinese), ("en;q=x", .chinese),
            (String(repeating: "en;", count: 4000), .english),
        ] as [(String?, Language)])
    func `the language is the best of ours that the reader accepts`(header: String?, language: Language) {
        #expect(Language(acceptLanguage: header) == language)
    }

    @Test func `a choice in the query wins over the cookie and is kept`() {
        let visit = Visit(
            path: "/q/A", host: "h", siteName: "s", now: 0, acceptLanguage: "zh", cookie: "a=b; shao_big=1; shao_lang=zh-Hans", lang: "en",
            big: nil)
        #expect(visit.language == .english && visit.isLarge)
        #expect(visit.newCookies == ["shao_lang=en; Path=/; Max-Age=31536000; SameSite=Lax"])
    }

    @Test func `an unknown language in query and cookie falls back and cannot inject a header`() {
        let visit = Visit(
            path: "/", host: "h", siteName: "s", now: 0, acceptLanguage: "en", cookie: "shao_lang=xx; =; ;;", lang: "x\r\nSet-Cookie: a=b",
            big: "\r\n1")
        #expect(visit.language == .english && !visit.isLarge)
        #expect(visit.newCookies.allSatisfy { !$0.utf8.contains(13) && !$0.utf8.contains(10) })
    }

    @Test(
        arguments: [
            (0, "1970-01-01T08:00:00+08:00"), (1_709_222_399_000, "2024-02-29T23:59:59+08:00"),
            (1_709_222_400_000, "2024-03-01T00:00:00+08:00"),
            (4_107_513_599_999, "2100-02-28T23:59:59+08:00"), (4_107_513_600_000, "2100-03-01T00:00:00+08:00"),
            (Int64.min, "1970-01-01T08:00:00+08:00"),
            (1_795_242_300_000, "2026-11-21T14:25:00+08:00"), (Int64.max, "9999-12-31T08:00:00+08:00"),
        ] as [(Int64, String)])
    func `a moment is told on China's clock`(milliseconds: Int64, text: String) {
        #expect(Moment(milliseconds).standard == text)
    }

    @Test func `spans are told in their two largest units`() {
        #expect(Span.words(milliseconds: 30_000).chinese == "不到 1 分钟")
        #expect(Span.words(milliseconds: -480_000).chinese == "8 分钟")
        #expect(Span.words(milliseconds: 12_000_000).chinese == "3 小时 20 分")
        #expect(Span.words(milliseconds: 15 * 3_600_000).english == "15 h")
        #expect(Span.words(milliseconds: 51 * 3_600_000).chinese == "2 天 3 小时")
        #expect(Span.words(milliseconds: .min).chinese == "3650 天")
        #expect(Span.ago(.min, now: .max).chinese == "刚刚")
        #expect(Span.ago(0, now: 50 * 3_600_000).chinese == "2 天前")
    }

    @Test func `shares and decimals never lie about nothing`() {
        #expect(Number.share(0, of: 0) == "—")
        #expect(Number.share(301, of: 312) == "96.5%")
        #expect(Number.decimal(.nan, places: 1) == "—" && Number.decimal(-.infinity, places: 0) == "—")
        #expect(
            Number.decimal(-0.04, places: 1) == "0.0" && Number.decimal(-1.25, places: 2) == "-1.25"
                && Number.decimal(9.999, places: 2) == "10.00")
    }
}
