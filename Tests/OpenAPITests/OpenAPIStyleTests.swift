import JSONTree
import OpenAPI
import Testing

/// The switches for those who move over, as the description shows them.
@Suite struct OpenAPIStyleTests {
  private func json(_ options: OpenAPIOptions) throws -> String {
    String(decoding: try Golden.order.document(options: options).json(indent: false), as: UTF8.self)
  }

  @Test func envelopeIsPartOfTheSchema() throws {
    let text = try json(OpenAPIOptions(streamEnvelope: true))
    #expect(text.contains(##""properties":{"result":{"$ref":"#/components/schemas/order.Order"},"error":{"##))
    #expect(!text.contains("One element of the array, written as it arrives."))
    #expect(text.contains(#"{\"result\":…}"#))
    let plain = try json(OpenAPIOptions())
    #expect(!plain.contains("\"result\":"))
  }

  @Test func defaultFormComesFirst() throws {
    func first(_ options: OpenAPIOptions) throws -> Substring? {
      let text = try json(options)
      let marker = "A stream of messages in the form that `Accept` asks for."
      let rest = text.split(separator: marker, maxSplits: 1).last ?? ""
      return rest.split(separator: #""content":{""#, maxSplits: 1).last?.prefix { $0 != "\"" }
    }
    #expect(try first(OpenAPIOptions()) == "application/x-ndjson")
    #expect(try first(OpenAPIOptions(streamDefault: "application/json")) == "application/json")
    #expect(try first(OpenAPIOptions(streamDefault: "text/event-stream")) == "text/event-stream")
    #expect(try first(OpenAPIOptions(streamEnvelope: true)) == "application/json")
  }

  @Test func bareErrorsHaveTheShapeOfAStatus() throws {
    let text = try json(OpenAPIOptions(bareStatusErrors: true))
    #expect(text.contains(#""description":"The one shape of every error: `google.rpc.Status`.""#))
    #expect(!text.contains("The HTTP status.\""))
  }
}
