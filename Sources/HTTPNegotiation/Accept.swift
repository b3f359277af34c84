/// What an `Accept` header says about the media types it would have (RFC 9110 section 12.5.1).
///
/// Of the ranges that match an offer, the most specific gives its weight: `type/subtype` with parameters
/// before `type/subtype`, before `type/*`, before `*/*`. No header, one that is empty and one that holds no
/// readable range accept anything.
public struct Accept: Sendable, Hashable {
  private struct Range: Hashable {
    var type: Substring
    var subtype: Substring
    var parameters: [MediaType.Parameter]
    var weight: Int
  }

  private let ranges: [Range]

  /// - Parameter lines: the values of all `Accept` lines of a request, in order.
  public init(parsing lines: some Sequence<String>) {
    ranges = QualityList(parsing: lines).elements.compactMap { element in
      guard let slash = element.value.firstIndex(of: "/") else { return nil }
      let type = element.value[..<slash]
      let subtype = element.value[element.value.index(after: slash)...]
      guard type != "*" || subtype == "*" else { return nil }
      // JSON and event streams are UTF-8, whatever they are called: asking for it asks for nothing more.
      let parameters = element.parameters.filter { $0.name != "charset" || $0.value.lowercased() != "utf-8" }
      return Range(type: type, subtype: subtype, parameters: parameters, weight: element.weight)
    }
  }

  /// Whether it says no more than the absence of the header would.
  public var isAnything: Bool { ranges.isEmpty }

  /// The index of the offer with the greatest weight; where weights are equal, of the offer that is named more
  /// closely, and else of the earlier one.
  ///
  /// RFC 9110 leaves the choice among equal weights to the server. A caller that names `application/json` and adds
  /// `*/*` (axios: `application/json, text/plain, */*`) wants the former and can live with anything.
  ///
  /// - Returns: nil when none is acceptable.
  public func best(of offers: [MediaType]) -> Int? {
    if ranges.isEmpty { return offers.isEmpty ? nil : 0 }
    var best: Int?
    var bestRank = (weight: 0, specificity: 0)
    for (index, offer) in offers.enumerated() {
      let (weight, specificity) = judge(offer)
      // Parameters make a range no dearer to the caller than the bare type would be.
      let rank = (weight: weight, specificity: min(specificity, Self.namedSpecificity))
      if weight > 0, best == nil || rank > bestRank {
        best = index
        bestRank = rank
      }
    }
    return best
  }

  /// In thousandths; 0 is "not acceptable".
  public func weight(of offer: MediaType) -> Int {
    ranges.isEmpty ? 1000 : judge(offer).weight
  }

  /// What the most specific range that matches the offer says of it.
  private func judge(_ offer: MediaType) -> (weight: Int, specificity: Int) {
    var weight = 0
    var best = -1
    for range in ranges {
      if let specificity = Self.specificity(of: range, for: offer), specificity > best {
        best = specificity
        weight = range.weight
      }
    }
    return (weight, best)
  }

  /// The specificity of `type/subtype`; parameters count on top.
  private static let namedSpecificity = 2

  /// How closely the range describes the offer; nil when it does not match it.
  private static func specificity(of range: Range, for offer: MediaType) -> Int? {
    if range.type == "*" { return range.parameters.isEmpty ? 0 : nil }
    guard range.type == offer.type else { return nil }
    guard range.parameters.allSatisfy({ offer.parameters.contains($0) }) else { return nil }
    if range.subtype == "*" { return 1 }
    guard range.subtype == offer.subtype else { return nil }
    return namedSpecificity + range.parameters.count
  }
}
