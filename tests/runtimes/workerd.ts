// The entry of workerd: a worker that runs the suites inside one request; `start-workerd.ts` bundles and starts it.
import type { Brokers } from "./brokers.ts";

interface Environment {
  readonly BROKERS: Brokers;
}

export default {
  async fetch(_request: Request, { BROKERS }: Environment): Promise<Response> {
    // Not at the top: uvu and the suites are none of what a worker loads before its first request.
    const { runRuntimeSuites } = await import("./runtime-suites.ts");
    return Response.json(
      await runRuntimeSuites(BROKERS, {
        tcp: /^There are no TCP connections to NATS in Cloudflare Workers: give a ws:\/\/ or wss:\/\/ server/,
        websocketCertificates: /^A WebSocket in Cloudflare Workers takes no certificates: /,
      }),
    );
  },
};
