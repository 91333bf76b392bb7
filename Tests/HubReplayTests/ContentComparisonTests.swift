import HubReplay
import Testing

@Suite struct ContentComparisonTests {
  @Test(arguments: [
    (#"{"a":1,"b":[true,null]}"#, #"{ "b": [true, null], "a": 1 }"#), ("<a/>\n", "<a/>"), ("văn bản", "văn bản"),
  ])
  func contentsThatMeanTheSameAreEqual(found: String, wanted: String) {
    #expect(ContentComparison.difference(Array(found.utf8), Array(wanted.utf8)) == nil)
  }

  @Test(arguments: [
    (#"{"a":{"b":1}}"#, #"{"a":{"b":2}}"#, "/a/b"), (#"{"a":1}"#, "{}", "/a should not be there"),
    ("{}", #"{"a":1}"#, "/a is missing"), ("[1,2]", "[1]", "2 items, wanted 1"),
    ("<a>\n<b/></a>", "<a>\n<c/></a>", "line 2"),
  ])
  func aDifferenceIsNamedByItsPlace(found: String, wanted: String, place: String) {
    let difference = ContentComparison.difference(Array(found.utf8), Array(wanted.utf8))
    #expect(difference?.contains(place) == true, "\(difference ?? "none")")
  }
}
