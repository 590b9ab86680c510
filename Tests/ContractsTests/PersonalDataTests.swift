import Contracts
import Testing

struct PersonalDataTests {
    @Test(arguments: [
        ("打13800138000找我", "打▇▇▇找我"), ("138 0013 8000", "▇▇▇"), ("138-0013-8000。", "▇▇▇。"), ("138.0013.8000", "▇▇▇"),
        ("1 3 8 0 0 1 3 8 0 0 0", "▇▇▇"), ("+8613800138000", "▇▇▇"), ("+86 138 0013 8000", "▇▇▇"), ("(+86)13800138000", "▇▇▇"),
        ("(138)0013-8000", "▇▇▇"), ("电话 138(00138000)。", "电话 ▇▇▇。"),
        ("０１３８００１３８０００", "▇▇▇"), ("电话１３８００１３８０００。", "电话▇▇▇。"), ("138\u{200B}0013\u{200B}8000", "▇▇▇"),
        ("138\u{3000}0013\u{3000}8000", "▇▇▇"), ("138－0013－8000", "▇▇▇"), ("138 - 0013 - 8000", "▇▇▇"),
        ("一三八零零一三八零零零", "▇▇▇"), ("幺三八〇〇幺三八〇〇〇打我", "▇▇▇打我"), ("١٣٨٠٠١٣٨٠٠٠", "▇▇▇"),
        ("13800138000一直打不通", "▇▇▇一直打不通"), ("13800138000/13900139000", "▇▇▇/▇▇▇"), ("13800138000，19912345678", "▇▇▇，▇▇▇"),
    ])
    func `mobile numbers are taken out`(text: String, scrubbed: String) { #expect(PersonalData.scrub(text) == scrubbed) }

    @Test(arguments: [
        ("021-61234567", "▇▇▇"), ("02161234567", "▇▇▇"), ("（021）61234567", "▇▇▇"), ("0755 8234 5678", "▇▇▇"), ("0351-7654321", "▇▇▇"),
        ("电话：61234567", "电话：▇▇▇"), ("请拨打6123-4567", "请拨打▇▇▇"), ("Tel 61234567", "Tel ▇▇▇"),
    ])
    func `landlines are taken out`(text: String, scrubbed: String) { #expect(PersonalData.scrub(text) == scrubbed) }

    @Test(arguments: [
        ("身份证31010619900307123X", "身份证▇▇▇"), ("310106199003071234", "▇▇▇"), ("31010619900307123x住", "▇▇▇住"),
        ("310106 19900307 123X", "▇▇▇"), ("310106-19900307-1234", "▇▇▇"), ("310106900307123", "▇▇▇"),
        ("３１０１０６１９９００３０７１２３Ｘ", "▇▇▇"), ("31010619900307123 X", "▇▇▇"),
    ])
    func `identity numbers are taken out`(text: String, scrubbed: String) { #expect(PersonalData.scrub(text) == scrubbed) }

    @Test(arguments: [
        ("卡号6222021234567890123", "卡号▇▇▇"), ("6222 0212 3456 7890 123", "▇▇▇"), ("4111-1111-1111-1111", "▇▇▇"), ("1234567890123", "▇▇▇"),
    ])
    func `long runs of digits are taken out`(text: String, scrubbed: String) { #expect(PersonalData.scrub(text) == scrubbed) }

    @Test(arguments: [
        ("写信到wang.li@example.org。", "写信到▇▇▇。"), ("a@b.cn", "▇▇▇"), ("123456789@qq.com", "▇▇▇"), ("x+tag@mail.example.com.", "▇▇▇."),
        ("ｗａｎｇ＠ｅｘａｍｐｌｅ．ｏｒｇ", "▇▇▇"), ("a@b.cn,c@d.cn", "▇▇▇,▇▇▇"), ("13800138000@163.com", "▇▇▇"),
    ])
    func `e-mail addresses are taken out`(text: String, scrubbed: String) { #expect(PersonalData.scrub(text) == scrubbed) }

    @Test(arguments: [
        "", "长椅断了一根横条，坐不得人。", "彩虹路 12 号 3 栋 502 室", "2026-11-21 09:30 左右", "2026年11月21日15时30分", "请打12345或110",
        "400-820-8820", "大约 100-200 元", "31.230416,121.473701", "见工单 GD-20261121-000123-7", "@居委会", "一二三四五",
        "二〇二六年十一月二十一日", "每天8-12点、13-17点", "邮编200040", "20261121", "3x4=12", "路灯编号 0012345", "版本 1.2.3", "\u{FEFF}",
        "@", "a@", "@b.cn", "a@b", "👨‍👩‍👧‍👦 一家人",
    ])
    func `what handlers need stays`(text: String) { #expect(PersonalData.scrub(text) == text) }

    @Test func `scrubbing twice changes nothing more`() {
        var random = Draws(state: 20_261_121)
        let parts = [
            "1", "38", "0013", "8000", "-", " ", "X", "@", "qq.com", "一", "电话", "6123", "4567", ".", "（", "+86", "GD-", "中", "\u{200B}",
            "▇",
        ]
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0...12, using: &random)).compactMap { _ in parts.randomElement(using: &random) }.joined()
            let once = PersonalData.scrub(text)
            #expect(PersonalData.scrub(once) == once, "\(text)")
        }
    }

    @Test func `long texts of one kind of character are no trouble`() {
        for piece in ["1", "a", "@", "1 ", "a@", "-", "."] {
            _ = PersonalData.scrub(String(repeating: piece, count: 20_000))
        }
    }
}

/// A generator whose draws are the same on each run (Knuth's MMIX constants, high half twice).
private struct Draws: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        var value: UInt64 = 0
        for _ in 0..<2 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            value = value &<< 32 | state &>> 32
        }
        return value
    }
}
