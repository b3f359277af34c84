/// What an `Accept-Encoding` header says about content codings (RFC 9110 section 12.5.3).
///
/// - No header: any coding is acceptable; the choice here is `identity`, which every caller can read.
/// - `*` stands for every coding that is not named.
/// - `identity` is acceptable unless `identity;q=0`, or `*;q=0` without naming it, excludes it. Where it is
///   acceptable only by that rule, any coding that was asked for comes before it.
public struct AcceptEncoding: Sendable, Hashable {
  private let isPresent: Bool
  private var weights: [ContentCoding: Int] = [:]
  private var wildcardWeight: Int?

  /// - Parameter lines: the values of all `Accept-Encoding` lines of a request; none when it has no such header.
  public init(parsing lines: some Collection<String>) {
    isPresent = !lines.isEmpty
    guard isPresent else { return }
    for element in QualityList(parsing: lines).elements {
      if element.value == "*" {
        wildcardWeight = wildcardWeight ?? element.weight
      } else if let coding = ContentCoding(name: element.value), weights[coding] == nil {
        weights[coding] = element.weight
      }
    }
  }

  /// The coding to use: of `offers` and `identity` the one with the greatest weight, where weights are equal
  /// the earlier offer, and `identity` after all of them unless it is an offer itself.
  ///
  /// - Returns: nil when not even `identity` is acceptable. RFC 9110 leaves it open what to do then.
  public func best(of offers: [ContentCoding]) -> ContentCoding? {
    guard isPresent else { return .identity }
    var best: ContentCoding?
    var bestWeight = 0
    for coding in offers.contains(.identity) ? offers : offers + [.identity] {
      let weight = weight(of: coding)
      if weight > bestWeight {
        best = coding
        bestWeight = weight
      }
    }
    return best ?? (isIdentityAcceptable ? .identity : nil)
  }

  /// Whether an answer without any coding will do.
  public var isIdentityAcceptable: Bool {
    (weights[.identity] ?? wildcardWeight) != 0
  }

  /// What was said of the coding; 0 when nothing was.
  private func weight(of coding: ContentCoding) -> Int {
    guard isPresent else { return 0 }
    return weights[coding] ?? wildcardWeight ?? 0
  }
}
