public import Contracts
public import HTTP

/// Routes of pages: their templates come from the one list of addresses that pages and letters link by.
extension Routes {
    public mutating func page(_ template: PagePath.Template, _ handler: @escaping HTTPHandler) {
        var routes = Routes()
        routes.get(template.rawValue, handler)
        add(contentsOf: routes.asPages())
    }

    /// Where a page's form goes.
    public mutating func form(_ template: PagePath.Template, limits: RouteLimits = .json, _ handler: @escaping HTTPHandler) {
        var routes = Routes()
        routes.post(template.rawValue, limits: limits, handler)
        add(contentsOf: routes.asPages())
    }

    /// Where a page's form with files goes.
    public mutating func upload(_ template: PagePath.Template, limits: RouteLimits, _ handler: @escaping HTTPStreamingHandler) {
        var routes = Routes()
        routes.streaming(.post, template.rawValue, limits: limits, handler)
        add(contentsOf: routes.asPages())
    }
}

extension HTTPResponse {
    /// 303 to a page of ours.
    public static func redirect(_ page: PagePath) -> HTTPResponse { redirect(page.description) }
}
