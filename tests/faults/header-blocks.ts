import { Buffer } from "node:buffer";
import * as fc from "fast-check";
import type { HostileFrame } from "./hostile-frame.ts";

const goodBodies = ['{"text":"good"}', '{"number":1}', ""];

const firstLines = [
  "NATS/1.0",
  "NATS/1.0 100",
  "NATS/1.0 100 Idle Heartbeat",
  "NATS/1.0 408 Request Timeout",
  "NATS/1.0 503",
  "NATS/1.0 503 No Responders",
  "NATS/1.0 999 x",
  "NATS/1.0 NaN",
  "NATS/1.0  ",
  "NATS/2.0",
  "HTTP/1.1 200 OK",
  "nats/1.0",
  "",
];

const name = fc.oneof(
  fc.constantFrom(
    "X-A",
    "Content-Type",
    "Mb-Error",
    "Mb-Timeout",
    "Nats-Service-Error-Code",
    "__proto__",
    "constructor",
  ),
  fc.constantFrom("bad key", "", " ", "a\x00b", "a\tb", "ключ", "a:b", "\x7f", "(x)"),
  fc.string({ maxLength: 20 }),
);
const value = fc.oneof(
  fc.constantFrom("", "1", "NaN", "\x00", "\x07\x1b[2J", "a\nb: 1", "a\rb", "\u2028", "PUB evil 4"),
  fc.string({ maxLength: 60 }),
);
const line = fc.oneof(
  fc.tuple(name, fc.constantFrom(": ", ":", " : ", "")).chain(([key, colon]) =>
    value.map((text) => `${key}${colon}${text}`)
  ),
  fc.constantFrom("no-colon", ":", ": value", " folded: 1", "\tfolded"),
);
const end = fc.constantFrom("\r\n\r\n", "\r\n\r\n", "\r\n\r\n", "\r\n", "\n\n", "", "\r\n\r\nPUB evil 4\r\npwnd\r\n");

const usual: fc.Arbitrary<string> = fc.tuple(fc.constantFrom(...firstLines), fc.array(line, { maxLength: 8 }), end)
  .map(([first, lines, last]) => [first, ...lines].join("\r\n") + last);

const huge: fc.Arbitrary<string> = fc.constantFrom(
  `NATS/1.0\r\n${"a: 1\r\n".repeat(10_000)}\r\n`,
  `NATS/1.0\r\nX-A: ${"a".repeat(65_536)}\r\n\r\n`,
  `NATS/1.0\r\n${"k".repeat(65_536)}: 1\r\n\r\n`,
  `NATS/1.0 503 ${"x".repeat(65_536)}\r\n\r\n`,
);

/** Header blocks that no library would write, before a body that is sound or empty. */
export function hostileHeaderBlocks(): fc.Arbitrary<HostileFrame> {
  const block = fc.oneof({ weight: 40, arbitrary: usual }, { weight: 1, arbitrary: huge });
  return fc.tuple(block, fc.constantFrom(...goodBodies)).map(([header, body]) => ({
    name: JSON.stringify(header.slice(0, 80)),
    // As bytes: a code point over 255 becomes UTF-8, a lone control stays itself.
    header: Buffer.from(header),
    body: Buffer.from(body),
  }));
}
