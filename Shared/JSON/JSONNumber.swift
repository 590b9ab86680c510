/// Numbers: RFC 8259's grammar, and only those a Swift type holds.
extension JSONReader {
    struct Number {
        let start: Int
        let end: Int
        let isInteger: Bool
    }

    /// From the sign or first digit to behind the last character.
    mutating func scanNumber(_ expected: String) throws(JSONError) -> Number {
        let start = position
        var index = start
        if byte(index) == 0x2D { index &+= 1 }
        switch byte(index) {
        case 0x30:
            index &+= 1
            if isDigit(index) { throw failure(.syntax, "a number starts with a needless zero", at: index) }
        case 0x31...0x39: index = digits(index)
        default: throw index == start ? unexpected(expected) : failure(.syntax, "a digit is due", at: index)
        }
        var isInteger = true
        if byte(index) == 0x2E {
            isInteger = false
            index = try someDigits(index &+ 1)
        }
        if byte(index) | 0x20 == 0x65 {
            isInteger = false
            index &+= 1
            if byte(index) == 0x2B || byte(index) == 0x2D { index &+= 1 }
            index = try someDigits(index)
        }
        guard index &- start <= Self.maxNumberBytes else {
            throw failure(.outOfRange, "a number of more than \(Self.maxNumberBytes) bytes", at: start)
        }
        position = index
        return Number(start: start, end: index, isInteger: isInteger)
    }

    /// A number nobody reads: it must still be one that some type could hold.
    mutating func checkNumber() throws(JSONError) {
        let number = try scanNumber("a number")
        if number.isInteger {
            _ = try integer(number)
        } else if bytes[number.start..<number.end].contains(where: { $0 | 0x20 == 0x65 }) {
            // Without an exponent, `maxNumberBytes` digits stay far below the largest `Double`.
            _ = try double(number)
        }
    }

    func integer(_ number: Number) throws(JSONError) -> Int64 {
        var value: Int64 = 0
        let isNegative = bytes[number.start] == 0x2D
        for index in (isNegative ? number.start &+ 1 : number.start)..<number.end {
            let digit = Int64(bytes[index] &- 0x30)
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            // Downwards, because the smallest number has no positive twin.
            let (next, overflow2) = isNegative ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
            if overflow || overflow2 { throw failure(.outOfRange, "the integer needs more than 64 bits", at: number.start) }
            value = next
        }
        return value
    }

    func double(_ number: Number) throws(JSONError) -> Double {
        if number.isInteger {
            let integer = try integer(number)
            guard let value = Double(exactly: integer) else {
                throw failure(.outOfRange, "the integer would be rounded", at: number.start)
            }
            return integer == 0 && bytes[number.start] == 0x2D ? -0.0 : value
        }
        guard let value = Double(String(decoding: bytes[number.start..<number.end], as: UTF8.self)), value.isFinite else {
            throw failure(.outOfRange, "the number is too large", at: number.start)
        }
        return value
    }

    private func isDigit(_ index: Int) -> Bool { byte(index) &- 0x30 < 10 }

    private func digits(_ index: Int) -> Int {
        var index = index
        while isDigit(index) { index &+= 1 }
        return index
    }

    private func someDigits(_ index: Int) throws(JSONError) -> Int {
        guard isDigit(index) else { throw failure(.syntax, "a digit is due", at: index) }
        return digits(index)
    }
}
