/// A photo made in code: a lamp post by night, as an uncompressed PNG. Every picture differs by its seed.
enum Picture {
    static func lamp(seed: UInt64, width: Int = 320, height: Int = 240) -> [UInt8] {
        var rows: [UInt8] = []
        rows.reserveCapacity(height * (width * 3 + 1))
        let lampX = 80 + Int(seed % 160)
        for y in 0..<height {
            rows.append(0)
            for x in 0..<width { rows += pixel(x, y, lampX, height) }
        }
        var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        file += chunk("IHDR", word(UInt32(width)) + word(UInt32(height)) + [8, 2, 0, 0, 0])
        file += chunk("IDAT", stored(rows))
        return file + chunk("IEND", [])
    }

    private static func pixel(_ x: Int, _ y: Int, _ lampX: Int, _ height: Int) -> [UInt8] {
        let isPost = (x - lampX).magnitude < 4 && y > 40 && y < height - 30
        let isHead = (x - lampX).magnitude < 18 && (y - 38).magnitude < 7
        if isHead { return [70, 72, 80] }
        if isPost { return [96, 98, 104] }
        if y >= height - 30 { return [44, 46, 50] }
        let sky = UInt8(clamping: 24 + y / 8)
        return [sky, sky, UInt8(clamping: Int(sky) + 28)]
    }

    private static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
        let body = Array(type.utf8) + data
        return word(UInt32(data.count)) + body + word(checksum(body))
    }

    /// zlib's form without compression: blocks of at most 65 535 bytes.
    private static func stored(_ data: [UInt8]) -> [UInt8] {
        var stream: [UInt8] = [0x78, 0x01]
        var rest = data[...]
        repeat {
            let part = rest.prefix(65_535)
            rest = rest.dropFirst(part.count)
            let length = UInt16(part.count)
            stream.append(rest.isEmpty ? 1 : 0)
            stream += [UInt8(length & 0xFF), UInt8(length >> 8), UInt8(~length & 0xFF), UInt8(~length >> 8)]
            stream += part
        } while !rest.isEmpty
        var (low, high): (UInt32, UInt32) = (1, 0)
        for byte in data {
            low = (low + UInt32(byte)) % 65_521
            high = (high + low) % 65_521
        }
        return stream + word(high << 16 | low)
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var value: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            value ^= UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
        }
        return ~value
    }

    private static func word(_ value: UInt32) -> [UInt8] {
        [UInt8(value >> 24), UInt8(value >> 16 & 0xFF), UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)]
    }
}
