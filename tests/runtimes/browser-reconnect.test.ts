import * as assert from "uvu/assert";
import { createMessagingServer, NatsTransport } from "../../mod.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { until } from "../support/until.ts";
import { findRuntime } from "./find-runtimes.ts";
import { runPage } from "./start-browser.ts";
import { edgeContract } from "./edge-contract.ts";

const found = await findRuntime("chromium").catch((error: Error) => error);
const title = "a page asks, hears events, and does so again after the broker was killed and restarted";

describeWithNatsServer("Chromium", {}, (test) => {
  if (found instanceof Error) return test.skip(title, found.message);
  test(title, { timeoutMs: 60_000 }, async () => {
    await using broker = await startNatsServer({ websocket: true });
    await using service = createMessagingServer({
      contract: edgeContract,
      transport: new NatsTransport({ servers: broker.url }),
    });
    service.registerHandler("greet", (name) => `Hello ${name}`);
    service.registerHandler("wait", () => "");
    await service.start();
    let events = 0;
    const result = await runPage(found.path, "browser-reconnect.ts", {
      data: { servers: broker.websocketUrl },
      actions: {
        broadcast: () => service.broadcast("noticed", `event ${++events}`),
        kill: () => broker.kill(),
        restart: async () => {
          await broker.restart();
          await until("the service is back", () => service.status === "connected", 10_000);
        },
      },
      limitMs: 50_000,
    });
    assert.equal(result, {
      changes: ["connecting", "connected", "reconnecting", "connected", "closed"],
      heard: ["event 1", "event 2"],
      answers: ["Hello page", "Hello page again"],
    });
  });
});
