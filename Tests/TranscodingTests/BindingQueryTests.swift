import ProtobufJSON
import Testing
import Transcoding

@Suite struct BindingQueryTests {
  @Test(arguments: [
    ("", "{}"),
    ("double=-1.5e3", #"{"double":-1500}"#),
    ("double=NaN", #"{"double":"NaN"}"#),
    ("double=-Infinity", #"{"double":"-Infinity"}"#),
    ("float=0.5", #"{"float":0.5}"#),
    ("int64=-9223372036854775808", #"{"int64":"-9223372036854775808"}"#),
    ("uint64=18446744073709551615", #"{"uint64":"18446744073709551615"}"#),
    ("int32=2147483647", #"{"int32":2147483647}"#),
    ("int32=1e3", #"{"int32":1000}"#),
    ("fixed64=1", #"{"fixed64":"1"}"#),
    ("fixed32=4294967295", #"{"fixed32":4294967295}"#),
    ("bool=true", #"{"bool":true}"#),
    ("string=a+b%20c%2B%26", #"{"string":"a b c+&"}"#),
    ("string=", "{}"),
    ("string", "{}"),
    ("string=a=b", #"{"string":"a=b"}"#),
    ("string=%E2%82%AC", #"{"string":"€"}"#),
    ("string=%00", #"{"string":"\u0000"}"#),
    ("bytes=_-8=", #"{"bytes":"/+8="}"#),
    ("bytes=/%2B8", #"{"bytes":"/+8="}"#),
    ("uint32=7", #"{"uint32":7}"#),
    ("color=GREEN", #"{"color":"GREEN"}"#),
    ("color=2", #"{"color":"GREEN"}"#),
    ("color=-1", #"{"color":"NEGATIVE"}"#),
    ("color=77", #"{"color":77}"#),
    (
      "sfixed32=-1&sfixed64=-2&sint32=-3&sint64=-4",
      #"{"sfixed32":-1,"sfixed64":"-2","sint32":-3,"sint64":"-4"}"#
    ),
    ("maybe=0", #"{"maybe":0}"#),
    ("time=1970-01-01T00:00:01.5Z", #"{"time":"1970-01-01T00:00:01.500Z"}"#),
    ("time=2020-01-01T00:00:00%2B01:00", #"{"time":"2019-12-31T23:00:00Z"}"#),
    ("duration=-1.5s", #"{"duration":"-1.500s"}"#),
    ("mask=a,b.cD", #"{"mask":"a,b.cD"}"#),
    (
      "wrapped_string=x&wrapped_int64=5&wrapped_bool=true&wrapped_bytes=YQ&wrapped_double=1.5",
      #"{"wrapped_string":"x","wrapped_int64":"5","wrapped_bool":true,"wrapped_bytes":"YQ==","wrapped_double":1.5}"#
    ),
    ("wrappedString=x", #"{"wrapped_string":"x"}"#),
    ("wrapped_int64=0", #"{"wrapped_int64":"0"}"#),
    ("theName=a", #"{"custom_name":"a"}"#),
    ("custom_name=a", #"{"custom_name":"a"}"#),
    ("inner.text=a&inner.number=1", #"{"inner":{"text":"a","number":1}}"#),
    ("inner.inner.inner.text=a", #"{"inner":{"inner":{"inner":{"text":"a"}}}}"#),
    ("inner.numbers=1&inner.text=a&inner.numbers=2", #"{"inner":{"text":"a","numbers":[1,2]}}"#),
    ("inner.counts[a.b]=1", #"{"inner":{"counts":{"a.b":1}}}"#),
    ("choice_text=a", #"{"choice_text":"a"}"#),
    ("choice_inner.left=a", #"{"choice_inner":{"left":"a"}}"#),
    ("strings=b&ints=2&strings=a&strings=&ints=1", #"{"strings":["b","a",""],"ints":[2,1]}"#),
    ("colors=RED&colors=2", #"{"colors":["RED","GREEN"]}"#),
    ("times=1970-01-01T00:00:00Z", #"{"times":["1970-01-01T00:00:00Z"]}"#),
    ("wrapped_ints=1&wrapped_ints=0", #"{"wrapped_ints":["1","0"]}"#),
    ("labels[a]=1&labels%5Bb%5D=2", #"{"labels":{"a":"1","b":"2"}}"#),
    ("labels[~!@%23$%25^%26*()]=v", #"{"labels":{"~!@#$%^&*()":"v"}}"#),
    ("labels[a%3Db]=c%26d", #"{"labels":{"a=b":"c&d"}}"#),
    ("labels[+]=+", #"{"labels":{" ":" "}}"#),
    ("string=a;b=c", #"{"string":"a;b=c"}"#),
    ("string=%22quoted%22", #"{"string":"\"quoted\""}"#),
    ("int32=-0", "{}"),
    ("double=1e-400", "{}"),
    ("string=null", #"{"string":"null"}"#),
    ("labels[]=1", #"{"labels":{"":"1"}}"#),
    ("labels[a]b]=1", #"{"labels":{"a]b":"1"}}"#),
    ("flags[5]=true&flags[-5]=true", #"{"flags":{"5":true,"-5":true}}"#),
    ("by_bool[true]=7", #"{"by_bool":{"true":"7"}}"#),
    ("colors_by_name[x]=RED", #"{"colors_by_name":{"x":"RED"}}"#),
    ("times_by_name[x]=1970-01-01T00:00:00Z", #"{"times_by_name":{"x":"1970-01-01T00:00:00Z"}}"#),
    ("&&int32=1&", #"{"int32":1}"#),
    ("pretty", "{}"),
    ("pretty=false&int32=1", #"{"int32":1}"#),
  ])
  func everyKindIsBound(_ query: String, _ expected: String) throws {
    #expect(try BindingRequest().message("GET", "/v1/everything?\(query)") == expected)
  }

  @Test(arguments: [
    ("int32=2147483648", "int32", "OUT_OF_RANGE"),
    ("int32=1.5", "int32", "OUT_OF_RANGE"),
    ("int32=x", "int32", nil),
    ("int32=012", "int32", nil),
    ("int32=%201", "int32", nil),
    ("int32=1%20", "int32", nil),
    ("int32=1.", "int32", nil),
    ("int32=.1", "int32", nil),
    ("int32=1e", "int32", nil),
    ("int32=0x10", "int32", nil),
    ("int32=1_000", "int32", nil),
    ("int32=%221%22", "int32", nil),
    ("int32=null", "int32", nil),
    ("int32=true", "int32", nil),
    ("double=inf", "double", nil),
    ("double=nan", "double", nil),
    ("bool=1", "bool", nil),
    ("bool=TRUE", "bool", nil),
    ("color=null", "color", "UNKNOWN_ENUM_VALUE"),
    ("int32=", "int32", nil),
    ("int32=+1", "int32", nil),
    ("int64=9223372036854775808", "int64", "OUT_OF_RANGE"),
    ("uint64=18446744073709551616", "uint64", "OUT_OF_RANGE"),
    ("uint32=-1", "uint32", "OUT_OF_RANGE"),
    ("double=1e400", "double", "OUT_OF_RANGE"),
    ("bool=yes", "bool", nil),
    ("bool=", "bool", nil),
    ("bytes=*", "bytes", "INVALID_VALUE"),
    ("color=BLUE", "color", "UNKNOWN_ENUM_VALUE"),
    ("time=yesterday", "time", nil),
    ("duration=1", "duration", nil),
    ("string=%FF", "string", "INVALID_ENCODING"),
    ("string=%C0%80", "string", "INVALID_ENCODING"),
    ("string=%ED%A0%80", "string", "INVALID_ENCODING"),
    ("string=%zz", "string", "INVALID_ENCODING"),
    ("string=a%2", "string", "INVALID_ENCODING"),
    ("%zz=1", "", "INVALID_ENCODING"),
    ("%FF=1", "", "INVALID_ENCODING"),
    ("int32=1&int32=1", "int32", "SET_TWICE"),
    ("int32=1&int32=2", "int32", "SET_TWICE"),
    ("custom_name=1&theName=2", "theName", "SET_TWICE"),
    ("inner.text=1&inner.text=2", "inner.text", "SET_TWICE"),
    ("time=1970-01-01T00:00:00Z&time=1970-01-01T00:00:00Z", "time", "SET_TWICE"),
    ("labels[a]=1&labels[a]=2", "labels[a]", "SET_TWICE"),
    ("maybe=1&maybe=2", "maybe", "SET_TWICE"),
    ("choice_text=a&choice_number=1", "choice_number", "ONEOF_CONFLICT"),
    ("choice_inner.text=a&choice_text=b", "choice_text", "ONEOF_CONFLICT"),
    ("inner.left=a&inner.right=b", "inner.right", "ONEOF_CONFLICT"),
    ("nope=1", "nope", "UNKNOWN_PARAMETER"),
    ("inner.nope=1", "inner.nope", "UNKNOWN_PARAMETER"),
    ("=1", "", "UNKNOWN_PARAMETER"),
    (".=1", ".", "UNKNOWN_PARAMETER"),
    ("inner.=1", "inner.", "UNKNOWN_PARAMETER"),
    ("inner..text=1", "inner..text", "UNKNOWN_PARAMETER"),
    ("[a=1", "[a", "UNKNOWN_PARAMETER"),
    ("[no.such]=1", "[no.such]", "UNKNOWN_PARAMETER"),
    ("INT32=1", "INT32", "UNKNOWN_PARAMETER"),
    ("inner=1", "inner", "NOT_A_PARAMETER"),
    ("inners=1", "inners", "NOT_A_PARAMETER"),
    ("inners.text=1", "inners.text", "NOT_A_PARAMETER"),
    ("struct=1", "struct", "NOT_A_PARAMETER"),
    ("struct.fields[a]=1", "struct.fields[a]", "NOT_A_PARAMETER"),
    ("any=1", "any", "NOT_A_PARAMETER"),
    ("value=1", "value", "NOT_A_PARAMETER"),
    ("time.seconds=1", "time.seconds", "NOT_A_PARAMETER"),
    ("wrapped_string.value=1", "wrapped_string.value", "NOT_A_PARAMETER"),
    ("int32.x=1", "int32.x", "NOT_A_PARAMETER"),
    ("labels=1", "labels", "NOT_A_PARAMETER"),
    ("labels.a=1", "labels.a", "NOT_A_PARAMETER"),
    ("labels[a].b=1", "labels[a].b", "UNKNOWN_PARAMETER"),
    ("inner_by_name[a]=1", "inner_by_name[a]", "NOT_A_PARAMETER"),
    ("int32[a]=1", "int32[a]", "NOT_A_PARAMETER"),
    ("flags[x]=true", "flags[x]", nil),
    ("flags[99999999999]=true", "flags[99999999999]", nil),
    ("pretty=perhaps", "pretty", "INVALID_VALUE"),
  ])
  func whatCannotBeBoundIsNamed(_ query: String, _ field: String, _ reason: String?) throws {
    let fault = try BindingRequest().fault("GET", "/v1/everything?\(query)")
    let violation = try #require(fault?.violations.first)
    #expect(violation.field == field)
    if let reason { #expect(violation.reason == reason) }
    #expect(fault?.violations.count == 1)
    #expect(!violation.description.isEmpty)
  }

  @Test(arguments: [
    ("int33=1", "unknown query parameter \"int33\"; did you mean \"int32\"?"),
    ("inner.txet=1", "unknown query parameter \"inner.txet\"; did you mean \"inner.text\"?"),
    ("lables[a]=1", "unknown query parameter \"lables[a]\"; did you mean \"labels[a]\"?"),
    ("thename=1", "unknown query parameter \"thename\"; did you mean \"theName\"?"),
    ("qqq=1", "unknown query parameter \"qqq\"; binding.test.Everything has no field \"qqq\""),
    ("inner=1", "is a message (binding.test.Inner); its fields are set as inner.field=value"),
    ("labels=1", "is a map, whose entries are set as labels[key]=value"),
    ("choice_text=a&choice_number=1", "and \"choice_text\" belong to the oneof \"choice\""),
    ("int32=x", "query parameter \"int32\": found"),
    ("color=GREEEN", "did you mean \"GREEN\"?"),
  ])
  func theWordsHelp(_ query: String, _ expected: String) throws {
    let answer = try BindingRequest().message("GET", "/v1/everything?\(query)")
    #expect(answer.hasPrefix("400 ") && answer.contains(expected), "\(answer)")
  }

  @Test func unknownParametersCanBeIgnored() throws {
    let request = try BindingRequest(options: TranscodingOptions(ignoreUnknownParameters: true))
    #expect(try request.message("GET", "/v1/everything?nope=1&inner.nope=2&int32=3&..=1") == #"{"int32":3}"#)
    #expect(try request.message("POST", "/v1/everything?nope=1", body: "{}") == "{}")
    #expect(try request.message("GET", "/v1/everything?int32=x").hasPrefix("400"))
    #expect(try request.message("GET", "/v1/everything?inner=x").hasPrefix("400"))
  }

  @Test func aWholeBodyLeavesNothingToTheQuery() throws {
    let request = try BindingRequest()
    let answer = try request.message("POST", "/v1/everything?int32=1", body: "{}")
    #expect(
      answer
        == "400 unknown query parameter \"int32\"; this route takes everything that is not in its path from the body")
    #expect(try request.message("POST", "/v1/everything?pretty", body: "{}") == "{}")
  }

  @Test func aBodyFieldLeavesTheOtherFieldsToTheQuery() throws {
    let request = try BindingRequest()
    #expect(
      try request.message(
        "POST", "/v1/shelves/1/books?book_id=b&validateOnly=true", body: #"{"title":"t"}"#)
        == #"{"parent":"shelves/1","book":{"title":"t"},"book_id":"b","validate_only":true}"#)
    #expect(
      try request.message("POST", "/v1/shelves/1/books?book.title=x", body: "{}")
        == "400 query parameter \"book.title\" belongs to the body")
    #expect(
      try request.message("POST", "/v1/shelves/1/books?parent=x", body: "{}")
        == "400 query parameter \"parent\" is already set by the path")
  }

  @Test func prettyIsAskedFor() throws {
    var output = OutputBuffer()
    let request = try BindingRequest()
    #expect(try request.bound("GET", "/v1/everything?pretty", into: &output).result.isPretty)
    #expect(try request.bound("GET", "/v1/everything?pretty=true&int32=1", into: &output).result.isPretty)
    #expect(try !request.bound("GET", "/v1/everything?pretty=0", into: &output).result.isPretty)
    #expect(try request.bound("POST", "/v1/everything?pretty=1", into: &output).result.isPretty)
  }

  @Test func manyParametersAreLinear() throws {
    let request = try BindingRequest()
    let strings = (0..<10_000).map { "strings=\($0)" }.joined(separator: "&")
    #expect(try request.message("GET", "/v1/everything?\(strings)").count > 10_000)
    let labels = (0..<10_000).map { "labels[\($0)]=\($0)" }.joined(separator: "&")
    #expect(try request.message("GET", "/v1/everything?\(labels)").count > 10_000)
    let unknown = (0..<10_000).map { "u\($0)=\($0)" }.joined(separator: "&")
    #expect(try request.message("GET", "/v1/everything?\(unknown)").hasPrefix("400 unknown query parameter \"u0\""))
    let deep = String(repeating: "inner.", count: 5_000) + "text=a"
    _ = try? request.message("GET", "/v1/everything?\(deep)")
  }

  @Test(arguments: [
    ("size=SMALL", #"{"id":"7","size":"SMALL"}"#),
    ("details.note=a&details.counts=1&details.counts=2", #"{"id":"7","details":{"note":"a","counts":[1,2]}}"#),
    ("plain=1&packed=2&plain=3", #"{"id":"7","plain":[1,3],"packed":[2]}"#),
    ("[binding.test.extra]=5", #"{"id":"7","[binding.test.extra]":5}"#),
    ("%5Bbinding.test.side%5D.text=x", #"{"id":"7","[binding.test.side]":{"text":"x"}}"#),
    ("size=MEDIUM", "400 query parameter \"size\""),
    ("[binding.test.nope]=5", "400 unknown query parameter"),
  ])
  func proto2FieldsAreBound(_ query: String, _ expected: String) throws {
    let answer = try BindingRequest().message("GET", "/v1/legacy/7?\(query)")
    if expected.hasPrefix("400") {
      #expect(answer.hasPrefix(expected), "\(answer)")
    } else {
      #expect(answer == expected)
    }
  }

  @Test func groupsJoinPathAndBody() throws {
    let request = try BindingRequest()
    #expect(try request.message("GET", "/v1/legacy/n/of/7") == #"{"id":"7","details":{"note":"n"}}"#)
    #expect(
      try request.message("PUT", "/v1/legacy/7?size=1", body: #"{"note":"n"}"#)
        == #"{"id":"7","size":"SMALL","details":{"note":"n"}}"#)
  }

  @Test func theBodysOneofIsTaken() throws {
    let request = try BindingRequest(
      "  - selector: binding.test.Values.Query\n    post: /v2/c\n    body: choice_inner\n")
    #expect(
      try request.message("POST", "/v2/c?int32=1", body: #"{"text":"a"}"#)
        == #"{"int32":1,"choice_inner":{"text":"a"}}"#)
    #expect(
      try request.message("POST", "/v2/c?choice_text=1", body: #"{"text":"a"}"#)
        == "400 query parameter \"choice_text\" and \"choice_inner\" belong to the oneof \"choice\", of which one may be set"
    )
  }

  @Test func pathsAreAsDeepAsMessagesMayBe() throws {
    let request = try BindingRequest()
    func query(depth: Int) -> String { String(repeating: "inner.", count: depth - 1) + "text=a" }
    #expect(try !request.message("GET", "/v1/everything?\(query(depth: 99))").hasPrefix("400"))
    #expect(try request.message("GET", "/v1/everything?\(query(depth: 101))").contains("101 parts, more than 100"))
    #expect(try request.message("GET", "/v1/everything?\(query(depth: 100_000))").contains("more than 100"))
  }

  /// Pieces of names and values in any order: an answer each time, and nothing left behind by a fault.
  @Test func anyQueryIsAnswered() throws {
    let request = try BindingRequest()
    let pieces = [
      "&", "=", ".", "[", "]", "%5B", "%", "+", "inner", "text", "labels", "strings", "int32", "7", "true", "a", "%00",
      "%FF", "time", "choice_text", "theName", "€", "pretty",
    ]
    var state: UInt64 = 11
    var answered = 0
    for _ in 0..<4_000 {
      var query = ""
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      for position in 0..<Int(state >> 60) {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        query += position % 4 == 1 ? "=" : pieces[Int(state >> 33) % pieces.count]
      }
      if try !request.message("GET", "/v1/everything?\(query)").hasPrefix("400") { answered += 1 }
    }
    #expect(answered > 100)
  }
}
