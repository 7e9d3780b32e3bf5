import { encodeBody } from "../message/json-codec.ts";
import { maximumDepth } from "../message/limits.ts";

/** A body that no service may take. */
export interface MalformedBody {
  /** What it is, in words. */
  readonly what: string;
  readonly body: Uint8Array;
  /** What it says that it is. */
  readonly contentType?: string;
}

const encoder = new TextEncoder();

/** Bodies that are not what the wire carries, some of them made of a valid one. */
export function malformedBodies(valid: unknown): readonly MalformedBody[] {
  const body = encodeBody(valid ?? {});
  const deep = `${"[".repeat(maximumDepth + 1)}${"]".repeat(maximumDepth + 1)}`;
  return [
    { what: "a body that is not JSON", body: encoder.encode("no JSON") },
    { what: "a body that is cut off", body: encoder.encode('{"a":[1,2') },
    { what: "a body that is not UTF-8", body: Uint8Array.of(0x22, 0xc3, 0x28, 0x22) },
    { what: "a body of zero bytes", body: new Uint8Array(64) },
    { what: `a body that nests deeper than ${maximumDepth}`, body: encoder.encode(deep) },
    { what: 'a body with a key "__proto__"', body: encoder.encode('{"__proto__":{"polluted":true}}') },
    { what: "a body of another content type", body, contentType: "application/octet-stream" },
  ];
}
