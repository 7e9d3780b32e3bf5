import * as assert from "uvu/assert";
import { NatsTransport, type NatsTransportOptions } from "../../mod.ts";
import { createGateway } from "../../src/gateway/mod.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { deskContract } from "../transport-behaviour/desk.ts";
import { answerOf, problemIn } from "./answer.ts";
import { deskRequest } from "./desk-gateway.ts";

const config = `authorization {
  users = [
    { user: gate, password: g, permissions: { publish: ["desk.v2.request.echo"], subscribe: ["_INBOX_gate.>"] } }
  ]
}`;

function gatewayAt(url: string, options: NatsTransportOptions) {
  const authentication = { user: "gate", password: "g" };
  return createGateway({
    contracts: [deskContract],
    transport: new NatsTransport({ servers: url, authentication, ...options }),
  });
}

const ready = new Request("http://gateway.example/readyz");

describeWithNatsServer("The rights of a gateway's own user", {}, (test) => {
  test("that hears no answers fail start(), which names the inboxPrefix, and /readyz, which does not", async () => {
    await using broker = await startNatsServer({ config });
    const deaf = gatewayAt(broker.url, {});
    await expectRejection(deaf.start(), { code: "FORBIDDEN", message: /inboxPrefix/ });
    const answer = await answerOf(await deaf.fetch(ready));
    const { detail } = problemIn(answer, "DISCONNECTED", 503);
    assert.not.match(detail, /inboxPrefix/);
    await deaf.stop();
    const hearing = gatewayAt(broker.url, { inboxPrefix: "_INBOX_gate" });
    await hearing.start();
    assert.is((await hearing.fetch(ready)).status, 200);
    await hearing.stop();
  });

  test("that may not ask for statistics tell nobody which subject that is", async () => {
    await using broker = await startNatsServer({ config });
    const gateway = gatewayAt(broker.url, { inboxPrefix: "_INBOX_gate" });
    await gateway.start();
    const answer = await answerOf(await gateway.fetch(new Request("http://gateway.example/statistics")));
    assert.not.match(problemIn(answer, "INTERNAL", 500).detail, /SRV|broker/);
    await gateway.stop();
  });

  test("that may not ask leave nothing executed, and say so", async () => {
    await using broker = await startNatsServer({ config });
    const gateway = gatewayAt(broker.url, { inboxPrefix: "_INBOX_gate" });
    await gateway.start();
    const answer = await answerOf(await gateway.fetch(deskRequest("order", { sku: "A1" })));
    const problem = problemIn(answer, "INTERNAL", 500);
    assert.is(problem.execution, "not-executed");
    await gateway.stop();
  });
});
