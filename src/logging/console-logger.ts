import type { LogFields, Logger, LogLevel } from "./logger.ts";

const levels: readonly LogLevel[] = ["debug", "info", "warn", "error"];
const secretField =
  /authorization|cookie|creds|jwt|passw|passphrase|^pass$|secret|seed|token|^key$|keyfile|private_?key|api_?key/i;
/** Bearer tokens, JSON web tokens, nkey seeds and the credentials of a URL, wherever they stand in a text. */
const secretTexts: readonly RegExp[] = [
  /(?<=Bearer )[^\s"']+/gi,
  /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g,
  /\bS[UAONCX][A-Z2-7]{56}\b/g,
  /(?<=:\/\/)[^\s/]+(?=@)/g,
  // A password with a "/" in it, which is no URL any more: such a one stands in the error text that says so.
  /(?<=:\/\/[^\s/:@]+:)(?!\d+[/?#,\s]|\[redacted\])[^\s"']+(?=@)/g,
];

/**
 * Options of `createConsoleLogger`.
 *
 * @example
 * ```ts
 * import type { ConsoleLoggerOptions } from "@magicbutton/messaging";
 *
 * const options: ConsoleLoggerOptions = { level: "warn" };
 * ```
 */
export interface ConsoleLoggerOptions {
  /** The least level that is written. @default "info" */
  readonly level?: LogLevel;
  /** Where lines go. @default console */
  readonly console?: Readonly<Record<LogLevel, (line: string) => void>>;
}

/**
 * Makes a logger that writes one line of JSON for each entry, with secrets redacted: by field name, and tokens, seeds
 * and URL credentials by their form. Never throws.
 *
 * @example
 * ```ts
 * import { createConsoleLogger } from "@magicbutton/messaging";
 *
 * const logger = createConsoleLogger({ level: "debug" });
 * logger.info("Connected", { server: "nats://127.0.0.1:4222" });
 * ```
 */
export function createConsoleLogger(options: ConsoleLoggerOptions = {}): Logger {
  const { level = "info", console: target = console } = options;
  const least = levels.indexOf(level);
  const write = (at: LogLevel) => (message: string, fields?: LogFields): void => {
    if (levels.indexOf(at) < least) return;
    const head = { level: at, message: redactText(message) };
    target[at](JSON.stringify(Object.assign({ ...head }, redact(fields ?? {}, 0), head)));
  };
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}

const maximumDepth = 6;

function redact(value: unknown, depth: number): unknown {
  if (typeof value === "string") return redactText(value);
  if (typeof value === "bigint" || typeof value === "symbol") return String(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= maximumDepth) return "[deep]";
  if (value instanceof Error) {
    const { name, message, stack } = value;
    const code = (value as { code?: unknown }).code;
    return redact({ name, code, message, stack, cause: value.cause }, depth + 1);
  }
  if (typeof (value as { toJSON?: unknown }).toJSON === "function") {
    return redact((value as { toJSON(): unknown }).toJSON(), depth + 1);
  }
  if (Array.isArray(value)) return value.map((entry) => redact(entry, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [
      key,
      secretField.test(key) ? "[redacted]" : redact(entry, depth + 1),
    ]),
  );
}

function redactText(text: string): string {
  return secretTexts.reduce((redacted, secret) => redacted.replace(secret, "[redacted]"), text);
}
