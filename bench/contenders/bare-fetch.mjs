// A fetch handler that does one `nc.request` and JSON, and nothing else.
import { openHttp, serveFetch } from "./http-front.mjs";
import { connect } from "@nats-io/transport-node";
import { serve as serveOurs } from "./ours.mjs";

export const serve = serveOurs;

export async function front({ url, prefix }) {
  const connection = await connect({ servers: url });
  const subject = `${prefix}.bench.v1.request.createOrder`;
  return await serveFetch(async (request) => {
    const order = await request.json();
    const answer = await connection.request(subject, JSON.stringify(order), {
      timeout: 5_000,
    });
    return Response.json(answer.json());
  });
}

export const open = (broker) => openHttp({ ...broker, path: "/" });
