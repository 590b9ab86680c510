import Channels
import Contracts
import Crypto
import JSON

/// Where one desk wants to be told.
struct Recipient: Sendable {
    /// Organisation, channel and hash of the address: names the recipient in the database without saying where it is.
    let key: String
    let organisation: String
    let channel: DeliveryChannel
    let address: String
    let language: Language
    let webhook: WebhookTerms?

    /// Enough to recognise, too little to use.
    var masked: String {
        switch channel {
        case .email:
            let parts = address.split(separator: "@", maxSplits: 1)
            return "\(parts.first?.prefix(1) ?? "")***@\(parts.last ?? "")"
        case .webhook: return address.split(separator: "/", omittingEmptySubsequences: false).prefix(3).joined(separator: "/") + "/***"
        case .sms, .wechat, .board: return "***" + address.suffix(2)
        }
    }
}

/// What was agreed with the owner of a webhook.
struct WebhookTerms: Sendable {
    /// The present secret first; the old one too while it is being replaced.
    let secrets: [WebhookSecret]
    let success: SuccessRule
}

/// Addresses by organisation, from `SHAO_RECIPIENTS_FILE`.
struct RecipientBook: Sendable {
    private let byOrganisation: [String: [Recipient]]
    private let byKey: [String: Recipient]

    /// Nobody to tell but residents.
    init() {
        byOrganisation = [:]
        byKey = [:]
    }

    /// - Parameters:
    ///   - bytes: `{"<organisation>": [{"channel": …, "address": …, "secret": …}]}`.
    ///   - hash: keyed hash of an address.
    init(json bytes: [UInt8], hash: AddressHash) throws(JSONError) {
        var byOrganisation: [String: [Recipient]] = [:]
        var byKey: [String: Recipient] = [:]
        var reader = JSONReader(bytes)
        try reader.object { members throws(JSONError) in
            try members.forEachRemaining { organisation, value throws(JSONError) in
                guard AreaCode(organisation) != nil || DepartmentCode(organisation) != nil else {
                    throw value.failure(.invalidValue, "“\(organisation)” is no area's or department's code")
                }
                for entry in try value.array(of: RecipientEntry.self) {
                    let recipient = entry.recipient(of: organisation, hash)
                    if byKey.updateValue(recipient, forKey: recipient.key) == nil {
                        byOrganisation[organisation, default: []].append(recipient)
                    }
                }
            }
        }
        try reader.end()
        self.byOrganisation = byOrganisation
        self.byKey = byKey
    }

    /// Entries that no message would ever take, each in a sentence for `check`.
    /// - Parameters:
    ///   - known: areas and departments that routing has told of; nil while nothing was heard of them.
    ///   - ways: channels by which something can leave.
    func unusable(known: Set<String>?, ways: Set<DeliveryChannel>) -> [String] {
        var findings: [String] = []
        for (organisation, recipients) in byOrganisation.sorted(by: { $0.key < $1.key }) {
            if let known, !known.contains(organisation) {
                findings.append("SHAO_RECIPIENTS: “\(organisation)” is no area or department of this street; nobody would be told there")
            }
            for channel in Set(recipients.map(\.channel)).subtracting(ways).map(\.rawValue).sorted() {
                findings.append("SHAO_RECIPIENTS: “\(organisation)” is to be told by \(channel), for which no way out is configured")
            }
        }
        return findings
    }

    /// Where to tell an organisation; empty when it is told nowhere.
    func recipients(of organisation: String) -> [Recipient] { byOrganisation[organisation] ?? [] }

    /// nil once the address has left the file.
    func recipient(key: String) -> Recipient? { byKey[key] }
}

/// Hashes of addresses under a key: telephone numbers are too few for a plain hash to hide them.
struct AddressHash: Sendable {
    private let key: HMACKey

    init(key: HMACKey) { self.key = key }

    func callAsFunction(_ address: String) -> [UInt8] {
        Array(key.authenticate(parts: [Array("delivery-address".utf8), Array(address.utf8)]).prefix(16))
    }
}

private struct RecipientEntry: JSONObjectDecodable {
    let channel: DeliveryChannel
    let address: String
    let language: Language
    let webhook: WebhookTerms?

    init(members m: inout JSONMembers) throws(JSONError) {
        let channel: DeliveryChannel = try m.required("channel")
        let address = try m.read("address") { value throws(JSONError) in try Self.address(&value, channel) }
        let language = try m.readIfPresent("language") { value throws(JSONError) in
            try value.parsed("zh-Hans or en") { Language(rawValue: $0) }
        }
        var secrets: [WebhookSecret] = []
        if channel == .webhook { secrets.append(try m.read("secret", Self.secret)) }
        if channel == .webhook, let old = try m.readIfPresent("oldSecret", Self.secret) { secrets.append(old) }
        let success = channel == .webhook ? try m.readIfPresent("successRule", Self.rule) : nil
        self.init(
            channel: channel, address: address, language: language ?? .zhHans,
            webhook: channel == .webhook ? WebhookTerms(secrets: secrets, success: success ?? .status) : nil)
    }

    private init(channel: DeliveryChannel, address: String, language: Language, webhook: WebhookTerms?) {
        self.channel = channel
        self.address = address
        self.language = language
        self.webhook = webhook
    }

    func recipient(of organisation: String, _ hash: AddressHash) -> Recipient {
        Recipient(
            key: "\(organisation)/\(channel.rawValue)/\(Hex.encode(hash(address)))", organisation: organisation, channel: channel,
            address: address, language: language, webhook: webhook)
    }

    private static func address(_ value: inout JSONReader, _ channel: DeliveryChannel) throws(JSONError) -> String {
        try value.parsed("an address for \(channel.rawValue)") { text in
            guard (3...500).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
            let fits =
                switch channel {
                case .email: text.split(separator: "@", omittingEmptySubsequences: false).allSatisfy { !$0.isEmpty } && text.contains("@")
                case .webhook: text.hasPrefix("https://") || text.hasPrefix("http://")
                case .sms: isNumber(text)
                case .wechat: true
                case .board: false
                }
            return fits ? text : nil
        }
    }

    private static func isNumber(_ text: String) -> Bool {
        let digits = text.hasPrefix("+") ? text.dropFirst() : text[...]
        return (5...20).contains(digits.utf8.count) && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func secret(_ value: inout JSONReader) throws(JSONError) -> WebhookSecret {
        try value.parsed("whsec_ and base64 of 24 to 64 bytes") { try? WebhookSecret($0) }
    }

    private static func rule(_ value: inout JSONReader) throws(JSONError) -> SuccessRule {
        try value.parsed("status, or a test such as $.success==true") { SuccessRule($0) }
    }
}
