import process from "node:process";
import { createMessagingClient, HttpTransport } from "../../../mod.ts";
import { freePort } from "../../support/free-port.ts";
import { startNatsServer } from "../../support/nats-server.ts";
import { type Program, startProgram } from "../../support/program.ts";
import type { Experiment } from "../experiment.ts";
import { none } from "../figures.ts";
import { pauseMs } from "../pause-ms.ts";
import { repeatFaults } from "../repeat-faults.ts";
import { ParcelScene } from "./parcel-scene.ts";
import { parcels } from "./parcels-contract.ts";

const perSecond = 500;
const amounts = { small: { events: 2_000, everyMs: 1_300 }, large: { events: 20_000, everyMs: 2_000 } };
const handledLimitMs = 60_000;

/** D7: stored events over a gateway that is killed again and again. */
export const storedGatewayKills: Experiment = {
  id: "D7",
  promise: "A caller of the gateway hears every stored event, however often the gateway is killed",
  sizes: { small: "2,000 events, a kill every 1.3 s", large: "20,000 events, a kill every 2 s" },
  contenders: ["ours"],
  runtimes: [],
  largeLimitMs: 240_000,
  run: async ({ size }) => {
    const { events, everyMs } = amounts[size];
    await using broker = await startNatsServer({ jetstream: true });
    await using scene = await ParcelScene.open([broker.url]);
    const port = String(await freePort());
    const startGateway = async (): Promise<Program> => {
      const program = startProgram(process.execPath, [
        "--import",
        "tsx",
        "tests/faults/durable/parcel-gateway.ts",
        broker.url,
        port,
      ]);
      await program.line(/listening/);
      return program;
    };
    let gateway = await startGateway();
    const transport = new HttpTransport({ url: `http://127.0.0.1:${port}` });
    await using client = createMessagingClient({ contract: parcels, transport });
    await client.connect();
    const heard = new Map<number, number>();
    let last = 0;
    let backwards = 0;
    let gaps = 0;
    const onEvent = ({ id }: { id: number }): void => {
      if (id < last) backwards += 1;
      last = id;
      heard.set(id, (heard.get(id) ?? 0) + 1);
    };
    await client.subscribe("moved", { onGap: () => void (gaps += 1) }, onEvent).ready;
    const telling = (async () => {
      const start = performance.now();
      for (let id = 1; id <= events; id += perSecond / 50) {
        const inMs = start + id * 1_000 / perSecond - performance.now();
        if (inMs > 0) await pauseMs(inMs);
        await scene.tell(id, id + perSecond / 50 - 1);
      }
    })();
    const schedule = { everyMs, forMs: events * 1_000 / perSecond };
    const { times } = await repeatFaults(telling, schedule, async () => {
      await gateway[Symbol.asyncDispose]();
      gateway = await startGateway();
    });
    for (const end = Date.now() + handledLimitMs; heard.size < events && Date.now() < end;) await pauseMs(100);
    await gateway[Symbol.asyncDispose]();
    const counts = [...heard.values()];
    return [
      { name: "kills", value: times },
      { name: "told", value: events },
      { name: "missing", value: events - heard.size, limit: none },
      { name: "heard twice", value: counts.filter((count) => count > 1).length, limit: none },
      { name: "out of order", value: backwards, limit: none },
      { name: "gaps told", value: gaps, limit: none },
    ];
  },
};
