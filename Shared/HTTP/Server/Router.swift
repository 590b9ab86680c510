/// Finds the route of a request in a tree of segments. Built once, then only read.
struct Router: Sendable {
    enum Match {
        case found(route: Int, captures: [String])
        /// The path exists, with other methods.
        case notAllowed([HTTPMethod])
        case missing
    }

    private struct Node: Sendable {
        var literals: [Substring: Int] = [:]
        var parameter: Int?
        /// In the order added, for `Allow`.
        var routes: [(method: HTTPMethod, route: Int)] = []
    }

    let routes: [Route]
    private var nodes = [Node()]

    init(_ table: Routes) throws(HTTPServerError) {
        routes = table.all
        for (index, route) in routes.enumerated() {
            guard route.isWellFormed else { throw HTTPServerError(.route, "\(route.template) is no template") }
            let place = place(for: route.segments)
            guard !nodes[place].routes.contains(where: { $0.method == route.method }) else {
                throw HTTPServerError(.route, "\(route.method.rawValue) \(route.template) is there twice")
            }
            nodes[place].routes.append((route.method, index))
        }
    }

    /// HEAD finds the GET route.
    func find(_ method: HTTPMethod, _ segments: [String]) -> Match {
        var allowed: [HTTPMethod] = []
        var captures: [String] = []
        let wanted = method == .head ? .get : method
        if let route = search(0, segments[...], wanted, &captures, &allowed) {
            return .found(route: route, captures: captures)
        }
        return allowed.isEmpty ? .missing : .notAllowed(Self.withImplied(allowed))
    }

    /// Whether this is a page's route, which ignores what it cannot read of a query.
    func isPage(_ match: Match) -> Bool {
        guard case .found(let route, _) = match else { return false }
        return routes[route].isPage
    }

    /// Every method some route has.
    var methods: [HTTPMethod] { Self.withImplied(HTTPMethod.allCases.filter { method in routes.contains { $0.method == method } }) }

    private static func withImplied(_ methods: [HTTPMethod]) -> [HTTPMethod] {
        var all = Set(methods)
        all.insert(.options)
        if all.contains(.get) { all.insert(.head) }
        return HTTPMethod.allCases.filter(all.contains)
    }

    private func search(
        _ node: Int, _ rest: ArraySlice<String>, _ method: HTTPMethod, _ captures: inout [String],
        _ allowed: inout [HTTPMethod]
    ) -> Int? {
        guard let segment = rest.first else {
            if let found = nodes[node].routes.first(where: { $0.method == method }) { return found.route }
            allowed += nodes[node].routes.map(\.method)
            return nil
        }
        if let next = nodes[node].literals[segment[...]],
            let found = search(next, rest.dropFirst(), method, &captures, &allowed)
        {
            return found
        }
        guard let next = nodes[node].parameter, !segment.isEmpty else { return nil }
        captures.append(segment)
        if let found = search(next, rest.dropFirst(), method, &captures, &allowed) { return found }
        captures.removeLast()
        return nil
    }

    private mutating func place(for segments: [Substring]) -> Int {
        var place = 0
        for segment in segments {
            let isParameter = Route.parameter(segment) != nil
            if let next = isParameter ? nodes[place].parameter : nodes[place].literals[segment] {
                place = next
                continue
            }
            nodes.append(Node())
            let next = nodes.count - 1
            if isParameter { nodes[place].parameter = next } else { nodes[place].literals[segment] = next }
            place = next
        }
        return place
    }
}
