// The gateway: routes, limits and contract checked at the edge, the request and its answer validated, metrics kept.
import process from "node:process";
import { openHttp, serveFetch } from "./http-front.mjs";
import { contract, library } from "./library.mjs";
import { serve as serveOurs } from "./ours.mjs";

const { createGateway } = await import(
  new URL("src/gateway/mod.js", process.env.BENCH_LIBRARY)
);

export const serve = serveOurs;

export async function front({ url, prefix }) {
  const transport = new library.NatsTransport({ servers: url });
  const gateway = createGateway({
    contracts: [contract],
    transport,
    namespace: prefix,
  });
  await gateway.start();
  return await serveFetch(gateway.fetch);
}

export const open = (broker) =>
  openHttp({ ...broker, path: "/bench/v1/createOrder" });
