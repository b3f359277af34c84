/// Compares the addresses that are used with those a resolution brought.
///
/// Whoever is used already stays, whatever the order of the answer; past the limit later ones are left out.
struct AddressChange<Address: Hashable>: Equatable {
  var kept: [Address] = []
  var joined: [Address] = []
  var vanished: [Address] = []

  init(from used: [Address], to answer: [Address], maximum: Int) {
    let found = Set(answer)
    for address in used {
      if found.contains(address), kept.count < maximum { kept.append(address) } else { vanished.append(address) }
    }
    var known = Set(kept)
    for address in answer where kept.count + joined.count < maximum {
      if known.insert(address).inserted { joined.append(address) }
    }
  }
}
