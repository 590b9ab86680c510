extension String {
    /// With one character for each line break, as a browser counts it: in a form that is sent it is two (HTML, "constructing the
    /// entry list"), and a text that just fitted would be too long.
    public var withPlainLineBreaks: String {
        guard utf8.contains(0x0D) else { return self }
        var plain: [UInt8] = []
        plain.reserveCapacity(utf8.count)
        var previous: UInt8?
        for byte in utf8 {
            switch (previous, byte) {
            case (0x0D, 0x0A): break
            case (_, 0x0D): plain.append(0x0A)
            default: plain.append(byte)
            }
            previous = byte
        }
        return String(decoding: plain, as: UTF8.self)
    }
}
