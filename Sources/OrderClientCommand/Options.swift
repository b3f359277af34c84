import ArgumentParser
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import OrderAPI
import SwiftProtobuf

/// Where the order server is, and how answers are printed.
struct ConnectionOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The order server, or a wiretap in front of it.", valueName: "host:port"))
  var address = ServerAddress(host: "127.0.0.1", port: 9009)

  @Flag(help: "Print each answer as a line of JSON.")
  var json = false

  @Option(help: ArgumentHelp("Seconds that a call may take. (default: no limit)", valueName: "seconds"))
  var timeout: Double?

  func validate() throws {
    if let timeout, timeout <= 0 || timeout > 86_400 {
      throw ValidationError("The timeout must be more than 0 and at most 86400 seconds.")
    }
  }

  var callOptions: CallOptions {
    var options = CallOptions.defaults
    options.waitForReady = false
    options.timeout = timeout.map { .seconds($0) }
    return options
  }

  /// Connects, calls, and turns what goes wrong into a line and an exit code.
  func withOrders(
    _ body: @Sendable (Order_OrderManagement.Client<HTTP2ClientTransport.Posix>) async throws -> Void
  ) async throws {
    do {
      try await withGRPCClient(
        transport: .http2NIOPosix(target: address.target, transportSecurity: .plaintext)
      ) { try await body(Order_OrderManagement.Client(wrapping: $0)) }
    } catch let error as RPCError where error.code == .unavailable {
      let cause = error.cause.map { ": \($0)" } ?? ""
      try fail("cannot reach \(address): \(error.message)\(cause)", exitUnavailable)
    } catch let error as RPCError {
      let number = error.code.rawValue
      try fail("the call ended with \(number) \(name(of: error.code)): \(error.message)", 1)
    }
  }

  private func name(of code: RPCError.Code) -> String {
    // `notFound` -> `NOT_FOUND`
    var name = ""
    for character in "\(code)" {
      if character.isUppercase { name += "_" }
      name += character.uppercased()
    }
    return name
  }

  private func fail(_ message: String, _ code: Int32) throws -> Never {
    FileHandle.standardError.write(Data("error: \(message)\n".utf8))
    throw ExitCode(code)
  }
}

/// `EX_UNAVAILABLE` of sysexits.h.
private let exitUnavailable: Int32 = 69

struct ServerAddress: ExpressibleByArgument, CustomStringConvertible {
  var host: String
  var port: Int

  init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  init?(argument: String) {
    guard let colon = argument.lastIndex(of: ":") else { return nil }
    var host = argument[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    let digits = argument[argument.index(after: colon)...]
    guard !host.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }), let port = UInt16(digits), port > 0 else {
      return nil
    }
    self.init(host: String(host), port: Int(port))
  }

  var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
  var defaultValueDescription: String { description }

  var target: any ResolvableTarget {
    if host.contains(":") { return .ipv6(address: host, port: port) }
    let isIPv4 = host.utf8.allSatisfy { (48...57).contains($0) || $0 == UInt8(ascii: ".") }
    return isIPv4 ? .ipv4(address: host, port: port) : .dns(host: host, port: port)
  }
}

/// The orders that are sent.
struct OrderOptions: ParsableArguments {
  @Option(name: .customLong("id"), help: ArgumentHelp("The order's id.", valueName: "id"))
  var id: String?

  @Option(name: .customLong("item"), help: ArgumentHelp("An item of it; repeatable.", valueName: "text"))
  var items: [String] = []

  @Option(help: ArgumentHelp("Its price.", valueName: "number"))
  var price: Float?

  @Option(help: ArgumentHelp("Its destination.", valueName: "text"))
  var destination: String?

  @Option(name: .customLong("ship-to"), help: ArgumentHelp("Its first address.", valueName: "text"))
  var shipTo: String?

  @Option(help: ArgumentHelp("Orders from a file, one JSON object per line; - is standard input.", valueName: "file"))
  var orders: String?

  @Option(help: ArgumentHelp("So many orders, with ids from --id or 1 on.", valueName: "n"))
  var count: Int?

  func validate() throws {
    if let count, count < 1 { throw ValidationError("The count must be at least 1.") }
    if orders != nil, hasFields || count != nil {
      throw ValidationError("--orders brings whole orders: it goes with none of --id, --item, --price and so on.")
    }
    if count != nil, let id, Int(id) == nil { throw ValidationError("With --count the id must be a number.") }
  }

  private var hasFields: Bool {
    id != nil || !items.isEmpty || price != nil || destination != nil || shipTo != nil
  }

  func orders(orElse defaults: [Order_Order]) throws -> [Order_Order] {
    if let orders { return try read(orders) }
    guard hasFields || count != nil, let first = defaults.first else { return defaults }
    let start = id.flatMap { Int($0) } ?? 1
    return (0..<(count ?? 1)).map { index in
      var order = first
      order.id = count == nil ? id ?? first.id : "\(start + index)"
      if !items.isEmpty { order.items = items }
      if let price { order.price = price }
      if let destination { order.destination = destination }
      if let shipTo { order.addresses = [.with { $0.address = shipTo }] }
      return order
    }
  }

  private func read(_ path: String) throws -> [Order_Order] {
    let text: Data
    do {
      text =
        path == "-"
        ? FileHandle.standardInput.readDataToEndOfFile() : try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw ValidationError("cannot read \(path): \(error.localizedDescription)")
    }
    var orders: [Order_Order] = []
    let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() where !line.allSatisfy({ $0 <= 0x20 }) {
      do {
        orders.append(try Order_Order(jsonUTF8Bytes: Array(line)))
      } catch {
        throw ValidationError("\(path), line \(index + 1): \(error)")
      }
    }
    guard !orders.isEmpty else { throw ValidationError("\(path) has no orders.") }
    return orders
  }
}

struct PaceOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Messages a second. (default: as fast as the server takes them)", valueName: "number"))
  var rate: Double?

  func validate() throws {
    if let rate, rate <= 0 || rate > 1_000_000 {
      throw ValidationError("The rate must be more than 0 and at most 1000000 a second.")
    }
  }
}
