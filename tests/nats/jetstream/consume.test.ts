import * as assert from "uvu/assert";
import { describeWithNatsServer } from "../../support/describe-with-nats-server.ts";
import { startNatsServer } from "../../support/nats-server.ts";
import { until } from "../../support/until.ts";
import { call, consume, numbers, openStreams, orders, replay, storeTexts } from "./stream-scene.ts";

describeWithNatsServer("EventStore over JetStream", {}, (test) => {
  for (const kind of ["TCP", "WebSocket"] as const) {
    test(`stores messages and gives each of them to one instance, over ${kind}`, async () => {
      await using server = await startNatsServer({ jetstream: true, websocket: true });
      const url = kind === "TCP" ? server.url : server.websocketUrl;
      await using here = await openStreams(url);
      await using there = await openStreams(url);
      await here.store.ensureStream(orders, call);
      const first = consume(here.store);
      const second = consume(there.store);
      await Promise.all([first.reader.ready, second.reader.ready]);
      await storeTexts(here.store, numbers(500));
      await until("all of them", () => first.texts.length + second.texts.length >= 500);
      const all = [...first.texts, ...second.texts].sort((a, b) => Number(a) - Number(b));
      assert.equal(all, numbers(500));
      assert.ok(first.texts.length > 0 && second.texts.length > 0);
      assert.ok(first.most <= 16 && second.most <= 16, `${first.most} and ${second.most}`);
      assert.equal(first.states.map(({ state }) => state), ["active"]);
      await Promise.all([first.reader.stop(), second.reader.stop()]);
      assert.is(first.reader.state, "ended");
    });
  }

  test("replays", async () => {
    await using server = await startNatsServer({ jetstream: true });
    await using here = await openStreams(server.url);
    await here.store.ensureStream(orders, call);
    await storeTexts(here.store, numbers(300));
    const reading = replay(here.store);
    await until("all", () => reading.texts.length === 300);
    assert.equal([...reading.texts].sort((a, b) => Number(a) - Number(b)), numbers(300));
    assert.equal(reading.messages.map(({ sequence }) => sequence), numbers(300).map(Number));
    await reading.reader.stop();
  });
});
