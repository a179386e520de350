import { expect, test } from "vitest";
import { parseXmlRpc } from "../../../src/formats/procfs/xml-rpc.ts";

const response = (value: string) =>
  `<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value>${value}</value>\n</param>\n</params>\n</methodResponse>\n`;

test("values are of their types; one without a type is a string", () => {
  const f = (xml: string, want: unknown) => expect(parseXmlRpc(response(xml))).toEqual(want);

  f("<int>20</int>", 20);
  f("<i4>-7</i4>", -7);
  f("<double>1.5</double>", 1.5);
  f("<boolean>1</boolean>", true);
  f("<string>a &lt;b&gt; &amp;#39; &#39;&#x41;</string>", "a <b> &#39; 'A");
  f("<string></string>", "");
  f("<string/>", "");
  f("plain", "plain");
  f("<array><data>\n<value><int>1</int></value>\n<value>x</value></data></array>", [1, "x"]);
  f("<struct>\n<member>\n<name>pid</name>\n<value><int>7</int></value>\n</member></struct>", new Map([["pid", 7]]));
});

test("a fault is an error with its text", () => {
  const fault =
    "<methodResponse><fault><value><struct><member><name>faultString</name><value><string>UNKNOWN_METHOD</string></value></member></struct></value></fault></methodResponse>";
  expect(() => parseXmlRpc(fault)).toThrow("fault: UNKNOWN_METHOD");
});

test("what is no answer is refused", () => {
  expect(() => parseXmlRpc("<html></html>")).toThrow("methodResponse is missing");
  expect(() => parseXmlRpc("<methodResponse><params><param><value><array><data>")).toThrow("value is missing");
});
