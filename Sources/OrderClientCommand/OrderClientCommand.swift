import ArgumentParser

@main
struct OrderClientCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "order-client",
    abstract: "Calls the order service in each of gRPC's four modes.",
    discussion: """
      Without further options the calls are those of a small demonstration: two orders are added and read, sent as a \
      stream, searched for, and combined to shipments. Exit codes: 0 all calls ended with OK; 1 one ended with another \
      status; 64 wrong usage; 69 the server cannot be reached.

      EXAMPLES:
        order-client all
        order-client unary --address 127.0.0.1:9008
            Through a wiretap that listens there.
        order-client client-stream --orders orders.ndjson --rate 10
            Orders from a file, a JSON object each line, ten a second.
        order-client server-stream --query iPhone --json
        order-client bidi --id 101 --id 102 --id 101
      """,
    version: "0.1.0",
    subcommands: [
      UnaryCommand.self, ClientStreamCommand.self, ServerStreamCommand.self, BidiCommand.self, AllCommand.self,
    ])
}

struct UnaryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unary", abstract: "addOrder and getOrder, one order after the other.")

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var orders: OrderOptions

  func run() async throws {
    let orders = try orders.orders(orElse: DemonstrationOrders.unary)
    try await connection.withOrders { try await OrderCalls(client: $0, connection: connection).unary(orders) }
  }
}

struct ClientStreamCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "client-stream", abstract: "updateOrders: a stream of orders, one answer.")

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var orders: OrderOptions
  @OptionGroup var pace: PaceOptions

  func run() async throws {
    let orders = try orders.orders(orElse: DemonstrationOrders.clientStream)
    try await connection.withOrders {
      try await OrderCalls(client: $0, connection: connection).clientStream(orders, rate: pace.rate)
    }
  }
}

struct ServerStreamCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "server-stream", abstract: "searchOrders: one question, a stream of orders.")

  @OptionGroup var connection: ConnectionOptions

  @Option(help: ArgumentHelp("What an item has to contain.", valueName: "text"))
  var query = DemonstrationOrders.query

  func run() async throws {
    try await connection.withOrders { try await OrderCalls(client: $0, connection: connection).serverStream(query) }
  }
}

struct BidiCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bidi", abstract: "processOrders: a stream of ids, shipments as they are complete.")

  @OptionGroup var connection: ConnectionOptions

  @Option(
    name: .customLong("id"), help: ArgumentHelp("An order's id; repeatable. (default: 101 and 102)", valueName: "id"))
  var ids: [String] = []

  @Option(help: ArgumentHelp("How often the ids are sent.", valueName: "n"))
  var count = 1

  @OptionGroup var pace: PaceOptions

  func validate() throws {
    guard count >= 1 else { throw ValidationError("The count must be at least 1.") }
  }

  func run() async throws {
    let ids = ids.isEmpty ? DemonstrationOrders.ids : ids
    let all = (0..<count).flatMap { _ in ids }
    try await connection.withOrders {
      try await OrderCalls(client: $0, connection: connection).bidi(all, rate: pace.rate)
    }
  }
}

struct AllCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "all", abstract: "The four modes, one after another.")

  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    try await connection.withOrders { client in
      let calls = OrderCalls(client: client, connection: connection)
      try await calls.unary(DemonstrationOrders.unary)
      try await calls.clientStream(DemonstrationOrders.clientStream, rate: nil)
      try await calls.serverStream(DemonstrationOrders.query)
      try await calls.bidi(DemonstrationOrders.ids, rate: nil)
    }
  }
}
