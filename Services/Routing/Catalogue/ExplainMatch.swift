import Contracts
import EventLog
import HTTP
import JSON
import ServiceKit

/// `GET /v1/catalogue/match`: what the catalogue would say, and why, without opening a case; and `GET /v1/departments`.
struct ExplainMatch: Sendable {
    let city: CurrentCity
    let staff: StaffDirectory
    let clock: any Timekeeper

    /// `category` or `text`, and `plate` or `area`; `channel`, `urgency` and `at` as far as they matter.
    func match(_ request: HTTPRequest) async throws -> HTTPResponse {
        _ = try CaseWorker(request, staff, as: CaseWorker.reading)
        let city = city.now
        let area = try area(request, in: city)
        let rules = city.rules(in: area)
        let suggestions = rules.classifier.classify(try request.query("text") ?? "")
        let code = try request.query("category") { CategoryCode($0) } ?? suggestions.first?.category ?? rules.other.code
        guard let category = rules.categories.byCode[code] else {
            throw Problem(400, "category-unknown", errors: [.init(pointer: "?category", code: "unknown")])
        }
        let question = CatalogueQuestion(
            category: code, area: area, urgency: try request.query("urgency") { Urgency(rawValue: $0) } ?? category.urgency,
            channel: try request.query("channel") { Channel(rawValue: $0) } ?? .web,
            at: try request.query("at") { Timestamp($0.replacing(" ", with: "+")) } ?? clock.now())
        return .json(
            MatchExplanation(question: question, category: category, result: rules.catalogue.match(question), suggestions: suggestions))
    }

    func departments(_ request: HTTPRequest) async throws -> HTTPResponse {
        let worker = try CaseWorker(request, staff, as: CaseWorker.reading)
        let directory = city.now.directory
        return .json(DepartmentList(departments: worker.area.map(directory.departments(in:)) ?? directory.allDepartments))
    }

    private func area(_ request: HTTPRequest, in city: City) throws -> AreaCode {
        if let plate = try request.query("plate", { PlateCode($0) }) {
            guard let known = city.directory.plates[plate] else {
                throw Problem(400, "plate-unknown", errors: [.init(pointer: "?plate", code: "unknown")])
            }
            return known.grid
        }
        return try request.query("area") { AreaCode($0) } ?? city.common
    }
}

struct MatchExplanation: JSONObjectEncodable {
    let question: CatalogueQuestion
    let category: Category
    let result: CatalogueResult
    let suggestions: [Classifier.Suggestion]

    func write(members o: inout JSONObjectWriter) {
        o.member("category", category.code)
        o.member("categoryName", category.name)
        o.member("area", question.area)
        o.member("urgency", question.urgency)
        o.member("channel", question.channel)
        o.member("at", question.at)
        o.member("result", result)
        o.member("goesStraightOut", result.goesStraightOut)
        o.member("suggestions") { json in
            json.array { list in
                for suggestion in suggestions {
                    list.object { s in
                        s.member("category", suggestion.category)
                        s.member("name", suggestion.name)
                        s.member("score", suggestion.score)
                        s.member("terms", suggestion.terms)
                        s.member("hints", suggestion.hints)
                    }
                }
            }
        }
    }
}

struct DepartmentList: JSONObjectEncodable {
    let departments: [Department]

    func write(members o: inout JSONObjectWriter) {
        o.member("departments") { json in
            json.array { list in
                for department in departments {
                    list.object { d in
                        d.member("department", department.code)
                        d.member("name", department.name)
                        d.member("shortName", department.shortName)
                    }
                }
            }
        }
    }
}
