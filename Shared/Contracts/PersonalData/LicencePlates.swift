/// Finds licence plates: 沪A12345, 沪A·D12345, 粤B1234学.
enum LicencePlates {
    /// Ranges of signs, in order.
    static func all(in text: FoldedText) -> [Range<Int>] {
        var finds: [Range<Int>] = []
        var index = 0
        while index < text.signs.count {
            if text.signs[index].kind == .other, mayBegin(index, text), provinces.contains(text.signs[index].value),
                let end = end(behind: index + 1, text)
            {
                finds.append(index..<end)
                index = end
            } else {
                index += 1
            }
        }
        return finds
    }

    private static func mayBegin(_ index: Int, _ text: FoldedText) -> Bool {
        let next = skipSeparators(index + 1, text)
        return next < text.signs.count && text.signs[next].kind == .letter
    }

    private static let provinces = Set("京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼滬粵".unicodeScalars.map(\.value))
    /// What ends the plates of driving schools, the police, trailers, and cars that may cross to Hong Kong and Macau.
    private static let endings = Set("学警港澳挂领试超".unicodeScalars.map(\.value))

    private static func end(behind index: Int, _ text: FoldedText) -> Int? {
        var next = skipSeparators(index, text)
        guard next < text.signs.count, text.signs[next].kind == .letter else { return nil }
        next = skipSeparators(next + 1, text)
        let start = next
        while next < text.signs.count, next - start < 7, isPlate(text.signs[next]) { next += 1 }
        let signs = text.signs[start..<next]
        guard signs.count(where: { $0.kind != .letter }) >= 2 else { return nil }
        if signs.count == 4, next < text.signs.count, endings.contains(text.signs[next].value) { return next + 1 }
        return (5...6).contains(signs.count) ? next : nil
    }

    private static func skipSeparators(_ index: Int, _ text: FoldedText) -> Int {
        var next = index
        while next < text.signs.count, next - index < 2, text.signs[next].kind == .blank || text.signs[next].kind == .link { next += 1 }
        return next
    }

    private static func isPlate(_ sign: FoldedText.Sign) -> Bool { sign.kind == .letter || sign.kind == .digit }
}
