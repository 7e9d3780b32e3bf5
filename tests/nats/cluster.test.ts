import * as assert from "uvu/assert";
import { type MessagingError, NatsTransport, type NatsTransportOptions } from "../../mod.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { connectEcho, serveEcho } from "../support/echo.ts";
import { clientsOf, startNatsCluster } from "../support/nats-cluster.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { until } from "../support/until.ts";

const testMs = { timeoutMs: 40_000 };

/** Asks without a pause until it is told to stop; every failure is kept. */
function startAsking(client: Awaited<ReturnType<typeof connectEcho>>) {
  const failures: MessagingError[] = [];
  let answered = 0;
  let asking = true;
  const done = (async () => {
    while (asking) {
      const calls = Array.from({ length: 4 }, (_, number) => client.request("say", { text: String(number) }));
      for (const outcome of await Promise.allSettled(calls)) {
        if (outcome.status === "fulfilled") answered += 1;
        else failures.push(outcome.reason);
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  })();
  return {
    failures,
    get answered() {
      return answered;
    },
    stop: async () => {
      asking = false;
      await done;
    },
  };
}

describeWithNatsServer("NatsTransport", {}, (test) => {
  test("goes to a member of the cluster that it was told of when the one that is listed is gone", testMs, async () => {
    await using cluster = await startNatsCluster(2);
    const [listed, other] = cluster.nodes;
    const connect = (options: Partial<NatsTransportOptions>) =>
      connectEcho(new NatsTransport({ servers: listed!.url, ...options }));
    await using client = await connect({ name: "told" });
    await using alone = await connect({ name: "alone", ignoreClusterUpdates: true });
    await listed!.kill();
    await until("the loss", () => alone.status === "reconnecting");
    await until("the other member", async () => (await clientsOf(other!)).includes("told"));
    await until("the return", () => client.status === "connected");
    await using server = await serveEcho(new NatsTransport({ servers: other!.url }));
    assert.equal(await client.request("say", { text: "from the other member" }), { text: "from the other member" });
    assert.is(server.status, "connected");
    assert.is(alone.status, "reconnecting");
    await listed!.restart();
    await until("the return to the one that is listed", () => alone.status === "connected");
    assert.equal(await clientsOf(listed!), ["alone"]);
  });

  test("leaves a server that is about to go, and fails no call", testMs, async () => {
    await using cluster = await startNatsCluster(2, 'lame_duck_grace_period: "25s"\nlame_duck_duration: "30s"');
    const [leaving, staying] = cluster.nodes;
    const transport = (name: string) => new NatsTransport({ servers: [leaving!.url, staying!.url], name });
    await using server = await serveEcho(transport("server"));
    await using client = await connectEcho(transport("client"));
    const statuses: string[] = [];
    client.onStatus((status) => void statuses.push(status));
    server.onStatus((status) => void statuses.push(status));
    const listener = await transport("client").open();
    const gaps: string[] = [];
    const heard: number[] = [];
    const onMessage = ({ subject }: { subject: string }): void => void heard.push(Number(subject.split(".")[1]));
    const plain = listener.subscribe("moved.>", { onMessage, onGap: (reason) => void gaps.push(`plain ${reason}`) });
    const shared = listener.subscribe("moved.>", {
      queueGroup: "group",
      onMessage: () => {},
      onGap: (reason) => void gaps.push(`shared ${reason}`),
    });
    await Promise.all([plain.ready, shared.ready]);
    assert.equal(await clientsOf(leaving!), ["client", "client", "server"]);
    const asking = startAsking(client);
    using teller = await RawPeer.connect(staying!.port, { name: "teller" });
    let told = 0;
    const telling = setInterval(() => teller.publish(`moved.${told += 1}`), 1);
    await until("some answers", () => asking.answered > 50);
    await leaving!.lameDuck();
    await until("the move", async () => (await clientsOf(staying!)).join() === "client,client,server,teller", 5_000);
    await until("the end of the old connections", async () => (await clientsOf(leaving!)).length === 0, 8_000);
    const before = asking.answered;
    await until("answers after the move", () => asking.answered > before + 50);
    await asking.stop();
    assert.equal(asking.failures, []);
    assert.equal(statuses, []);
    assert.equal(gaps, ["plain moved"]);
    clearInterval(telling);
    await teller.flush();
    await until("the last event", () => heard.at(-1) === told);
    assert.equal(heard, [...new Set(heard)].sort((one, other) => one - other), "an event came twice or out of order");
    console.log(`${told} events, ${told - heard.length} missed in the move; ${asking.answered} requests answered`);
    await listener.close();
  });
});
