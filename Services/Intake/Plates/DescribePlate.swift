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

private struct PlateView: JSONEncodable {
    let plate: PlateRegistered
    let communityName: String?

    func write(to json: inout JSONWriter) {
        json.object {
            $0.member("plate", plate.plate)
            $0.member("kind", plate.kind)
            $0.member("name", plate.name)
            if let point = GeoPoint(lat: plate.lat, lng: plate.lng) { $0.member("point", point) }
            $0.member("community", plate.community)
            $0.member("community_name", communityName)
            $0.member("street", plate.street)
            $0.member("chips", plate.chips)
        }
    }
}
