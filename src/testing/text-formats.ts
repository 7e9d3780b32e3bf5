import type { SeededRandom } from "./seeded-random.ts";

const words = ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel"];

function digits(random: SeededRandom, count: number): string {
  return Array.from({ length: count }, () => random.below(10)).join("");
}

function hex(random: SeededRandom, count: number): string {
  return Array.from({ length: count }, () => random.below(16).toString(16)).join("");
}

function pad(value: number, length = 2): string {
  return String(value).padStart(length, "0");
}

function date(random: SeededRandom): string {
  return `${1970 + random.below(80)}-${pad(1 + random.below(12))}-${pad(1 + random.below(28))}`;
}

function time(random: SeededRandom): string {
  return `${pad(random.below(24))}:${pad(random.below(60))}`;
}

function uuid(random: SeededRandom): string {
  const last = hex(random, 12);
  return `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-${random.pick(["8", "9", "a", "b"])}${
    hex(random, 3)
  }-${last}`;
}

function domain(random: SeededRandom): string {
  return `${random.pick(words)}-${random.below(1_000)}.example.${random.pick(["com", "org", "net"])}`;
}

function url(random: SeededRandom): string {
  return `https://${domain(random)}/${random.pick(words)}?page=${random.below(100)}`;
}

function timestamp(random: SeededRandom): string {
  return `${date(random)}T${time(random)}:${pad(random.below(60))}.${pad(random.below(1_000), 3)}Z`;
}

/** A number whose last digit is what Luhn's formula makes of the others (ISO/IEC 7812). */
function withCheckDigit(number: string): string {
  let sum = 0;
  for (const [index, digit] of [...number].reverse().entries()) {
    const doubled = Number(digit) * (index % 2 === 0 ? 2 : 1);
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return number + String((10 - sum % 10) % 10);
}

function isbn10(random: SeededRandom): string {
  const body = digits(random, 9);
  const sum = [...body].reduce((total, digit, index) => total + Number(digit) * (10 - index), 0);
  const last = (11 - sum % 11) % 11;
  return body + (last === 10 ? "X" : String(last));
}

/**
 * Texts by the name of what they are: formats of JSON Schema, and checks of Valibot that have no pattern or one that is
 * hard to read.
 */
export const textFormats: ReadonlyMap<string, (random: SeededRandom) => string> = new Map([
  ["base64", (random) => btoa(random.pick(words).slice(0, 3 * (1 + random.below(2))))],
  ["credit-card", (random) => withCheckDigit(`4${digits(random, 14)}`)],
  ["date", date],
  ["date-time", timestamp],
  ["domain", domain],
  ["email", (random) => `${random.pick(words)}.${random.below(1_000)}@${domain(random)}`],
  ["hostname", domain],
  ["imei", (random) => withCheckDigit(digits(random, 14))],
  ["ip", (random) => `192.0.2.${random.below(256)}`],
  ["ipv4", (random) => `192.0.2.${random.below(256)}`],
  ["ipv6", (random) => `2001:db8::${1 + random.below(9_999)}`],
  ["isbn", isbn10],
  ["iso-date", date],
  ["iso-date-time", (random) => `${date(random)}T${time(random)}`],
  ["iso-time", time],
  ["iso-timestamp", timestamp],
  ["json-string", (random) => JSON.stringify({ [random.pick(words)]: random.below(100) })],
  ["rfc-email", (random) => `${random.pick(words)}.${random.below(1_000)}@${domain(random)}`],
  ["time", (random) => `${time(random)}:${pad(random.below(60))}Z`],
  ["uri", url],
  ["url", url],
  ["uuid", uuid],
]);

/** Some words, as many as are asked for. */
export function someWords(random: SeededRandom, count: number): string {
  return Array.from({ length: count }, () => random.pick(words)).join(" ");
}
