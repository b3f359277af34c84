public import Transcoding

/// The table that `gateway routes` prints.
public struct RouteListing {
  private let rows: [[String]]

  public init(_ routes: [RouteDescription]) {
    rows =
      [["METHOD", "PATH", "RPC", "MODE", "IDIOM"]]
      + routes.map { [$0.method, $0.path, $0.rpc, $0.mode.description, $0.idiom] }
  }

  /// Columns as wide as their widest cell, two spaces apart.
  public var text: String {
    let widths = (0..<5).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      var line = ""
      for (cell, width) in zip(row, widths) {
        line += cell + String(repeating: " ", count: width - cell.count + 2)
      }
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }
}
