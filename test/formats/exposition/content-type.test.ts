import { expect, test } from "vitest";
import { refuseContentType } from "../../../src/formats/exposition/content-type.ts";

test("text is taken, whatever its version", () => {
  const f = (header: string) => expect(refuseContentType(header), header).toBe(undefined);
  f("text/plain");
  f("Text/Plain; version=0.0.4; charset=utf-8");
  f(" text/plain ;version=1.0.0;escaping=allow-utf-8");
  f("text/plain;");
  f("text/plain; a=b; a=b");
  f('text/plain; a="b;c"');
});

test("anything else is refused with the reason", () => {
  const f = (header: string | undefined, want: string) => expect(refuseContentType(header)).toBe(want);
  f(undefined, "the answer has no Content-Type; expected text/plain");
  f("", "the answer has no Content-Type; expected text/plain");
  f("text/html; charset=utf-8", 'the answer\'s Content-Type is "text/html; charset=utf-8"; expected text/plain');
  f(
    "application/openmetrics-text; version=1.0.0",
    "the answer's format application/openmetrics-text is not supported yet; expected text/plain",
  );
  for (const header of [
    "text/plain; version=",
    "text/plain;;",
    "text/plain, text/html",
    "text/",
    "text/plain; a=b; a=c",
  ]) {
    f(header, `the answer's Content-Type "${header}" cannot be read`);
  }
});
