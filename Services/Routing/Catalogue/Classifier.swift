public import Contracts

/// Finds the class of a free text by the words in it: local, deterministic, and every suggestion says why.
public struct Classifier: Sendable {
    public struct Suggestion: Hashable, Sendable {
        public let category: CategoryCode
        public let name: String
        /// Sum of the weights of the matched terms; only its order means something.
        public let score: Double
        /// As they stand in the text, in the order found.
        public let terms: [String]
        /// What else it may be, and how to tell.
        public let hints: [String]
    }
    private struct Term: Sendable {
        let scalars: [Unicode.Scalar]
        let category: Int
        let weight: Double
    }

    private let categories: [Category]
    /// By first character, longest first.
    private let terms: [Unicode.Scalar: [Term]]

    public init(_ categories: [Category]) {
        self.categories = categories
        var sharers: [String: Int] = [:]
        for category in categories { for term in Set(category.terms) { sharers[term, default: 0] += 1 } }
        var terms: [Unicode.Scalar: [Term]] = [:]
        for (index, category) in categories.enumerated() {
            for text in Set(category.terms).sorted() {
                let scalars = Self.folded(text)
                guard let first = scalars.first else { continue }
                // A longer term says more than its length; one that several classes share says less.
                let weight = Double(scalars.count * scalars.count) / Double(sharers[text] ?? 1)
                terms[first, default: []].append(Term(scalars: scalars, category: index, weight: weight))
            }
        }
        for key in terms.keys { terms[key]?.sort { ($1.scalars.count, $0.category) < ($0.scalars.count, $1.category) } }
        self.terms = terms
    }

    /// The best three, best first; none when no term is in the text.
    public func classify(_ text: String) -> [Suggestion] {
        let scalars = Self.folded(text)
        var scores: [Int: (score: Double, terms: [String], end: Int)] = [:]
        for start in scalars.indices {
            for term in terms[scalars[start]] ?? [] where scalars[start...].starts(with: term.scalars) {
                var entry = scores[term.category] ?? (0, [], 0)
                let word = String(String.UnicodeScalarView(term.scalars))
                // A term inside one that counted already, or said again, is no new evidence.
                guard start >= entry.end, !entry.terms.contains(word) else { continue }
                entry.score += term.weight
                entry.terms.append(word)
                entry.end = start + term.scalars.count
                scores[term.category] = entry
            }
        }
        let ranked = scores.sorted {
            ($1.value.score, categories[$0.key].code.description) < ($0.value.score, categories[$1.key].code.description)
        }
        return ranked.prefix(3).map { index, entry in
            let category = categories[index]
            return Suggestion(
                category: category.code, name: category.name, score: entry.score, terms: entry.terms,
                hints: category.confusions.map(\.hint))
        }
    }

    /// Small letters, half-width forms, no spaces: what people's keyboards make different and readers do not see.
    private static func folded(_ text: String) -> [Unicode.Scalar] {
        text.unicodeScalars.compactMap { scalar in
            switch scalar.value {
            case 0x41...0x5A: Unicode.Scalar(scalar.value + 0x20)
            case 0xFF21...0xFF3A: Unicode.Scalar(scalar.value - 0xFF21 + 0x61)
            case 0xFF01...0xFF5E: Unicode.Scalar(scalar.value - 0xFEE0)
            case 0x20, 0x3000, 0x09, 0x0A, 0x0D: nil
            default: scalar
            }
        }
    }
}
