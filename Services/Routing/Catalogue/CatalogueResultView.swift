import Contracts
public import JSON

// What the catalogue says, as `GET /v1/catalogue/match` answers it.

extension CatalogueResult: JSONObjectEncodable {
    public func write(members o: inout JSONObjectWriter) {
        o.member("level", level.rawValue)
        o.member("lead", lead)
        o.member("coHandlers", coHandlers)
        o.member("clocks", clocks)
        o.member("departmentOnly", isDepartmentOnly)
        o.member("basis", basis)
        o.member("row", row)
        o.member("version", version)
        o.member("reason", reason)
        o.member("alarm", alarm)
    }
}

extension CatalogueAlarm: JSONObjectEncodable {
    public func write(members o: inout JSONObjectWriter) {
        o.member("row", row)
        o.member("code", code)
        o.member("reason", reason)
    }
}
