// A handler of Node's own HTTP server that does one `nc.request` and JSON, and nothing else.
import { connect } from "@nats-io/transport-node";
import { openHttp, serveNode } from "./http-front.mjs";
import { serve as serveOurs } from "./ours.mjs";

export const serve = serveOurs;

export async function front({ url, prefix }) {
  const connection = await connect({ servers: url });
  const subject = `${prefix}.bench.v1.request.createOrder`;
  return await serveNode((incoming, outgoing) => {
    const chunks = [];
    incoming.on("data", (chunk) => chunks.push(chunk));
    incoming.on("end", async () => {
      const order = JSON.parse(Buffer.concat(chunks).toString());
      const answer = await connection.request(subject, JSON.stringify(order), {
        timeout: 5_000,
      });
      outgoing.writeHead(200, { "Content-Type": "application/json" }).end(
        JSON.stringify(answer.json()),
      );
    });
  });
}

export const open = (broker) => openHttp({ ...broker, path: "/" });
