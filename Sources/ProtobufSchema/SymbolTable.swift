/// Every full name of all files, and what it stands for.
struct SymbolTable {
  enum Symbol: Equatable {
    case message(Int32)
    case enumeration(Int32)
    case service
    /// Fields, oneofs, enum values, methods and extensions: they take a name but are no types.
    case member
  }

  private var symbols: [String: (symbol: Symbol, file: Int32)] = [:]

  /// Enters the name, or answers the file that already has it.
  mutating func declare(_ fullName: String, _ symbol: Symbol, file: Int32) -> Int32? {
    if let taken = symbols[fullName] { return taken.file }
    symbols[fullName] = (symbol, file)
    return nil
  }

  func contains(_ fullName: String) -> Bool { symbols[fullName] != nil }

  /// The type that `name` means within `scope`.
  ///
  /// A leading dot makes the name absolute, as compilers write it; without it the innermost scope that has the name
  /// wins (language spec, "Packages and Name Resolution").
  func type(_ name: String, scope: String) -> Symbol? {
    if name.first == "." { return symbols[String(name.dropFirst())]?.symbol }
    var scope = Substring(scope)
    while !scope.isEmpty {
      if let found = symbols["\(scope).\(name)"]?.symbol, found != .member { return found }
      scope = scope.lastIndex(of: ".").map { scope[..<$0] } ?? ""
    }
    return symbols[name]?.symbol
  }
}
