import { seededRandom } from "./seeded-random.ts";

/** What every injection tries to publish: a spy that hears it has heard an injection. */
export const injectedFrame = "\r\nPUB evil 4\r\npwnd\r\n";
/** The header that every header injection tries to add. */
export const injectedHeader = "X-Evil";

const controls = Array.from({ length: 33 }, (_, code) => String.fromCharCode(code === 32 ? 0x7f : code));
const lateControls = ["\x80", "\x85", "\x9f", "\u2028", "\u2029", "\ufeff", "\u00a0", "\u200b"];
const rightToLeft = ["שלום", "\u202eabc", "مرحبا بالعالم", "\u2066x\u2069"];
const halves = ["\ud800", "\udc00", "a\udbffb", "\udfff\ud800"];

const pieces: readonly string[] = [
  ...controls,
  ...lateControls,
  ...rightToLeft,
  ...halves,
  ..."*>.= \"'`{}[]()<>|&;$%@#!?/\\~^:,+",
  "..",
  "*.*",
  ".>",
  "\r\n",
  "\n",
  injectedFrame,
  ` 0${injectedFrame}`,
  `\r\n${injectedHeader}: 1`,
  `\n${injectedHeader}: 1\r\n\r\n`,
  "\r\n\r\n",
  "NATS/1.0 503\r\n\r\n",
  "SUB > 1\r\n",
  "$JS.API.STREAM.PURGE.X",
  "$SYS.>",
  "_INBOX.>",
  "=0D=0A",
  "%0d%0a",
  "\\r\\n",
  "😀",
  "👩‍👩‍👧‍👦",
  "Ünïcode",
  "e\u0301",
  "漢字",
  "__proto__",
  "constructor",
  "toString",
  "null",
  "plain-Token_1",
];

const whole: readonly string[] = [
  ...pieces,
  "",
  "-ERR 'x'",
  "+OK",
  "a..b",
  ".a",
  "a.",
  "a.*.b",
  "a b",
  "a\tb",
  "a".repeat(5_000),
  "漢".repeat(2_000),
  "👩‍👩‍👧‍👦".repeat(500),
  `e${"\u0301".repeat(5_000)}`,
  "a.".repeat(600),
  `${"a".repeat(5_000)}${injectedFrame}`,
  `a${injectedFrame}`,
  `a 1 ${injectedFrame}`,
];

/** So many different strings that somebody might try to break a text protocol with; the same for the same seed. */
export function hostileStrings(count: number, seed: number): readonly string[] {
  const random = seededRandom(seed);
  const strings = new Set(whole);
  while (strings.size < count) {
    const parts = Array.from({ length: 1 + random.below(4) }, () => random.below(3) === 0 ? "a" : random.pick(pieces));
    strings.add(parts.join(""));
  }
  return [...strings].slice(0, count);
}
