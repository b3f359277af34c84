import Testing

/// The payloads of the DATA frames in the seed document's dumps of all four modes, in its order.
///
/// Each is one message: what stands after the five bytes of the prefix is what the server or the client sent.
struct SeedMessage: CustomTestStringConvertible {
  let name: String
  let payload: [UInt8]

  /// Where the prefix ends, written down rather than computed by the code under test.
  var message: [UInt8] { Array(payload[5...]) }

  var testDescription: String { name }

  static let all = [
    SeedMessage(
      name: "addOrderRequest",
      payload: hex(
        """
        00000000340a0331303112096950686f6e65205853120c4d616320426f6f6b2050726f2500c00f452a0f0a0d546f6d2c2053\
        68616e67686169
        """)),
    SeedMessage(name: "addOrderResponse", payload: hex("00000000120a104f726465722041646465643a20313031")),
    SeedMessage(name: "getOrderRequest", payload: hex("00000000050a03313031")),
    SeedMessage(
      name: "getOrderResponse",
      payload: hex(
        """
        00000000340a0331303112096950686f6e65205853120c4d616320426f6f6b2050726f2500c00f452a0f0a0d546f6d2c2053\
        68616e67686169
        """)),
    SeedMessage(
      name: "updateOrdersRequest1",
      payload: hex(
        """
        00000000340a0331303112044f70706f120673616d756e671a08412077697468204225000016452a100a0e4d696b652c2053\
        68616e67686169
        """)),
    SeedMessage(
      name: "updateOrdersRequest2",
      payload: hex(
        """
        000000003f0a0331303212096950686f6e65205853120c4d616320426f6f6b2050726f1a0843207769746820442500401c45\
        2a100a0c53616d2c204265696a696e671001
        """)),
    SeedMessage(
      name: "updateOrdersResponse",
      payload: hex(
        """
        00000000310a2f4f72646572732070726f6365737365642055706461746564204f7264657220494473203a203130312c2031\
        30322c20
        """)),
    SeedMessage(name: "searchOrdersRequest", payload: hex("00000000080a066950686f6e65")),
    SeedMessage(
      name: "searchOrdersResponse",
      payload: hex(
        """
        000000003f0a0331303212096950686f6e65205853120c4d616320426f6f6b2050726f1a0843207769746820442500401c45\
        2a100a0c53616d2c204265696a696e671001
        """)),
    SeedMessage(name: "processOrdersRequest1", payload: hex("00000000050a03313031")),
    SeedMessage(name: "processOrdersRequest2", payload: hex("00000000050a03313032")),
    SeedMessage(
      name: "processOrdersResponse1",
      payload: hex(
        """
        00000000580a14636d62202d204d696b652c205368616e67686169120a50726f636573736564211a340a0331303112044f70\
        706f120673616d756e671a08412077697468204225000016452a100a0e4d696b652c205368616e67686169
        """)),
    SeedMessage(
      name: "processOrdersResponse2",
      payload: hex(
        """
        00000000610a12636d62202d2053616d2c204265696a696e67120a50726f636573736564211a3f0a0331303212096950686f\
        6e65205853120c4d616320426f6f6b2050726f1a0843207769746820442500401c452a100a0c53616d2c204265696a696e67\
        1001
        """)),
  ]
}

func hex(_ text: String) -> [UInt8] {
  let digits = text.compactMap(\.hexDigitValue)
  return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}
