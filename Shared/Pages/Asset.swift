/// A file that pages link to. Its name holds a hash of its bytes, so it may be cached for ever (`cacheControl`).
public struct Asset: Sendable {
    /// `/assets/<name>.<hash>.<kind>`.
    public let path: String
    public let contentType: String
    public let bytes: [UInt8]

    public static let cacheControl = "public, max-age=31536000, immutable"

    public static let stylesheet = Asset(
        "shao", "css", "text/css; charset=utf-8",
        PackageResources.tokens_css + PackageResources.base_css + PackageResources.forms_css + PackageResources.parts_css
            + PackageResources.figures_css)
    public static let script = Asset(
        "shao", "js", "text/javascript; charset=utf-8", PackageResources.page_js + PackageResources.report_js)
    public static let mark = Asset("mark", "svg", "image/svg+xml", PackageResources.mark_svg)

    /// Everything to serve under `/assets/`.
    public static let all = [stylesheet, script, mark]

    private init(_ name: String, _ kind: String, _ contentType: String, _ bytes: [UInt8]) {
        // FNV-1a, 64 bits: the name has to change with the content, nothing more.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        path = "/assets/\(name).\(String(hash, radix: 16)).\(kind)"
        self.contentType = contentType
        self.bytes = bytes
    }
}
