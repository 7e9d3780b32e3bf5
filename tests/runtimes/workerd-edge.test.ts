import * as assert from "uvu/assert";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { until } from "../support/until.ts";
import { findRuntime } from "./find-runtimes.ts";
import { type Edge, type EdgeAnswer, openEdge } from "./open-edge.ts";

const found = await findRuntime("workerd").catch((error: Error) => error);

describeWithNatsServer("workerd", {}, (test) => {
  function edgeTest(name: string, body: (edge: Edge) => Promise<void>): void {
    if (found instanceof Error) return test.skip(name, found.message);
    test(name, { timeoutMs: 30_000 }, async () => {
      await using edge = await openEdge(found.path);
      await body(edge);
    });
  }

  edgeTest("clients and servers made at module top level do no I/O", async (edge) => {
    // workerd would not even have started: it refuses I/O, timers and random numbers there.
    assert.equal(await edge.get("top-level"), { status: "disconnected" });
    assert.is(await edge.connections(), 0);
  });

  edgeTest(
    "one request connects, asks and closes with `await using`, and leaves nothing at the broker",
    async (edge) => {
      const answers = await Promise.all(Array.from({ length: 10 }, () => edge.get("once")));
      assert.equal(answers, Array.from({ length: 10 }, () => ({ answer: "Hello once" })));
      await until("every connection is closed", async () => await edge.connections() === 0);
    },
  );

  edgeTest(
    "a Durable Object holds one connection over many requests, and answers from outside between",
    async (edge) => {
      for (let count = 0; count < 3; count++) {
        assert.equal(await edge.get("object/ask"), { answer: "Hello object", answered: count });
        assert.is(await edge.askObject("Ann"), `Hello Ann from the object, answer ${count + 1}`);
      }
      assert.is(await edge.connections(), 1);
    },
  );

  edgeTest("a Durable Object consumes stored messages, also those that come between its requests", async (edge) => {
    await edge.store("before");
    await edge.get("object/consume");
    await edge.store("between");
    await until("it has both, each once", async () => (await edge.get("object/consume")).answers?.length === 2);
    assert.equal((await edge.get("object/consume")).answers, ["before", "between"]);
    assert.is(await edge.connections(), 1);
  });

  edgeTest(
    "a client in a module variable is refused to the second request at once, and says what to do",
    async (edge) => {
      assert.equal(await edge.get("cached/connect"), { answer: "Hello first" });
      for (const path of ["cached/request", "cached/subscribe", "cached/request"]) {
        const startedAt = performance.now();
        assertRefused(await edge.get(path));
        assert.ok(performance.now() - startedAt < 1_000);
      }
    },
  );

  edgeTest("a server in a module variable broadcasts for no second request", async (edge) => {
    assert.equal(await edge.get("cached/start"), {});
    assertRefused(await edge.get("cached/broadcast"));
  });

  edgeTest("the request that the connection belongs to goes on while another is refused", async (edge) => {
    const owner = edge.get("cached/wait");
    await until("the first request waits for its answer", () => edge.waiting() === 1);
    for (let count = 0; count < 3; count++) assertRefused(await edge.get("cached/request"));
    edge.release();
    assert.equal(await owner, { answers: ["released", "Hello after"] });
  });

  edgeTest(
    "of two requests that connect the same client at once, one is answered and the other refused",
    async (edge) => {
      const answers = await Promise.all([edge.get("cached/request"), edge.get("cached/request")]);
      const [refused, ...others] = answers.filter(({ error }) => error !== undefined);
      assertRefused(refused ?? {});
      assert.equal(others, []);
      assert.equal(answers.filter(({ answer }) => answer === "Hello second").length, 1);
    },
  );

  edgeTest("another request may give the client back and connect it anew for itself", async (edge) => {
    await edge.get("cached/connect");
    assertRefused(await edge.get("cached/request"));
    assert.equal(await edge.get("cached/disconnect"), { status: "closed" });
    assert.equal(await edge.get("cached/connect"), { answer: "Hello first" });
  });
});

function assertRefused({ error, ...rest }: EdgeAnswer): void {
  assert.equal(rest, {});
  assert.is(error?.code, "UNSUPPORTED");
  assert.is(error?.execution, "not-executed");
  assert.not.ok(error?.retryable);
  assert.match(error?.message ?? "", "opened by another request");
  assert.match(error?.message ?? "", "Cloudflare Workers");
  assert.match(error?.message ?? "", "connect in each request (`await using`), or keep the client in a Durable Object");
}
