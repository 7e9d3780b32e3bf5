// A Cloudflare Worker: the gateway lives in a Durable Object, because a connection belongs to what opened it, and one
// gateway has one connection for many requests. NATS is reached over WebSocket: NATS_URL is ws:// or wss://. A Durable
// Object is not told when a caller leaves in the middle of a request: what was asked goes on until its deadline.
import { orderGateway } from "./gateway.ts";

export class GatewayObject {
  #gateway;

  constructor(_state, { NATS_URL }) {
    // CF-Connecting-IP is written by Cloudflare itself, whatever the caller sent.
    this.#gateway = orderGateway(NATS_URL, (request) => request.headers.get("CF-Connecting-IP") ?? undefined);
  }

  fetch(request) {
    return this.#gateway.fetch(request);
  }
}

export default {
  fetch: (request, { GATEWAY }) => GATEWAY.getByName("gateway").fetch(request),
};
