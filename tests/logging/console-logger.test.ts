import * as assert from "uvu/assert";
import { createConsoleLogger, type LogLevel, MessagingError } from "../../mod.ts";
import { describe } from "../support/suite.ts";

const levels: readonly LogLevel[] = ["debug", "info", "warn", "error"];

function setUp(level: LogLevel = "debug") {
  const lines: { at: LogLevel; line: string }[] = [];
  const write = (at: LogLevel) => (line: string) => void lines.push({ at, line });
  const target = { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
  const logger = createConsoleLogger({ level, console: target });
  /** What is written of these fields, read again. */
  const written = (fields: Record<string, unknown>): Record<string, unknown> => {
    logger.info("x", fields);
    return JSON.parse(lines.at(-1)!.line);
  };
  return { logger, lines, written };
}

const jwt = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl";
const seed = `SU${"A2B3".repeat(14)}`;

describe("createConsoleLogger()", (test) => {
  test("writes one line of JSON for each entry, at its level", () => {
    const { logger, lines } = setUp();
    for (const level of levels) logger[level](`at ${level}`, { count: 1 });
    assert.equal(lines, levels.map((at) => ({ at, line: `{"level":"${at}","message":"at ${at}","count":1}` })));
    logger.info("two\nlines", { text: "a\r\nb" });
    assert.not.match(lines.at(-1)!.line, /[\r\n]/);
  });

  test("writes its level and above, info where nothing is said", () => {
    for (const [index, level] of levels.entries()) {
      const { logger, lines } = setUp(level);
      for (const each of levels) logger[each]("x");
      assert.equal(lines.map(({ at }) => at), levels.slice(index));
    }
    const written: LogLevel[] = [];
    const write = (at: LogLevel) => () => void written.push(at);
    const target = { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
    const logger = createConsoleLogger({ console: target });
    for (const each of levels) logger[each]("x");
    assert.equal(written, ["info", "warn", "error"]);
  });

  test("a field never takes the place of the level or the message", () => {
    const { written } = setUp();
    const { level, message } = written({ level: "debug", message: "forged" });
    assert.equal({ level, message }, { level: "info", message: "x" });
  });

  test("redacts secrets by the name of their field, at any depth, whatever they are", () => {
    const { written } = setUp();
    const names = [
      "Authorization",
      "cookie",
      "password",
      "passphrase",
      "pass",
      "PASSWD",
      "userSecret",
      "token",
      "auth_token",
      "nkeySeed",
      "jwt",
      "creds",
      "key",
      "apiKey",
      "api_key",
      "privateKey",
      "private_key",
      "keyFile",
    ];
    for (const name of names) {
      assert.equal(written({ [name]: "hush" })[name], "[redacted]", name);
      const deep = written({ options: { list: [{ [name]: { a: ["hush"] } }] } });
      assert.not.match(JSON.stringify(deep), /hush/, name);
    }
  });

  test("leaves fields alone whose names only sound like it", () => {
    const { written } = setUp();
    const fields = { idempotencyKey: "a", monkey: "b", keys: 2, bypass: "c", subject: "d", correlationId: "e" };
    assert.equal(written(fields), { level: "info", message: "x", ...fields });
  });

  test("redacts secrets by their form, wherever they stand in a text", () => {
    const { logger, lines } = setUp();
    const secrets: Readonly<Record<string, readonly string[]>> = {
      [`got Authorization: Bearer ${"abc.DEF-1"} from ann`]: ["abc"],
      [`bearer ${jwt}`]: [jwt, "eyJ"],
      [`"${jwt}"`]: [jwt, "eyJ"],
      [`seed ${seed}.`]: [seed],
      "nats://ann:hush@a:4222": ["ann", "hush"],
      "wss://hush@a:443,nats://bob:hush@b": ["hush"],
      "nats://ann:hu@sh@a:4222": ["hu@sh", "sh@"],
      "nats://ann:hu/sh@a:4222": ["hu/sh", "sh@"],
    };
    for (const [text, hidden] of Object.entries(secrets)) {
      logger.info(text, { where: text, list: [text], error: new Error(text) });
      const { line } = lines.at(-1)!;
      for (const secret of hidden) assert.not.ok(line.includes(secret), `${secret} in ${line}`);
      assert.ok(line.includes("[redacted]"));
    }
  });

  test("leaves texts alone that hold no secret", () => {
    const { written } = setUp();
    const texts = [
      "nats://127.0.0.1:4222",
      "https://a.example/path/@scope/b",
      "ann@example.com",
      "SUCCESS",
      "eyJ",
      "Bearer",
    ];
    for (const text of texts) assert.is(written({ text })["text"], text);
  });

  test("writes errors with name, code, message, stack and causes", () => {
    const { written } = setUp();
    const cause = new RangeError("underneath");
    const error = written({ error: new MessagingError("TIMEOUT", "too late", { cause }) })["error"] as Record<
      string,
      unknown
    >;
    assert.equal([error["name"], error["code"], error["message"]], ["MessagingError", "TIMEOUT", "too late"]);
    assert.match(String(error["stack"]), /console-logger\.test/);
    assert.is((error["cause"] as Record<string, unknown>)["message"], "underneath");
  });

  test("survives cycles, depth, and values that JSON does not know", () => {
    const { written } = setUp();
    const cycle: Record<string, unknown> = { name: "loop" };
    cycle["self"] = cycle;
    const error = new Error("its own cause");
    error.cause = error;
    const line = written({ cycle, error, big: 1n, symbol: Symbol("s"), when: new Date(0), url: new URL("nats://a") });
    assert.match(JSON.stringify(line["cycle"]), /"loop".*"\[deep\]"/);
    assert.equal([line["big"], line["symbol"]], ["1", "Symbol(s)"]);
    assert.equal([line["when"], line["url"]], ["1970-01-01T00:00:00.000Z", "nats://a"]);
  });
});
