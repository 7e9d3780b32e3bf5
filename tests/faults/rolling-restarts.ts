import { startNatsServer } from "../support/nats-server.ts";
import { bounded } from "./bounded.ts";
import { urlFor } from "./broker-urls.ts";
import type { Service } from "./contender.ts";
import type { Experiment } from "./experiment.ts";
import { none } from "./figures.ts";
import { History } from "./history.ts";
import { pauseMs } from "./pause-ms.ts";

const instances = 3;
const perSecond = 200;
const handlerMs = 300;
const amounts = { small: { restarts: 4, requests: 700 }, large: { restarts: 20, requests: 4_000 } };

/** F6: the instances of a service are restarted one after another under load. */
export const rollingRestarts: Experiment = {
  id: "F6",
  promise: "A rolling restart costs no caller an error",
  sizes: {
    small: "4 restarts of 3 instances, 200 requests/s of 300 ms",
    large: "20 restarts of 3 instances, 200 requests/s of 300 ms",
  },
  contenders: ["ours", "nats.js"],
  runtimes: ["bun", "deno", "workerd"],
  largeLimitMs: 120_000,
  run: async (run) => {
    const { restarts, requests } = amounts[run.size];
    const history = new History();
    await using broker = await startNatsServer({ websocket: true });
    const open = (): Promise<Service> =>
      run.contender.openService({ servers: [broker.url] }, async (text) => {
        history.ran(text);
        await pauseMs(handlerMs);
        return text;
      });
    const services = await Promise.all(Array.from({ length: instances }, open));
    await using job = await run.startJob("askAtARate", {
      where: { servers: [urlFor(run.place, broker)] },
      requests,
      perSecond,
      timeoutMs: 5_000,
      idempotent: false,
    });
    await job.marked("open");
    for (let restart = 0; restart < restarts; restart++) {
      await pauseMs(300);
      const index = restart % instances;
      await services[index]!.stop();
      services[index] = await open();
    }
    const { records } = await job.result(60_000);
    await Promise.all(services.map((service) => bounded(service.stop(100))));
    history.add(records);
    const { operations, endings, wrong, lost, duplicated } = history.verdict();
    return [
      { name: "restarts", value: restarts },
      { name: "requests", value: operations },
      { name: "caller errors", value: operations - endings.ok, limit: none },
      { name: "ran twice", value: duplicated, limit: none },
      { name: "unsettled", value: endings.unsettled, limit: none },
      { name: "wrong answers", value: wrong + lost, limit: none },
    ];
  },
};
