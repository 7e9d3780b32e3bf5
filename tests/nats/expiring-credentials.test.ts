import * as assert from "uvu/assert";
import { NatsTransport } from "../../mod.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { connectEcho, serveEcho } from "../support/echo.ts";
import { makeJwtIdentities } from "../support/nats-identities.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { until } from "../support/until.ts";

const testMs = { timeoutMs: 30_000 };

describeWithNatsServer("Credentials that end", {}, (test) => {
  test("are replaced before, without a failed call and without a change of status", testMs, async () => {
    const identities = await makeJwtIdentities();
    await using broker = await startNatsServer({ config: identities.config });
    let asked = 0;
    const transport = new NatsTransport({
      servers: broker.url,
      authentication: async () => {
        asked += 1;
        const { jwt, nkeySeed } = await identities.user("ann", 3_000);
        return { jwt, nkeySeed };
      },
    });
    await using server = await serveEcho(transport);
    await using client = await connectEcho(transport);
    const statuses: string[] = [];
    client.onStatus((status) => void statuses.push(status));
    const failures: unknown[] = [];
    let answered = 0;
    while (asked < 4) {
      const outcomes = await Promise.allSettled([1, 2].map((n) => client.request("say", { text: String(n) })));
      for (const outcome of outcomes) {
        if (outcome.status === "fulfilled") answered += 1;
        else failures.push(outcome.reason);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assert.equal(failures, []);
    assert.ok(answered > 100);
    assert.equal(statuses, []);
    assert.is(server.status, "connected");
    assert.not.match(broker.log.text, /Authentication Expired/i);
  });

  test("and come late end the connection, which is back as soon as they are there", testMs, async () => {
    const identities = await makeJwtIdentities();
    await using broker = await startNatsServer({ config: identities.config });
    let user = await identities.user("ann", 2_000);
    let asked = 0;
    const transport = new NatsTransport({
      servers: broker.url,
      authentication: { jwt: () => (asked += 1, user.jwt), nkeySeed: () => Promise.resolve(user.nkeySeed) },
    });
    await using client = await connectEcho(transport);
    const reasons: string[] = [];
    client.onStatus((status, error) => void reasons.push(`${status} ${error?.message ?? ""}`));
    await until("the end", () => client.status === "reconnecting", 5_000);
    const before = asked;
    await until("three refusals", () => asked > before + 3, 10_000);
    user = await identities.user("ann");
    await until("the return", () => client.status === "connected");
    await using server = await serveEcho(transport);
    assert.equal(await client.request("say", { text: "back" }), { text: "back" });
    assert.is(server.status, "connected");
    assert.match(reasons[0]!, /^reconnecting .*expired/i);
    assert.is(reasons.at(-1), "connected ");
    assert.is(new Set(reasons).size, reasons.length, "each reason once");
  });
});
