public import Contracts

/// Small parts that many pages share.
public enum Part {
    /// What a badge's colour means; the words carry the same meaning without it.
    public enum Tone: String, Sendable { case calm, active, good, late, muted }

    public static func badge(_ words: String, _ tone: Tone) -> HTML { "<span class=\"badge \(tone.rawValue)\">\(words)</span>" }

    /// A link that looks like a button.
    public static func button(_ words: String, to page: PagePath, isPrimary: Bool = false) -> HTML {
        "<a class=\"button\(isPrimary ? " primary" : "")\" href=\"\(page)\">\(words)</a>"
    }

    /// A form's own button. `name`/`value` tell which of several was pressed.
    public static func submit(_ words: String, isPrimary: Bool = true, name: String? = nil, value: String? = nil, form: String? = nil)
        -> HTML
    {
        "<button class=\"button\(isPrimary ? " primary" : "")\" type=\"submit\"\(attribute: "name", name)\(attribute: "value", value)\(attribute: "form", form)>\(words)</button>"
    }

    /// A text of several lines as somebody wrote it: own direction, line breaks kept.
    public static func quoted(_ text: String) -> HTML { "<p class=\"said\" dir=\"auto\">\(text)</p>" }

    /// Photos that open in full.
    public static func photos(_ addresses: [String], _ visit: Visit, what: String) -> HTML {
        if addresses.isEmpty { return HTML() }
        let pictures = addresses.enumerated().map { place, address in
            """
            <li><a href="\(address)"><img src="\(address)" alt="\(what) \(addresses.count > 1 ? String(place + 1) : "")" \
            width="160" height="120" loading="lazy"></a></li>
            """ as HTML
        }
        return "<ul class=\"photos\">\(pictures)</ul>"
    }

    /// Time left as a bar, a number and words. `start` is when the clock began.
    public static func deadline(_ visit: Visit, start: Int64, due: Int64) -> HTML {
        let left = due.subtractingReportingOverflow(visit.now).partialValue
        let whole = max(due.subtractingReportingOverflow(start).partialValue, 1)
        let used = min(max(1 - Double(left) / Double(whole), 0), 1)
        let tone = left < 0 ? "over" : used >= 0.8 ? "near" : "fine"
        return """
            <div class="deadline \(tone)"><p>\(Icon.clock) <strong>\(visit(left < 0 ? .overdueBy(left) : .timeLeft(left)))</strong> \
            <span class="due">\(visit(.dueAt)) \(visit.time(due))</span></p>
            <svg class="meter" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" focusable="false">\
            <rect class="rest" width="100" height="4" rx="2"/><rect class="used" width="\(Number.decimal(used * 100, places: 1))" height="4" rx="2"/></svg></div>
            """
    }

    /// Pairs of term and description.
    public static func facts(_ pairs: [(String, HTML)]) -> HTML {
        "<dl class=\"facts\">\(pairs.map { "<div><dt>\($0.0)</dt><dd>\($0.1)</dd></div>" as HTML })</dl>"
    }

    /// A quiet box with something to know.
    public static func notice(_ content: HTML, _ tone: Tone = .calm) -> HTML { "<div class=\"notice \(tone.rawValue)\">\(content)</div>" }

    /// A number to call, as a button-sized link.
    public static func hotline(_ visit: Visit) -> HTML {
        "<a class=\"button quiet\" href=\"tel:12345\">\(Icon.phone) \(visit(.callHotline))</a>"
    }
}

/// Numbers in words without a locale library.
public enum Number {
    /// Fixed places, rounded half away from zero: `12.50`. Values that no number can show (NaN, infinity) become 「—」.
    public static func decimal(_ value: Double, places: Int) -> String {
        guard value.isFinite, value.magnitude < 1e12 else { return "—" }
        let scale = places == 0 ? 1 : places == 1 ? 10 : 100
        let scaled = Int(value.magnitude * Double(scale) + 0.5)
        let sign = value < 0 && scaled > 0 ? "-" : ""
        if scale == 1 { return sign + String(scaled) }
        let rest = String(scaled % scale)
        let zeros = String(repeating: "0", count: max((scale == 10 ? 1 : 2) - rest.count, 0))
        return "\(sign)\(scaled / scale).\(zeros)\(rest)"
    }

    /// A share as `93.4%`; 「—」 without a whole.
    public static func share(_ part: Int, of whole: Int) -> String {
        whole > 0 ? decimal(Double(part) / Double(whole) * 100, places: 1) + "%" : "—"
    }
}
