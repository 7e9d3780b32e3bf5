import { encodeBody } from "../message/json-codec.ts";
import { maximumDepth } from "../message/limits.ts";

/** A body that no service may take. */
export interface MalformedBody {
  /** What it is, in words. */
  readonly what: string;
  readonly body: Uint8Array;
  /** What it says that it is; a service may also say that it does not support that. */
  readonly contentType?: string;
}

const encoder = new TextEncoder();

/**
 * Bodies that are not what the wire carries. Where a valid one is an object, they are that object with one more field, so
 * that a service that does not see what is wrong takes them.
 */
export function malformedBodies(valid: unknown): readonly MalformedBody[] {
  const text = new TextDecoder().decode(encodeBody(valid));
  const withField = (field: string, alone: string): string => {
    if (!text.startsWith("{")) return alone;
    return `${text.slice(0, -1)}${text === "{}" ? "" : ","}${field}}`;
  };
  const deep = `${"[".repeat(maximumDepth + 1)}${"]".repeat(maximumDepth + 1)}`;
  const prototype = '"__proto__":{"polluted":true}';
  return [
    { what: "a body that is not JSON", body: encoder.encode("no JSON") },
    {
      what: "a body that is cut off",
      body: encoder.encode(withField('"noSuchField":[1', '{"a":[1,2').replace(/}$/, "")),
    },
    { what: "a body that is not UTF-8", body: withBadByte(withField('"noSuchField":"~~"', '"~~"')) },
    { what: "a body of zero bytes", body: new Uint8Array(64) },
    {
      what: `a body that nests deeper than ${maximumDepth}`,
      body: encoder.encode(withField(`"noSuchField":${deep}`, deep)),
    },
    { what: 'a body with a key "__proto__"', body: encoder.encode(withField(prototype, `{${prototype}}`)) },
    {
      what: "a body of another content type",
      body: encoder.encode(text === "" ? "{}" : text),
      contentType: "application/octet-stream",
    },
  ];
}

/** The last "~~" becomes the beginning of a character of two bytes and another beginning. */
function withBadByte(text: string): Uint8Array {
  const body = encoder.encode(text);
  const at = body.lastIndexOf(0x7e) - 1;
  body.set([0xc3, 0xc3], at);
  return body;
}
