import * as v from "valibot";
import * as assert from "uvu/assert";
import {
  createContract,
  createMessagingServer,
  MemoryBroker,
  MemoryTransport,
  MessageHeaders,
  type MessagingServerOptions,
  type TransportConnection,
} from "../../mod.ts";
import { createPayloadEncryption } from "../../src/security/mod.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { describe } from "../support/suite.ts";
import { until } from "../support/until.ts";

const contract = createContract({
  name: "bank",
  version: "1.0.0",
  errors: { POOR: { message: "Too poor" }, LOCKED: { message: "Locked", retryable: true } },
  requests: {
    pay: { request: v.number(), response: v.string(), errors: ["POOR", "LOCKED"] },
    tell: { request: v.number(), response: v.string() },
  },
});

type Bank = typeof contract;
type PayHandler = (amount: number, run: number) => unknown;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** A server whose runs are counted, and a caller that writes its own headers. */
async function startBank(pay: PayHandler, options: Partial<MessagingServerOptions<Bank>> = {}) {
  const broker = new MemoryBroker();
  const server = createMessagingServer({ contract, transport: new MemoryTransport({ broker }), ...options });
  const seen = { runs: 0, told: 0, aborted: 0 };
  server.registerHandler("pay", async (amount, context) => {
    const run = seen.runs += 1;
    context.signal.addEventListener("abort", () => seen.aborted += 1);
    const outcome = await pay(amount, run);
    if (outcome === "POOR" || outcome === "LOCKED") throw context.error(outcome);
    return String(outcome);
  });
  server.registerHandler("tell", () => `told ${seen.told += 1}`);
  await server.start();
  const caller = await new MemoryTransport({ broker }).open();
  return {
    server,
    seen,
    caller,
    ask: asker(caller),
    [Symbol.asyncDispose]: async () => {
      await server.stop({ graceMs: 0 });
      await caller.close();
    },
  };
}

function asker(caller: TransportConnection) {
  let tokens = 0;
  return async (
    id: string | undefined,
    amount: number,
    { name = "pay", token = "", timeoutMs = 0, replyToken = `r${tokens += 1}` } = {},
  ): Promise<string> => {
    const headers: [string, string][] = [];
    if (id !== undefined) headers.push(["Mb-Request-Id", id]);
    if (token !== "") headers.push(["Authorization", `Bearer ${token}`]);
    if (timeoutMs > 0) headers.push(["Mb-Timeout", String(timeoutMs)]);
    const reply = await caller.request(`bank.v1.request.${name}`, encoder.encode(JSON.stringify(amount)), {
      requestId: replyToken,
      timeoutMs: 5_000,
      operation: name,
      headers: MessageHeaders.fromTrusted(headers),
    });
    const code = /Mb-Error: (\w+)/.exec(decoder.decode(reply.headerBlock))?.[1];
    return code ?? JSON.parse(decoder.decode(reply.body));
  };
}

