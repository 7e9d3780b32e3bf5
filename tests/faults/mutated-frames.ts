import { Buffer } from "node:buffer";
import * as fc from "fast-check";
import type * as v from "valibot";
import { arbitraryOf } from "./arbitrary-of.ts";
import type { HostileFrame } from "./hostile-frame.ts";

type Mutation = (json: string) => fc.Arbitrary<Uint8Array>;

const bytes = (text: string): Uint8Array => Buffer.from(text);
const one = (text: string): fc.Arbitrary<Uint8Array> => fc.constant(bytes(text));
const hugeDepth = 1_000_000;
const hugeKey = "k".repeat(1_048_576);

/** Texts that stand where a value of JSON was. */
const strangeValues: readonly string[] = [
  "NaN",
  "Infinity",
  "-0",
  "1e999",
  "-1e999",
  "9007199254740993",
  "1".repeat(400),
  "null",
  "true",
  '"\\u0000"',
  '"\\ud800"',
  "[]",
  "{}",
  "[[[[]]]]",
  '"__proto__"',
  "undefined",
  "0x10",
  "'text'",
  "",
];

const mutations: Readonly<Record<string, Mutation>> = {
  "nothing wrong": one,
  "cut short": (json) => fc.nat({ max: Math.max(0, json.length - 1) }).map((length) => bytes(json.slice(0, length))),
  "twice": (json) => one(json + json),
  "in an array": (json) => one(`[${json}]`),
  "bytes turned": (json) =>
    fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 6 }).map((turns) => {
      const turned = Buffer.from(json);
      for (const [at, bits] of turns) if (turned.length > 0) turned[at % turned.length]! ^= bits;
      return turned;
    }),
  "bad UTF-8": (json) =>
    fc.tuple(fc.nat(), fc.constantFrom([0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf8], [0x80])).map(([at, bad]) => {
      const good = Buffer.from(json);
      const index = at % (good.length + 1);
      return Buffer.concat([good.subarray(0, index), Buffer.from(bad), good.subarray(index)]);
    }),
  "bytes of anything": () => fc.uint8Array({ maxLength: 200 }),
  "another value": (json) =>
    fc.tuple(fc.nat(), fc.constantFrom(...strangeValues)).map(([number, value]) => {
      const values = [...json.matchAll(/(?<=[:[,])(?:"(?:[^"\\]|\\.)*"|[^"{}[\],]+)/g)];
      const found = values[number % Math.max(1, values.length)];
      if (found === undefined) return bytes(value);
      return bytes(json.slice(0, found.index) + value + json.slice(found.index + found[0].length));
    }),
  "a key more": (json) =>
    fc.constantFrom("__proto__", "constructor", "prototype", "\\u005f_proto__", "toString", "then", "").map((key) =>
      bytes(json.replace("{", `{"${key}":{"text":"x","polluted":true},`))
    ),
  "a key less": (json) => one(json.replace(/"[a-z]+":/, "")),
  "any JSON": () => fc.json({ maxDepth: 6 }).map(bytes),
  "nested 100 deep": (json) =>
    one(json.replace(/"text":"(?:[^"\\]|\\.)*"/, `"text":${"[".repeat(100)}${"]".repeat(100)}`)),
};

/** Each costs a megabyte, so they are few. */
const hugeMutations: Readonly<Record<string, Mutation>> = {
  "nested a million deep": () => one("[".repeat(hugeDepth)),
  "a key of a mebibyte": (json) => one(json.replace("{", `{"${hugeKey}":1,`)),
};

const headerLines: readonly string[] = [
  "Content-Type: application/octet-stream",
  "Content-Type: application/json",
  "Content-Type: ",
  "Mb-Timeout: NaN",
  "Mb-Timeout: -1",
  "Mb-Timeout: 1e400",
  "Mb-Timeout: 0.0000001",
  "Mb-Request-Id: *.>",
  "Mb-Request-Id: ",
  "Mb-Contract: other@9.9.9",
  "Mb-Contract: faults@not-a-version",
  "Mb-Encryption: v9;NONE;kid=none",
  "Mb-Error: INTERNAL",
  "Mb-Error: __proto__",
  "Nats-Service-Error: failed",
  "Nats-Service-Error-Code: NaN",
  "Authorization: Bearer x",
  "traceparent: 00-zz",
];

/** Frames that begin as what the schema takes, and mostly do not stay so. */
export function mutatedFrames(schema: v.GenericSchema): fc.Arbitrary<HostileFrame> {
  const json = arbitraryOf(schema).map((value) => JSON.stringify(value));
  const mutate = (kinds: Readonly<Record<string, Mutation>>): fc.Arbitrary<HostileFrame> =>
    fc.tuple(json, fc.constantFrom(...Object.keys(kinds))).chain(([text, name]) =>
      kinds[name]!(text).map((body) => ({ name, body }))
    );
  const header = fc.option(fc.subarray([...headerLines], { maxLength: 4 }), { nil: undefined, freq: 2 });
  const body = fc.oneof({ weight: 2_000, arbitrary: mutate(mutations) }, {
    weight: 1,
    arbitrary: mutate(hugeMutations),
  });
  return fc.tuple(body, header).map(([frame, lines]) => {
    if (lines === undefined) return frame;
    return { ...frame, header: bytes(["NATS/1.0", ...lines, "", ""].join("\r\n")) };
  });
}
