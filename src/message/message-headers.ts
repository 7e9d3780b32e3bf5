import { MessagingError } from "../errors/messaging-error.ts";
import { maximumHeaderBytes, maximumHeaders } from "./limits.ts";

/** A field name of RFC 9110. */
const fieldName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/;
/** Printable ASCII and tabs: what every broker, gateway and log passes on unchanged. */
const fieldValue = /^[\t\x20-\x7e]*$/;

/**
 * The headers of a message: immutable, in order, in the case they were written (ADR-4). Looking one up ignores case.
 *
 * @example
 * ```ts
 * import { MessageHeaders } from "@magicbutton/messaging";
 *
 * const headers = MessageHeaders.from({ "X-Tenant": "acme" });
 * console.log(headers.get("x-tenant"));
 * ```
 */
export class MessageHeaders implements Iterable<readonly [name: string, value: string]> {
  /** No headers at all. */
  static readonly empty: MessageHeaders = new MessageHeaders([]);

  /** Not `#private`: the headers of another copy of the library would then be of another type. */
  readonly "~entries": readonly (readonly [string, string])[];

  private constructor(entries: readonly (readonly [string, string])[]) {
    this["~entries"] = entries;
  }

  /**
   * Makes headers from what a program gives.
   *
   * @throws {MessagingError} `INVALID_REQUEST` for a name or value that cannot travel, or for too many
   */
  static from(given: Readonly<Record<string, string>> | Iterable<readonly [string, string]>): MessageHeaders {
    const pairs = Symbol.iterator in given ? given : Object.entries(given);
    const entries: (readonly [string, string])[] = [];
    let bytes = 0;
    for (const [name, value] of pairs as Iterable<readonly [string, string]>) {
      if (typeof name !== "string" || !fieldName.test(name)) {
        throw new MessagingError("INVALID_REQUEST", "A header name is not a field name of RFC 9110");
      }
      if (typeof value !== "string" || !fieldValue.test(value)) {
        throw new MessagingError("INVALID_REQUEST", `The header "${name}" has a value other than printable ASCII`);
      }
      bytes += name.length + value.length;
      entries.push([name, value.trim()]);
    }
    if (entries.length > maximumHeaders || bytes > maximumHeaderBytes) {
      throw new MessagingError(
        "INVALID_REQUEST",
        `Too many headers: ${entries.length} of ${bytes} bytes; at most ${maximumHeaders} of ${maximumHeaderBytes} bytes`,
      );
    }
    return entries.length === 0 ? MessageHeaders.empty : new MessageHeaders(entries);
  }

  /**
   * For headers whose names and values are already known to be sound: the library's own, or decoded ones. Never
   * throws.
   */
  static fromTrusted(entries: readonly (readonly [string, string])[]): MessageHeaders {
    return entries.length === 0 ? MessageHeaders.empty : new MessageHeaders(entries);
  }

  /** How many there are. */
  get size(): number {
    return this["~entries"].length;
  }

  /** The first value under this name in any case; `undefined` where there is none. Never throws. */
  get(name: string): string | undefined {
    if (this["~entries"].length === 0) return undefined;
    const wanted = name.toLowerCase();
    for (const [candidate, value] of this["~entries"]) {
      if (candidate.length === wanted.length && candidate.toLowerCase() === wanted) return value;
    }
    return undefined;
  }

  /** Whether there is a value under this name in any case. Never throws. */
  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /** Names and values in order. Never throws. */
  [Symbol.iterator](): Iterator<readonly [string, string]> {
    return this["~entries"][Symbol.iterator]();
  }
}

/** What a peer's header value may hold: text of any language, but no control characters. */
const readableValue = /^(?:\t|\P{Cc})*$/u;

/** Tells whether a header of a peer is read: Go and Python services send UTF-8 where we send ASCII. */
export function isReadableHeader(name: string, value: string): boolean {
  return fieldName.test(name) && readableValue.test(value);
}