/** A promise that a test opens. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => open = resolve);
  return { opened, open };
}

describe("A request that comes again under its id", (test) => {
  test("gets the first one's answer, and runs once", async () => {
    await using bank = await startBank((amount, run) => `paid ${amount}, run ${run}`);
    for (let arrival = 0; arrival < 3; arrival++) assert.is(await bank.ask("k1", 5), "paid 5, run 1");
    assert.is(await bank.ask("k2", 5), "paid 5, run 2");
    assert.is(bank.seen.runs, 2);
  });

  test("waits for the first one's answer while that runs", async () => {
    const { opened, open } = gate();
    await using bank = await startBank(async (_, run) => (await opened, `run ${run}`));
    const answers = [bank.ask("k", 1), bank.ask("k", 1), bank.ask("k", 1)];
    await until("the first run", () => bank.seen.runs === 1);
    open();
    assert.equal(await Promise.all(answers), ["run 1", "run 1", "run 1"]);
    assert.is(bank.seen.runs, 1);
  });

  test("runs again where it carries no id", async () => {
    await using bank = await startBank((_, run) => `run ${run}`);
    assert.equal([await bank.ask(undefined, 1), await bank.ask(undefined, 1)], ["run 1", "run 2"]);
  });

  test("is another request for another operation or another actor", async () => {
    await using bank = await startBank((_, run) => `run ${run}`, {
      authenticate: ({ token }) => ({ id: token!, roles: [] }),
    });
    assert.is(await bank.ask("k", 1, { token: "ann" }), "run 1");
    assert.is(await bank.ask("k", 1, { token: "bob" }), "run 2");
    assert.is(await bank.ask("k", 1, { token: "ann", name: "tell" }), "told 1");
    assert.is(await bank.ask("k", 1, { token: "ann" }), "run 1");
  });

  test("with other input is refused, and never gets another one's answer", async () => {
    await using bank = await startBank((amount) => `paid ${amount}`);
    assert.is(await bank.ask("k", 1), "paid 1");
    assert.is(await bank.ask("k", 2), "INVALID_REQUEST");
    assert.is(await bank.ask("k", 1), "paid 1");
    assert.is(bank.seen.runs, 1);
  });

  test("gets an error of the contract again, unless that may pass", async () => {
    await using bank = await startBank((amount, run) => amount === 1 ? "POOR" : run === 2 ? "LOCKED" : "paid");
    assert.equal([await bank.ask("k1", 1), await bank.ask("k1", 1)], ["POOR", "POOR"]);
    assert.equal([await bank.ask("k2", 2), await bank.ask("k2", 2)], ["LOCKED", "paid"]);
    assert.is(bank.seen.runs, 3);
  });

  test("runs again where the first failed", async () => {
    await using bank = await startBank((_, run) => {
      if (run === 1) throw new Error("the disk is full");
      return "paid";
    });
    assert.equal([await bank.ask("k", 1), await bank.ask("k", 1)], ["INTERNAL", "paid"]);
  });

  test("gets the answer of a first one whose caller had to give up before", async () => {
    const { opened, open } = gate();
    await using bank = await startBank(async (_, run) => (await opened, `run ${run}`));
    assert.is(await bank.ask("k", 1, { timeoutMs: 20 }), "TIMEOUT");
    const again = bank.ask("k", 1);
    await bank.ask("other", 1, { name: "tell" });
    open();
    assert.is(await again, "run 1");
    assert.is(await bank.ask("k", 1), "run 1");
    assert.is(bank.seen.runs, 1);
  });

  test("runs itself when the first was cancelled and stopped", async () => {
    const { opened, open } = gate();
    await using bank = await startBank(async (_, run) => {
      if (run > 1) return `run ${run}`;
      await opened;
      throw new Error("stopped");
    });
    const first = bank.ask("k", 1, { replyToken: "mine" });
    await until("the first run", () => bank.seen.runs === 1);
    const again = bank.ask("k", 1);
    bank.caller.send("bank.v1.cancel.mine", new Uint8Array(0));
    await until("the cancel", () => bank.seen.aborted === 1);
    open();
    assert.equal([await first, await again], ["CANCELLED", "run 2"]);
  });

  test("runs one after the other where each fails, and each caller hears of its own", async () => {
    const gates: (() => void)[] = [];
    await using bank = await startBank(async (_, run) => {
      await new Promise<void>((open) => gates.push(open));
      if (run < 3) throw new Error(`failure ${run}`);
      return `run ${run}`;
    });
    const calls = Array.from({ length: 4 }, () => bank.ask("k", 1));
    for (let run = 1; run <= 3; run++) {
      await until("the run", () => gates.length === run);
      gates[run - 1]!();
    }
    assert.equal((await Promise.all(calls)).sort(), ["INTERNAL", "INTERNAL", "run 3", "run 3"]);
    assert.is(bank.seen.runs, 3);
  });

  test("that waits for the second to run has its deadline all the same", async () => {
    for (const authenticate of [undefined, async () => await Promise.resolve({ id: "ann", roles: [] })]) {
      const gates: (() => void)[] = [];
      await using bank = await startBank(async (_, run) => {
        await new Promise<void>((open) => gates.push(open));
        if (run === 1) throw new Error("failure");
        return "paid";
      }, authenticate === undefined ? {} : { authenticate });
      const calls = [5_000, 5_000, 300].map((timeoutMs) => bank.ask("k", 1, { timeoutMs, token: "t" }));
      await until("the first run", () => gates.length === 1);
      gates[0]!();
      await until("the second run", () => gates.length === 2);
      assert.is(await calls[2], "TIMEOUT");
      gates[1]!();
      assert.equal(await Promise.all(calls), ["INTERNAL", "paid", "TIMEOUT"]);
    }
  });

  test("that has to run itself is answered before the server stops", async () => {
    const gates: (() => void)[] = [];
    await using bank = await startBank(async (_, run) => {
      await new Promise<void>((open) => gates.push(open));
      if (run === 1) throw new Error("failure");
      return "paid";
    });
    const calls = [bank.ask("k", 1), bank.ask("k", 1)];
    await until("the first run", () => gates.length === 1);
    await bank.ask(undefined, 1, { name: "tell" });
    const stopped = bank.server.stop();
    gates[0]!();
    await until("the second run", () => gates.length === 2);
    gates[1]!();
    assert.equal(await Promise.all(calls), ["INTERNAL", "paid"]);
    await stopped;
  });

  test("takes no handler's place while it waits, has its own deadline, and is answered before the server stops", async () => {
    const { opened, open } = gate();
    await using bank = await startBank(async (_, run) => (await opened, `run ${run}`), {
      concurrency: 2,
      queueLimit: 0,
    });
    const first = bank.ask("k", 1, { timeoutMs: 60_000 });
    await until("the first run", () => bank.seen.runs === 1);
    assert.is(await bank.ask("k", 1, { timeoutMs: 20 }), "TIMEOUT");
    const repeats = Array.from({ length: 10 }, () => bank.ask("k", 1));
    assert.is(await bank.ask(undefined, 1, { name: "tell" }), "told 1");
    const stopped = bank.server.stop();
    open();
    assert.equal(new Set(await Promise.all([first, ...repeats])), new Set(["run 1"]));
    await stopped;
  });

  test("is told BUSY when too many of it wait already", async () => {
    const { opened, open } = gate();
    await using bank = await startBank(async (_, run) => (await opened, `run ${run}`), { queueLimit: 1_000 });
    const outcomes: Record<string, number> = {};
    const calls = Array.from({ length: 20 }, async () => {
      const outcome = await bank.ask("k", 1);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    });
    await until("the refusals", () => outcomes["BUSY"] === 3);
    open();
    await Promise.all(calls);
    assert.equal(outcomes, { BUSY: 3, "run 1": 17 });
  });

  test("is told when the server stops before the first one's answer is there", async () => {
    await using bank = await startBank(() => new Promise(() => {}));
    const calls = [bank.ask("k", 1), bank.ask("k", 1)];
    await until("the first run", () => bank.seen.runs === 1);
    await bank.ask(undefined, 1, { name: "tell" });
    await bank.server.stop({ graceMs: 10 });
    assert.equal(await Promise.all(calls), ["CANCELLED", "CANCELLED"]);
  });

  test("runs again after the window, and beyond the limits", async () => {
    const clock = new FakeClock();
    await using bank = await startBank((_, run) => `run ${run}`, {
      clock,
      deduplication: { windowMs: 1_000, maxRequests: 2 },
    });
    assert.equal([await bank.ask("k", 1), await bank.ask("k", 1)], ["run 1", "run 1"]);
    clock.advance(1_000);
    assert.is(await bank.ask("k", 1), "run 2");
    assert.equal([await bank.ask("second", 1), await bank.ask("third", 1)], ["run 3", "run 4"]);
    assert.is(await bank.ask("k", 1), "run 5");
  });

  test("gets its own encrypted answer", async () => {
    const key = btoa("k".repeat(32));
    const encryption = createPayloadEncryption({ keys: { a: key }, current: "a", required: true });
    await using bank = await startBank((_, run) => `run ${run}`, { encryption });
    const answers: string[] = [];
    for (let arrival = 0; arrival < 2; arrival++) {
      const binding = { subject: "bank.v1.request.pay", requestId: "k" };
      const sealed = await encryption.seal(encoder.encode("1"), { ...binding, direction: "request" });
      const reply = await bank.caller.request("bank.v1.request.pay", sealed.body, {
        requestId: `e${arrival}`,
        timeoutMs: 1_000,
        operation: "pay",
        headers: MessageHeaders.fromTrusted([["Mb-Request-Id", "k"], ["Mb-Encryption", sealed.header]]),
      });
      const header = /Mb-Encryption: (.*)\r/.exec(decoder.decode(reply.headerBlock))![1]!;
      const opened = await encryption.open(reply.body, header, { ...binding, direction: "response" });
      answers.push(decoder.decode(opened));
    }
    assert.equal(answers, ['"run 1"', '"run 1"']);
  });
});
