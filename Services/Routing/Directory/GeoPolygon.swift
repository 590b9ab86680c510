/// A simple polygon; the last corner joins the first.
public struct GeoPolygon: Hashable, Sendable {
    public let corners: [GeoPoint]
    public let box: GeoBox

    /// `nil` for fewer than three corners, corners off the globe, or edges that cross.
    public init?(_ corners: [GeoPoint]) {
        self.init(trusted: corners)
        if crossesItself { return nil }
    }

    /// Of corners that were judged before: only their number and place are looked at again.
    init?(trusted corners: [GeoPoint]) {
        guard corners.count >= 3, corners.allSatisfy(\.isOnGlobe), let first = corners.first else { return nil }
        var box = GeoBox(south: first.latitude, west: first.longitude, north: first.latitude, east: first.longitude)
        for corner in corners { box.include(corner) }
        self.corners = corners
        self.box = box
    }

    /// Edges, each with its start and end.
    var edges: Zip2Sequence<[GeoPoint], [GeoPoint]> {
        zip(corners, Array(corners.dropFirst()) + corners.prefix(1))
    }

    /// Ray casting, half open: a point on an edge that two polygons share belongs to exactly one of them.
    public func contains(_ point: GeoPoint) -> Bool {
        guard box.contains(point) else { return false }
        var isInside = false
        for (a, b) in edges where (a.latitude > point.latitude) != (b.latitude > point.latitude) {
            // From the southern end, so that neighbours compute the very same crossing.
            let (low, high) = a.latitude < b.latitude ? (a, b) : (b, a)
            let share = (point.latitude - low.latitude) / (high.latitude - low.latitude)
            if point.longitude < low.longitude + share * (high.longitude - low.longitude) { isInside.toggle() }
        }
        return isInside
    }

    /// Metres from a point to the nearest edge.
    public func distanceToEdge(_ point: GeoPoint) -> Double {
        var least = Double.infinity
        for (a, b) in edges {
            let (ax, ay) = point.metres(to: a)
            let (bx, by) = point.metres(to: b)
            let (dx, dy) = (bx - ax, by - ay)
            let square = dx * dx + dy * dy
            let share = square > 0 ? min(1, max(0, -(ax * dx + ay * dy) / square)) : 0
            let (x, y) = (ax + share * dx, ay + share * dy)
            least = min(least, x * x + y * y)
        }
        return least.squareRoot()
    }

    /// Corners are as exact as a survey's map: two metres.
    private static let exactnessMetres = 2.0

    /// Whether a point lies inside by more than corners may be off.
    func coversWell(_ point: GeoPoint) -> Bool { contains(point) && distanceToEdge(point) > Self.exactnessMetres }

    /// Points that show whether another polygon covers some of this one: corners, the middles of edges, the middle of all corners.
    var probes: [GeoPoint] {
        func middle(_ points: [GeoPoint]) -> GeoPoint {
            GeoPoint(
                latitude: points.reduce(0) { $0 + $1.latitude } / Double(points.count),
                longitude: points.reduce(0) { $0 + $1.longitude } / Double(points.count))
        }
        return corners + edges.map { middle([$0.0, $0.1]) } + [middle(corners)].filter(contains)
    }

    private var crossesItself: Bool {
        let edges = Array(edges)
        for (i, one) in edges.enumerated() {
            for (j, other) in edges.enumerated().dropFirst(i + 2) where !(i == 0 && j == edges.count - 1) {
                let a = Self.turn(one.0, one.1, other.0)
                let b = Self.turn(one.0, one.1, other.1)
                let c = Self.turn(other.0, other.1, one.0)
                let d = Self.turn(other.0, other.1, one.1)
                if a * b < 0, c * d < 0 { return true }
            }
        }
        return false
    }

    private static func turn(_ a: GeoPoint, _ b: GeoPoint, _ c: GeoPoint) -> Double {
        (b.longitude - a.longitude) * (c.latitude - a.latitude) - (b.latitude - a.latitude) * (c.longitude - a.longitude)
    }
}

public struct GeoBox: Hashable, Sendable {
    public private(set) var south: Double
    public private(set) var west: Double
    public private(set) var north: Double
    public private(set) var east: Double

    mutating func include(_ point: GeoPoint) {
        south = min(south, point.latitude)
        north = max(north, point.latitude)
        west = min(west, point.longitude)
        east = max(east, point.longitude)
    }
    mutating func include(_ box: GeoBox) {
        include(GeoPoint(latitude: box.south, longitude: box.west))
        include(GeoPoint(latitude: box.north, longitude: box.east))
    }
    func contains(_ point: GeoPoint, marginDegrees: Double = 0) -> Bool {
        point.latitude >= south - marginDegrees && point.latitude <= north + marginDegrees
            && point.longitude >= west - marginDegrees && point.longitude <= east + marginDegrees
    }
}

extension GeoPoint {
    var isOnGlobe: Bool { abs(latitude) <= 90 && abs(longitude) <= 180 }

    /// East and north in metres; flat within a street, where the earth's curve is far below a centimetre.
    func metres(to other: GeoPoint) -> (Double, Double) {
        let metresPerDegree = 111_320.0
        return (
            (other.longitude - longitude) * metresPerDegree * Self.cosine(degrees: latitude),
            (other.latitude - latitude) * metresPerDegree
        )
    }

    /// Five terms of the series: better than 1e-6 up to 90 degrees, and no C mathematics library.
    private static func cosine(degrees: Double) -> Double {
        let x = degrees * 0.017453292519943295
        let square = x * x
        var term = 1.0
        var sum = 1.0
        for step in [2.0, 12.0, 30.0, 56.0, 90.0, 132.0] {
            term *= -square / step
            sum += term
        }
        return sum
    }
}
