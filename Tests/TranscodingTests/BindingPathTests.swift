import ProtobufJSON
import Testing
import Transcoding

@Suite struct BindingPathTests {
  @Test(arguments: [
    ("GET", "/v1/int32/-5", #"{"int32":-5}"#),
    ("GET", "/v1/bool/true", #"{"bool":true}"#),
    ("GET", "/v1/bytes/_-8", #"{"bytes":"/+8="}"#),
    ("GET", "/v1/color/RED", #"{"color":"RED"}"#),
    ("GET", "/v1/color/1", #"{"color":"RED"}"#),
    ("GET", "/v1/time/1970-01-01T00:00:00Z", #"{"time":"1970-01-01T00:00:00Z"}"#),
    ("GET", "/v1/wrapped/a%2Fb", #"{"wrapped_string":"a/b"}"#),
    ("GET", "/v1/wrapped/a+b", #"{"wrapped_string":"a+b"}"#),
    ("GET", "/v1/deep/7/a%20b", #"{"inner":{"text":"a b","inner":{"number":7}}}"#),
    (
      "GET", "/v1/deep/7/a?inner.number=8&int32=9", #"{"int32":9,"inner":{"text":"a","number":8,"inner":{"number":7}}}"#
    ),
    ("GET", "/v1/choice/x", #"{"choice_text":"x"}"#),
    ("GET", "/v1/shelves/1/books/2%2F3", #"{"name":"shelves/1/books/2%2F3"}"#),
    ("GET", "/v1/books/2%2F3?view=full", #"{"name":"2/3","view":"full"}"#),
    ("PURGE", "/v1/any/a/b", #"{"name":"a/b"}"#),
    ("PURGE", "/v1/any", "{}"),
    ("GET", "/v1/int32/x", "400 path variable \"int32\": found"),
    ("GET", "/v1/int32/99999999999", "400 path variable \"int32\": found"),
    ("GET", "/v1/color/BLUE", "400 path variable \"color\": found"),
    ("GET", "/v1/wrapped/%FF", "400 path variable \"wrapped_string\": found"),
    ("GET", "/v1/int32/5?int32=5", "400 query parameter \"int32\" is already set by the path"),
    (
      "GET", "/v1/choice/x?choice_number=5",
      "400 query parameter \"choice_number\" and \"choice_text\" belong to the oneof \"choice\""
    ),
    ("GET", "/v1/deep/7/a?inner.inner.number=8", "400 query parameter \"inner.inner.number\" is already set"),
  ])
  func variablesOfEveryKind(_ method: String, _ target: String, _ expected: String) throws {
    let answer = try BindingRequest().message(method, target)
    if expected.hasPrefix("400") {
      #expect(answer.hasPrefix(expected), "\(answer)")
    } else {
      #expect(answer == expected)
    }
  }

  @Test func aFaultOfTheQueryLeavesNothingOfThePathBehind() throws {
    var output = OutputBuffer()
    output.append(contentsOf: "before" as StaticString)
    let request = try BindingRequest()
    #expect(throws: RequestFault.self) { try request.bound("GET", "/v1/int32/5?nope=1", into: &output) }
    #expect(output.array == Array("before".utf8))
  }

  @Test func whetherAnythingWasSetIsKnown() throws {
    var output = OutputBuffer()
    let request = try BindingRequest()
    #expect(try request.bound("GET", "/v1/int32/5", into: &output).result.setsFields)
    #expect(try request.bound("GET", "/v1/everything?int32=0", into: &output).result.setsFields)
    #expect(try !request.bound("GET", "/v1/everything", into: &output).result.setsFields)
    #expect(try !request.bound("GET", "/v1/everything?pretty", into: &output).result.setsFields)
  }

  @Test func ordersByTheirNumber() throws {
    let set = try BindingSet(
      schema: BindingSamples.orderSchema(), configurations: [BindingSamples.orderConfiguration()])
    let request = BindingRequest(set)
    #expect(try request.message("GET", "/v1/orders/101") == #""101""#)
    #expect(try request.message("GET", "/v1/orders/a%2Fb:c") == #""a/b:c""#)
    #expect(try request.message("GET", "/v1/orders:search?value=Mac+Book") == #""Mac Book""#)
    #expect(try request.message("POST", "/v1/orders", body: #"{"id":"1","price":2300}"#) == #"{"id":"1","price":2300}"#)
    #expect(
      try request.message("GET", "/v1/orders:search?valeu=1")
        == "400 unknown query parameter \"valeu\"; did you mean \"value\"?")
  }
}
