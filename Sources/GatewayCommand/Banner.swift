import Foundation
import Gateway

/// What a person is greeted with once everything listens.
enum Banner {
  static func printUp(gateway: SocketAddressText, isSecure: Bool, orderServer: SocketAddressText, database: String) {
    let style = TerminalStyle.standardOutput
    let scheme = isSecure ? "https://" : ""
    let base = scheme + (gateway.host == "127.0.0.1" ? "localhost:\(gateway.port)" : "\(gateway)")
    show(
      """
      \(style.bold("gateway")) listens on \(style.bold("\(isSecure ? "https" : "http")://\(gateway)"))
      order server listens on \(orderServer) (gRPC), orders in \(database)

      Try, from another terminal:
        curl --json '{"id":"101","items":["iPhone XS"],"price":2300,"addresses":[{"address":"San Jose, CA"}]}' \(base)/v1/orders
        curl \(base)/v1/orders/101
        curl -N '\(base)/v1/orders:search?value=iPhone'
        printf '"101"\\n' | curl -N -T - -X POST -H 'Content-Type: application/x-ndjson' \(base)/v1/orders:process

      Ctrl-C stops both.
      """)
  }

  static func printServing(gateway: SocketAddressText, isSecure: Bool, upstreams: String, routes: Int) {
    let style = TerminalStyle.standardOutput
    let url = "\(isSecure ? "https" : "http")://\(gateway)"
    show("\(style.bold("gateway")) listens on \(style.bold(url)), \(routes) routes to \(upstreams)")
  }

  private static func show(_ text: String) {
    print(text)
    fflush(nil)
  }
}

/// Emphasis for terminals, and nothing for files, pipes and those who set NO_COLOR (no-color.org).
struct TerminalStyle {
  let isOn: Bool

  static var standardOutput: TerminalStyle {
    let environment = ProcessInfo.processInfo.environment
    let refused = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    return TerminalStyle(isOn: isatty(1) == 1 && !refused && environment["TERM"] != "dumb")
  }

  func bold(_ text: String) -> String { isOn ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
}
