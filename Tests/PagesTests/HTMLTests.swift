import Pages
import Testing

@Suite struct `Values in markup` {
    static let attacks = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "</title><svg/onload=alert(1)>",
        "&lt;b&gt;",
        "`${alert(1)}`", "]]><!-- -->", "\u{0}<\u{0}script>", "javascript:alert(1)",
    ]

    @Test(arguments: attacks) func `a value between tags is only text`(attack: String) {
        let html: HTML = "<p>\(attack)</p>"
        let inner = html.markup.dropFirst(3).dropLast(4)
        #expect(!inner.contains("<") && !inner.contains(">") && !inner.contains("\"") && !inner.contains("'"))
        #expect(html.markup.hasPrefix("<p>") && html.markup.hasSuffix("</p>"))
    }

    @Test(arguments: attacks) func `a value cannot leave its attribute`(attack: String) {
        let double: HTML = "<p title=\"\(attack)\">x</p>"
        #expect(double.markup.dropFirst(10).prefix { $0 != "\"" }.count == double.markup.count - 10 - "\">x</p>".count)
        let single: HTML = "<p title='\(attack)'>x</p>"
        #expect(single.markup.split(separator: "'", omittingEmptySubsequences: false).count == 3)
    }

    @Test func `an attribute without quotes gets them`() {
        let value = "a onclick=alert(1)"
        let html: HTML = "<p title=\(value) class=x>"
        #expect(html.markup == "<p title=\"a onclick=alert(1)\" class=x>")
    }

    @Test func `a value inside a tag but outside an attribute is left out`() {
        let value = "onclick=alert(1)"
        #expect(("<p \(value)>" as HTML).markup == "<p >")
        #expect(("<\(value)>" as HTML).markup == "<>")
    }

    @Test func `handlers and styles never take a value`() {
        let value = "alert(1)"
        #expect(("<p onclick=\"\(value)\">" as HTML).markup == "<p onclick=\"\">")
        #expect(("<p STYLE=\"\(value)\">" as HTML).markup == "<p STYLE=\"\">")
        #expect(("<iframe srcdoc=\(value)>" as HTML).markup == "<iframe srcdoc=\"\">")
    }

    @Test(arguments: [
        "javascript:alert(1)", " JaVaScRiPt:alert(1)", "java\nscript:alert(1)", "\u{1}javascript:alert(1)", "data:text/html,x",
        "vbscript:x", "//evil.example/x",
        "/\\evil.example", "\\\\evil.example",
    ])
    func `an address of a dangerous kind becomes a hash`(address: String) {
        #expect(("<a href=\"\(address)\">x</a>" as HTML).markup == "<a href=\"#\">x</a>")
        #expect(("<form action='\(address)'>" as HTML).markup == "<form action='#'>")
    }

    @Test(arguments: ["/q/AB", "?big=1", "#main", "https://a.example/?x=1", "tel:12345", "photo.jpg", "/x?t=12:30"])
    func `an ordinary address stays`(address: String) {
        #expect(("<a href=\"\(address)\">x</a>" as HTML).markup == "<a href=\"\(address)\">x</a>")
    }

    @Test func `a value after a fixed beginning of an address is not judged as an address`() {
        let code = "a:b"
        #expect(("<a href=\"/q/\(code)\">x</a>" as HTML).markup == "<a href=\"/q/a:b\">x</a>")
    }

    @Test func `overrides of direction and invisible fillers are dropped`() {
        let name = "王\u{202E}gpj.exe\u{200B}\u{2066}小\u{FEFF}明\u{E0041}\u{AD}"
        #expect(("\(name)" as HTML).markup == "王gpj.exe小明")
    }

    @Test func `joiners, emoji and rare characters stay`() {
        let text = "👩‍🚒 𠮷野家 می‌خواهم，「哨」é"
        #expect(("\(text)" as HTML).markup == text)
    }

    @Test func `line breaks stay and other controls go`() {
        #expect(("\("a\nb\u{8}\u{1B}[31m\u{85}c")" as HTML).markup == "a\nb[31mc")
    }

    @Test func `markup goes in unchanged between tags and escaped in an attribute`() {
        let bold: HTML = "<b>x</b>"
        #expect(("<p>\(bold)</p>" as HTML).markup == "<p><b>x</b></p>")
        #expect(("<p title=\"\(bold)\">" as HTML).markup == "<p title=\"&lt;b&gt;x&lt;/b&gt;\">")
    }

    @Test func `attributes and flags appear only when they hold`() {
        let nothing: String? = nil
        #expect(
            ("<input\(attribute: "id", "a\"b")\(attribute: "name", nothing)\(flag: "checked", true)\(flag: "disabled", false)>" as HTML)
                .markup
                == "<input id=\"a&quot;b\" checked>")
        #expect(("<p>\(attribute: "id", "x")\(flag: "checked", true)</p>" as HTML).markup == "<p></p>")
    }

    @Test func `conditions and lists of markup`() {
        let rows: [HTML] = ["<li>1</li>", "<li>2</li>"]
        #expect(
            ("<ul>\(rows)</ul>\(if: false, "<p>no</p>")\(if: true, "<p>yes</p>")" as HTML).markup
                == "<ul><li>1</li><li>2</li></ul><p>yes</p>")
    }
}
