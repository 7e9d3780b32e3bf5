import { isReservedHeader } from "../message/header-names.ts";

/** What a caller must not be able to say to a service through the gateway: who it is, where it is, and how the hop works. */
const neverForwarded =
  /^(?:authorization|cookie|traceparent|tracestate|x-forwarded-.*|forwarded|x-real-ip|host|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|content-.*|expect|origin)$/i;
const fieldName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/;

/** The names of headers that travel on, by themselves in small letters. @throws {TypeError} for one that must not */
export function forwardedHeaderNames(names: readonly string[]): ReadonlyMap<string, string> {
  for (const name of names) {
    if (typeof name !== "string" || !fieldName.test(name) || isReservedHeader(name) || neverForwarded.test(name)) {
      throw new TypeError(`Cannot use \`forwardHeaders\`: "${String(name).slice(0, 64)}" may not come from outside`);
    }
  }
  return new Map(names.map((name) => [name.toLowerCase(), name]));
}
