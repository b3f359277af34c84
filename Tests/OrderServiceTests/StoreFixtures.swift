import Foundation
import OrderAPI
import SwiftProtobuf

@testable import OrderService

func order(_ id: String, items: [String] = []) throws -> StoredOrder {
  try StoredOrder(
    .with {
      $0.id = id
      $0.items = items
    })
}

extension OrderStore {
  func stored(_ id: String) async throws -> Order_Order? {
    try await message(id: id).map { try Order_Order(serializedBytes: $0) }
  }

  /// The ids of all pages, in their order.
  func ids(matching query: String) async throws -> [String] {
    try await pages(matching: query).flatMap { $0 }
  }

  func pages(matching query: String) async throws -> [[String]] {
    let search = search(query)
    var position = OrderSearch.Position.start
    var pages: [[String]] = []
    while position != .end {
      let page = try await search.page(at: position)
      pages.append(try page.messages.map { try Order_Order(serializedBytes: $0).id })
      position = page.next
    }
    return pages
  }

  func fill(_ orders: some Sequence<StoredOrder>) async throws {
    let submission = submission()
    for order in orders { try await submission.add(order) }
    try await submission.finish()
  }
}

func withTemporaryDirectory(_ body: (String) async throws -> Void) async throws {
  let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: directory) }
  try await body(directory.path)
}
