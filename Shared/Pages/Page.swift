/// One whole page: head, page head, main part and foot, with nothing inline, so that `ContentSecurityPolicy.header` holds.
public struct Page: Sendable {
    /// Who it is for decides the width and how much the page head says.
    public enum Audience: Sendable { case resident, staff }

    public var title: String
    public var audience: Audience
    /// When it holds errors the title begins with 「错误:」 and the summary stands first and takes the focus.
    public var errors: FormErrors
    /// Extra links in the page head, such as a console's sign-out.
    public var navigation: [Link]
    public var main: HTML

    public init(title: String, audience: Audience = .resident, errors: FormErrors = FormErrors(), navigation: [Link] = [], main: HTML) {
        self.title = title
        self.audience = audience
        self.errors = errors
        self.navigation = navigation
        self.main = main
    }

    /// The complete document.
    public func html(for visit: Visit) -> HTML {
        let title = (errors.isEmpty ? "" : visit(.errorPrefix)) + title
        let classes = [audience == .staff ? "staff" : "resident", visit.isLarge ? "large" : "normal"].joined(separator: " ")
        return """
            <!doctype html>
            <html lang="\(visit.language.rawValue)" class="\(classes)">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="format-detection" content="telephone=no">
            <meta name="color-scheme" content="light dark">
            <meta name="robots" content="noindex">
            <meta name="referrer" content="no-referrer">
            <title>\(title) - \(visit.siteName)</title>
            <link rel="stylesheet" href="\(Asset.stylesheet.path)">
            <link rel="icon" type="image/svg+xml" href="\(Asset.mark.path)">
            <script src="\(Asset.script.path)" defer></script>
            </head>
            <body>
            <a class="skip" href="#main">\(visit(.skipToMain))</a>
            \(head(visit))
            <main id="main" tabindex="-1">
            \(errors.summary(visit))\(main)
            </main>
            \(foot(visit))
            </body>
            </html>
            """
    }

    private func head(_ visit: Visit) -> HTML {
        let other: Language = visit.language == .chinese ? .english : .chinese
        let otherTag = other.rawValue
        return """
            <header class="top"><div class="wide">
            <p class="brand"><span class="mark" aria-hidden="true">\(Icon.whistle)</span><span>\(visit.siteName)</span></p>
            <nav aria-label="\(visit(.pageSettings))">
            \(navigation.map { "<a href=\"\($0.address)\">\($0.words)</a>" as HTML })
            <a class="size" href="\(visit.path)?big=\(visit.isLarge ? "0" : "1")">\(visit(visit.isLarge ? .normalSize : .largeSize))</a>
            <a href="\(visit.path)?lang=\(otherTag)" lang="\(otherTag)" hreflang="\(otherTag)">\(other == .english ? "EN" : "中文")</a>
            </nav></div></header>
            """
    }

    private func foot(_ visit: Visit) -> HTML {
        """
        <footer class="foot"><div class="wide">
        <p>\(visit(.addressIs)) <strong class="host">\(visit.host)</strong></p>
        \(if: audience == .resident, "<p>\(visit(.checkAddress))</p>")
        </div></footer>
        """
    }
}

/// A link with its words.
public struct Link: Sendable, Hashable {
    public var words: String
    public var address: String
    public init(_ words: String, to address: String) {
        self.words = words
        self.address = address
    }
}

/// The policy under which every page works: own files only, nothing inline, no frames.
public enum ContentSecurityPolicy {
    public static let header =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; "
        + "base-uri 'none'; frame-ancestors 'none'"
}
