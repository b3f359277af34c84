/// A list of choices with weights, as `Accept`, `Accept-Encoding` and their like hold it (RFC 9110 section 12.4.2).
///
///     #( choice *( OWS ";" OWS parameter ) [ OWS ";" OWS "q=" qvalue ] )
///     qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )
///
/// An element that is not of this form is left out: a header that advises must not make a request fail.
/// Digits after the third are ignored.
public struct QualityList: Sendable, Hashable {
  public struct Element: Sendable, Hashable {
    /// A token, or two with a `/` between them, lower-cased.
    public var value: String
    /// Those before `q`; what follows `q` was an extension that RFC 9110 has taken back.
    public var parameters: [MediaType.Parameter]
    /// Thousandths, from 0 ("not acceptable") to 1000.
    public var weight: Int
  }

  public let elements: [Element]

  /// - Parameter lines: the values of all header lines of that name, in order.
  public init(parsing lines: some Sequence<String>) {
    var elements: [Element] = []
    for line in lines {
      var scanner = FieldScanner(line)
      while !scanner.isAtEnd {
        var attempt = scanner
        if let element = Self.element(&attempt) { elements.append(element) }
        scanner.skipListElement()
      }
    }
    self.elements = elements
  }

  private static func element(_ scanner: inout FieldScanner) -> Element? {
    scanner.skipWhitespace()
    guard let first = scanner.token() else { return nil }
    var value = first.lowercased()
    if scanner.take(UInt8(ascii: "/")) {
      guard let second = scanner.token() else { return nil }
      value += "/" + second.lowercased()
    }
    guard var parameters = scanner.parameters() else { return nil }
    scanner.skipWhitespace()
    guard scanner.isAtEnd || scanner.take(UInt8(ascii: ",")) else { return nil }
    var weight = 1000
    if let index = parameters.firstIndex(where: { $0.name == "q" }) {
      guard let given = Self.weight(parameters[index].value) else { return nil }
      weight = given
      parameters.removeSubrange(index...)
    }
    return Element(value: value, parameters: parameters, weight: weight)
  }

  /// A qvalue in thousandths; nil when it is none.
  static func weight(_ text: String) -> Int? {
    var bytes = text.utf8.makeIterator()
    let whole: Int
    switch bytes.next() {
    case UInt8(ascii: "0"): whole = 0
    case UInt8(ascii: "1"): whole = 1000
    default: return nil
    }
    guard let point = bytes.next() else { return whole }
    guard point == UInt8(ascii: ".") else { return nil }
    var weight = whole
    var place = 100
    while let byte = bytes.next() {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      weight += Int(byte - UInt8(ascii: "0")) * place
      place /= 10
    }
    return weight <= 1000 ? weight : nil
  }
}
