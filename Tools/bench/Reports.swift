import Glibc

/// Requests ready to be sent: made once, a fresh Idempotency-Key written into one each time it is used.
struct Reports {
    /// Where a report is from, and about what.
    struct Place {
        let plate, category: String
    }

    private var requests: [[UInt8]] = []
    private var keyPlaces: [Int] = []
    private var random: Randomness
    private var turn = 0

    private static let keyLength = 36
    /// Random bytes of a process; two runs never share keys.
    private static func seed() -> UInt64 {
        var seed: UInt64 = 0
        withUnsafeMutableBytes(of: &seed) { _ = getentropy($0.baseAddress, $0.count) }
        return seed
    }

    /// - Parameters:
    ///   - places: plates and the categories reported there; none: reports by a point, without a category.
    ///   - textBytes: length of the words, in UTF-8.
    init(host: String, places: [Place], textBytes: Int) {
        random = Randomness(seed: Self.seed())
        for number in 0..<max(64, places.count) {
            let text = Self.text(textBytes, &random)
            let place = places.isEmpty ? nil : places[number % places.count]
            let about =
                place.map { #""channel":"plate","plate":"\#($0.plate)","category":"\#($0.category)""# }
                ?? #""channel":"web","point":{"lat":31.243,"lng":121.447}"#
            let body = #"{\#(about),"text":"\#(text)"}"#
            let head =
                "POST /v1/tickets HTTP/1.1\r\nHost: \(host)\r\nContent-Type: application/json\r\n"
                + "Content-Length: \(body.utf8.count)\r\nIdempotency-Key: "
            keyPlaces.append(head.utf8.count)
            requests.append(Array((head + String(repeating: "0", count: Self.keyLength) + "\r\n\r\n" + body).utf8))
        }
    }

    /// The next request with a key nobody has used; where in it the key stands.
    mutating func withNext<R>(_ body: (UnsafeRawBufferPointer, _ key: Range<Int>) -> R) -> R {
        turn = turn + 1 < requests.count ? turn + 1 : 0
        // A random UUID, version 4: intake keeps a key of any other form as a hash, which cannot be looked for.
        let high = random.next() & ~0xF000 | 0x4000
        let low = random.next() & ~(0xC << 60) | 0x8 << 60
        let place = keyPlaces[turn]
        return requests[turn].withUnsafeMutableBytes { bytes in
            Self.writeKey(high, low, into: UnsafeMutableRawBufferPointer(rebasing: bytes[place..<(place + Self.keyLength)]))
            return body(UnsafeRawBufferPointer(bytes), place..<(place + Self.keyLength))
        }
    }

    /// In a UUID's form, as clients do.
    private static func writeKey(_ high: UInt64, _ low: UInt64, into bytes: UnsafeMutableRawBufferPointer) {
        var place = 0
        for nibble in 0..<32 {
            if nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20 {
                bytes[place] = 0x2D
                place += 1
            }
            let word = nibble < 16 ? high : low
            let digit = UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * (nibble % 16))) & 15
            bytes[place] = digit < 10 ? 0x30 + digit : 0x57 + digit
            place += 1
        }
    }

    private static func text(_ bytes: Int, _ random: inout Randomness) -> String {
        var text = ""
        while text.utf8.count + 3 <= bytes {
            for character in sentences[Int(random.next() % UInt64(sentences.count))] where text.utf8.count + 3 <= bytes {
                text.append(character)
            }
        }
        return text
    }

    static let sentences = [
        "小区东门口的路灯已经三天不亮了,晚上老人和孩子经过很不安全,请尽快安排人来修。",
        "路面有一个很深的坑,昨天下雨以后积水看不清楚,已经有两辆电动车在这里摔倒。",
        "楼下的垃圾桶满了没有人清运,天气热的时候气味很大,旁边的住户都不敢开窗。",
        "施工围挡占了半条人行道,没有留出通行的地方,推婴儿车的人只能走到机动车道上。",
        "消防通道长期被私家车堵住,物业贴过告示但是没有效果,希望有关部门来处理一下。",
        "雨水井盖松动,车子开过去声音很响,整夜都睡不好,担心哪天会有人踩空掉下去。",
        "广场上的健身器材断了一根横杆,边上露出了铁刺,已经用绳子临时围了起来。",
        "河边的护栏锈得厉害,轻轻一推就会晃,周末来散步的人很多,请先设一个警示牌。",
    ]
}
