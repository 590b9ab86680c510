public import Crypto

extension HMACKey {
    /// What services, and the operators' command line, show each other at `/internal/…`: made of the streams' key, for the
    /// header `Authorization: Bearer`.
    public var serviceToken: String { Base64.url.encode(authenticate("service-token")) }
}
