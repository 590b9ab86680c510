import Contracts
import HTTP
import JSON

/// `GET /v1/plates/{code}`: a plate's place and chips, for apps that draw their own page.
struct DescribePlate: Sendable {
    let plates: PlateBook

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard let code = PlateCode(try request.pathParameter("code")), let plate = try await plates.find(code) else {
            throw Problem(404, "plate-unknown", detail: "There is no such plate.")
        }
        let answer = PlateView(plate: plate, communityName: try await plates.name(of: plate.community))
        return .json(answer).with("cache-control", "public, max-age=60")
    }
}

private struct PlateView: JSONObjectEncodable {
    let plate: PlateRegistered
    let communityName: String?

    func write(members o: inout JSONObjectWriter) {
        o.member("plate", plate.plate)
        o.member("kind", plate.kind)
        o.member("name", plate.name)
        if let point = GeoPoint(lat: plate.lat, lng: plate.lng) { o.member("point", point) }
        o.member("community", plate.community)
        o.member("community_name", communityName)
        o.member("street", plate.street)
        o.member("chips", plate.chips)
    }
}
