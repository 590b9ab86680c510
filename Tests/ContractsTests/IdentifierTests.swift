import Contracts
import JSON
import Synchronization
import Testing

struct IdentifierTests {
    let text = "0198a7c2-1f00-7abc-8def-0123456789ab"

    @Test func `an identifier prints and parses lower-case text only`() {
        #expect(TicketID(text)?.description == text)
        #expect(TicketID(text.uppercased()) == nil)
        #expect(TicketID("{\(text)}") == nil)
        #expect(TicketID(String(text.dropLast())) == nil)
        #expect(TicketID(text + "0") == nil)
        #expect(TicketID(text.replacing("-", with: "")) == nil)
        #expect(TicketID("0198a7c21-f00-7abc-8def-0123456789ab") == nil)
        #expect(TicketID("") == nil)
    }

    @Test func `bytes are in network order and must be sixteen`() {
        let id = TicketID(text)
        #expect(id?.bytes.prefix(4).elementsEqual([0x01, 0x98, 0xA7, 0xC2]) == true)
        #expect(id.flatMap { TicketID(bytes: $0.bytes) } == id)
        #expect(TicketID(bytes: [1, 2, 3]) == nil)
    }

    @Test func `order is that of the bytes`() {
        #expect(TicketID("00000000-0000-7000-8000-000000000001")! < TicketID("00000000-0000-7000-8000-0000000000ff")!)
        #expect(TicketID("7f000000-0000-7000-8000-000000000000")! < TicketID("80000000-0000-7000-8000-000000000000")!)
    }

    @Test func `JSON refuses an identifier in another form and says where`() {
        let error = #expect(throws: JSONError.self) {
            try JSONReader.decode([PhotoID].self, from: Array("[\"\(text)\", \"ABC\"]".utf8))
        }
        #expect(error?.code == .invalidValue)
        #expect(error?.pointer == "#/1")
    }

    @Test func `version 7 identifiers carry time, version and variant`() {
        let generator = UUIDv7Generator(now: { Timestamp(milliseconds: 0x0198_A7C2_1F00) }, random: { [UInt8](repeating: 0xFF, count: $0) })
        let id: EventID = generator.next()
        #expect(id.description == "0198a7c2-1f00-77ff-bfff-ffffffffffff")
    }

    @Test func `identifiers grow within a millisecond, past its counter, and when the clock steps back`() {
        let calls = Mutex(0)
        let generator = UUIDv7Generator(
            now: {
                Timestamp(
                    milliseconds: calls.withLock {
                        $0 += 1
                        return $0 > 5_000 ? 1_000 : 2_000
                    })
            },
            random: { [UInt8](repeating: 7, count: $0) })
        var last: TicketID = generator.next()
        for _ in 0..<10_000 {
            let next: TicketID = generator.next()
            #expect(last < next)
            last = next
        }
    }

    @Test func `too few random bytes make no trap`() {
        let generator = UUIDv7Generator(now: { .latest }, random: { _ in [] })
        #expect((generator.next() as TicketID).description.hasPrefix("e677"))
    }
}
