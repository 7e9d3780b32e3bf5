import * as assert from "uvu/assert";
import { type Authenticate, MemoryBroker, MemoryTransport } from "../../mod.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { describe } from "../support/suite.ts";
import { answerOf, problemIn } from "./answer.ts";
import { eventsUrl, openDeskGateway } from "./desk-gateway.ts";

const broker = new MemoryBroker();
const kind = { name: "memory", connect: () => new MemoryTransport({ broker }) };
const tenants = Array.from({ length: 100 }, (_, number) => `t${number}`);
const authenticate: Authenticate = ({ token }) => token === undefined ? undefined : { id: token, roles: [] };

describe("100 tenants of one gateway", (test) => {
  test("hear their own events and nothing of each other's, in 10,000 tries; the answer is always the same", {
    timeoutMs: 60_000,
  }, async () => {
    await using desk = await openDeskGateway(kind, {
      authenticate,
      authorizeEvents: ({ params, actor }) => params["region"] === actor.id,
      limits: { ratePerIdentity: false },
    });
    const bearer = (token: string, more = {}): RequestInit => ({
      headers: { Authorization: `Bearer ${token}`, ...more },
    });
    const streams = await Promise.all(tenants.map((name) => desk.listen(`name=moved&region=${name}`, bearer(name))));
    const spellings = (other: string): string[] => [
      `name=moved&region=${other}`,
      `filter=moved.${other}.*`,
      `region=${other}&name=moved&step=1`,
      `filter=moved.${other}.1`,
      "name=moved&step=1",
      "filter=moved.*.*",
    ];
    const answers = new Set<string>();
    let tries = 0;
    for (const [index, name] of tenants.entries()) {
      for (const other of [...tenants, "nobody"]) {
        if (other === name) continue;
        const queries = spellings(other);
        const query = queries[tries % queries.length]!;
        const resumed = tries % 3 === 0 ? { "Last-Event-ID": `RDD0A0Jc-${index}` } : {};
        const answer = await desk.gateway.fetch(new Request(eventsUrl(query), bearer(name, resumed)));
        answers.add(`${answer.status} ${await answer.text()}`);
        tries += 1;
      }
    }
    assert.is(tries, 10_000);
    assert.is(answers.size, 1);
    assert.match([...answers][0]!, /^403 .*"FORBIDDEN"/);
    for (const name of tenants) await desk.server.broadcast("moved", { id: "1", region: name, step: 1 });
    const stopped = desk.gateway.stop();
    for (const [index, frames] of streams.entries()) {
      assert.equal(await frames.data(), { id: "1", region: tenants[index], step: 1 });
      assert.is((await frames.end()).code, "DISCONNECTED");
    }
    await stopped;
  });

  test("come and go 5,000 times, and nothing of them is left", { timeoutMs: 60_000 }, async () => {
    const clock = new FakeClock();
    await using desk = await openDeskGateway(kind, { authenticate, clock, limits: { ratePerIdentity: false } });
    let subscriptions = 0;
    const { subscribe } = broker;
    broker.subscribe = (subscription) => {
      const end = subscribe.call(broker, subscription);
      subscriptions += 1;
      let live = true;
      return () => {
        if (live) subscriptions -= 1;
        live = false;
        end();
      };
    };
    try {
      // The connection's own inbox comes with the first of them.
      await (await desk.listen("name=opened", { headers: { Authorization: "Bearer t0" } })).cancel();
      const base = subscriptions;
      for (let count = 0; count < 5_000; count++) {
        const name = tenants[count % 100]!;
        const request = new Request(eventsUrl(`name=moved&region=${name}`), {
          headers: { Authorization: `Bearer ${name}` },
        });
        const response = await desk.gateway.fetch(request);
        assert.is(response.status, 200);
        await response.body!.cancel();
      }
      assert.is(subscriptions, base);
      clock.advance(1_000);
      assert.is(clock.timersWaiting, 0);
      const metrics = await (await desk.gateway.fetch(new Request("http://gateway.example/metrics"))).text();
      assert.match(metrics, /^messaging_gateway_streams 0$/m);
    } finally {
      broker.subscribe = subscribe;
    }
    // Nor in what is counted by identity: each may open as many as ever.
    const open = await Promise.all(
      Array.from({ length: 32 }, () => desk.listen("name=opened", { headers: { Authorization: "Bearer t1" } })),
    );
    const one = await desk.gateway.fetch(
      new Request(eventsUrl("name=opened"), { headers: { Authorization: "Bearer t1" } }),
    );
    problemIn(await answerOf(one), "BUSY", 429);
    for (const frames of open) await frames.cancel();
  });
});
