import { expect, test } from "vitest";
import { parseXml, xmlAt, xmlText } from "../../src/lib/xml.ts";

test("elements, text, entities, CDATA, comments and name spaces are read", () => {
  const root = parseXml(`<?xml version="1.0" encoding="UTF-8"?>
    <!-- hello --><a:Answer xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
      <requestId>1</requestId><empty/><gone attribute="/x"></gone>
      <set><item><value>a &amp; b &#x41;&#66; &lt;&gt;&quot;&apos;</value></item><item><![CDATA[<raw> &amp;]]></item></set>
    </a:Answer>\n`);
  expect(root.name).toBe("Answer");
  expect(root.children.map(({ name }) => name)).toEqual(["requestId", "empty", "gone", "set"]);
  expect(xmlText(root, "set", "item", "value")).toBe(`a & b AB <>"'`);
  expect(xmlAt(root, "set")?.children[1]?.text).toBe("<raw> &amp;");
  expect(xmlText(root, "empty")).toBe("");
  expect(xmlText(root, "not", "there")).toBe("");
});

test("text keeps its spaces", () => {
  expect(parseXml("<a> b </a>").text).toBe(" b ");
});

test.each([
  ["", "the document is not one element"],
  ["hello", "the document is not one element"],
  ["<a/><b/>", "the document is not one element"],
  ["<a/>x", "the document is not one element"],
  ["<a><b></a>", "</a> closes nothing"],
  ["</a>", "</a> closes nothing"],
  ["<a>", "the document ends inside <a>"],
  ["<a>1 < 2</a>", 'a stray "<" at character 5'],
  ["<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", 'a stray "<" at character 0'],
  ["<a>&b;</a>", '"&b;" is not an entity'],
  ["<a>&amp</a>", '"&amp" is not an entity'],
  ["<a>&#x110000;</a>", '"&#x110000;" is not an entity'],
  ["<a>".repeat(200), "elements are nested more than 100 deep"],
])("%j is refused", (document, message) => {
  expect(() => parseXml(document)).toThrow(message);
});
