import { parseYaml } from "../../../lib/yaml.ts";
import type { AlloyObject, AlloyValue } from "../values.ts";
import { takes } from "./arguments.ts";

/** The namespace `encoding`. */
export const encodings: AlloyObject = {
  from_json: takes(["string"], (text) => JSON.parse(text) as AlloyValue),
  to_json: takes(["any"], (value) => JSON.stringify(value)),
  from_yaml: takes(["string"], (text) => parseYaml(text) as AlloyValue),
  from_base64: takes(["string"], (text) => Buffer.from(text, "base64").toString("utf8")),
  to_base64: takes(["string"], (text) => Buffer.from(text).toString("base64")),
  from_URLbase64: takes(["string"], (text) => Buffer.from(text, "base64url").toString("utf8")),
  to_URLbase64: takes(["string"], (text) =>
    Buffer.from(text).toString("base64").replaceAll("+", "-").replaceAll("/", "_"),
  ),
  url_encode: takes(["string"], (text) => new URLSearchParams({ "": text }).toString().slice(1).replaceAll("*", "%2A")),
  url_decode: takes(["string"], (text) => decodeURIComponent(text.replaceAll("+", " "))),
};
