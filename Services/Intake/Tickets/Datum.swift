import Glibc

/// On which figure of the earth degrees are measured.
///
/// Maps in China show points shifted by some hundred metres: GCJ-02 (AMap, Tencent, WeChat) and, shifted once more, BD-09 (Baidu).
/// Where a point says so it is shifted back; the formulae have no exact inverse, so they are solved until they agree.
enum Datum: Sendable, Equatable {
    /// Also CGCS2000, which differs from it by centimetres.
    case wgs84
    case gcj02
    case bd09

    static let names = "wgs84, cgcs2000, gcj02 and bd09"

    /// Any usual spelling: `GCJ-02`, `gcj02`, `EPSG:4326`.
    init?(_ name: String) {
        switch name.lowercased().filter({ !"-_: ".contains($0) }) {
        case "wgs84", "epsg4326", "cgcs2000", "epsg4490", "gps": self = .wgs84
        case "gcj02", "amap": self = .gcj02
        case "bd09", "bd09ll", "baidu": self = .bd09
        default: return nil
        }
    }

    func wgs84(lat: Double, lng: Double) -> (lat: Double, lng: Double) {
        switch self {
        case .wgs84: (lat, lng)
        case .gcj02: Self.unshifted(lat: lat, lng: lng)
        case .bd09: Self.withoutBaidu(lat: lat, lng: lng)
        }
    }

    // MARK: BD-09

    private static func withoutBaidu(lat: Double, lng: Double) -> (lat: Double, lng: Double) {
        let factor = Double.pi * 3000 / 180
        let (x, y) = (lng - 0.0065, lat - 0.006)
        let radius = (x * x + y * y).squareRoot() - 0.00002 * sin(y * factor)
        let angle = atan2(y, x) - 0.000003 * cos(x * factor)
        return unshifted(lat: radius * sin(angle), lng: radius * cos(angle))
    }

    // MARK: GCJ-02

    /// A centimetre, in degrees.
    private static let precision = 1e-7

    private static func unshifted(lat: Double, lng: Double) -> (lat: Double, lng: Double) {
        guard (0.8293...55.8271).contains(lat), (72.004...137.8347).contains(lng) else { return (lat, lng) }
        var (foundLat, foundLng) = (lat, lng)
        // Converges by a factor of thousands each time.
        for _ in 0..<10 {
            let shift = shift(lat: foundLat, lng: foundLng)
            let (missLat, missLng) = (foundLat + shift.lat - lat, foundLng + shift.lng - lng)
            foundLat -= missLat
            foundLng -= missLng
            if abs(missLat) < precision, abs(missLng) < precision { break }
        }
        return (foundLat, foundLng)
    }

    /// By how much GCJ-02 moves a point of WGS-84. The ellipsoid is Krasovsky's.
    private static func shift(lat: Double, lng: Double) -> (lat: Double, lng: Double) {
        let (x, y) = (lng - 105, lat - 35)
        let waves = (20 * sin(6 * x * .pi) + 20 * sin(2 * x * .pi)) * 2 / 3
        var north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * abs(x).squareRoot() + waves
        north += (20 * sin(y * .pi) + 40 * sin(y / 3 * .pi)) * 2 / 3
        north += (160 * sin(y / 12 * .pi) + 320 * sin(y * .pi / 30)) * 2 / 3
        var east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * abs(x).squareRoot() + waves
        east += (20 * sin(x * .pi) + 40 * sin(x / 3 * .pi)) * 2 / 3
        east += (150 * sin(x / 12 * .pi) + 300 * sin(x / 30 * .pi)) * 2 / 3
        let (axis, eccentricity) = (6_378_245.0, 0.006_693_421_622_965_823)
        let radians = lat / 180 * .pi
        let curve = 1 - eccentricity * sin(radians) * sin(radians)
        let metresNorth = axis * (1 - eccentricity) / (curve * curve.squareRoot()) * .pi
        let metresEast = axis / curve.squareRoot() * cos(radians) * .pi
        return (north * 180 / metresNorth, east * 180 / metresEast)
    }
}
