public import Contracts

/// One whole page: head, page head, main part and foot, with nothing inline, so that `ContentSecurityPolicy.header` holds.
public struct Page: Sendable {
    /// Who it is for decides the width and how much the page head says.
    public enum Audience: Sendable { case resident, staff }

    public var title: String
    public var audience: Audience
    /// When it holds errors the title begins with 「错误:」 and the summary stands first and takes the focus.
    public var errors: FormErrors
    /// Extra links in the page head.
    public var navigation: [Link]
    /// The way out, for who has signed in.
    public var signOut: SignOut?
    public var main: HTML

    public init(
        title: String, audience: Audience = .resident, errors: FormErrors = FormErrors(), navigation: [Link] = [], signOut: SignOut? = nil,
        main: HTML
    ) {
        self.title = title
        self.audience = audience
        self.errors = errors
        self.navigation = navigation
        self.signOut = signOut
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
            \(navigation.map { "<a href=\"\($0.page)\">\($0.words)</a>" as HTML })\(signOut?.form(visit) ?? HTML())
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
    public var page: PagePath
    public init(_ words: String, to page: PagePath) {
        self.words = words
        self.page = page
    }
}

/// Signing out changes something, so it is a form and no link: neither a prefetch nor somebody else's page ends a session.
public struct SignOut: Sendable, Hashable {
    public var name: String
    public var proof: String

    /// - Parameter proof: what shows that the form came from a page of this session.
    public init(_ name: String, proof: String) {
        self.name = name
        self.proof = proof
    }

    public func form(_ visit: Visit, class style: String = "plain") -> HTML {
        """
        <form method="post" action="\(PagePath.signOut)"><input type="hidden" name="csrf" value="\(proof)">\
        <button class="\(style)" type="submit">\(visit(.signOut)) <bdi>\(name)</bdi></button></form>
        """
    }
}

/// The policy under which every page works: own files only, nothing inline, no frames.
public enum ContentSecurityPolicy {
    public static let header =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; "
        + "base-uri 'none'; frame-ancestors 'none'"
}
