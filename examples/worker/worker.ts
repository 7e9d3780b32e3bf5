// A Cloudflare Worker that asks a service on NATS over WebSocket. A connection belongs to the request that opened it, so
// each request makes its own; see ../worker-durable-object for one that is kept. The service is yours: any server of this
// contract at the same broker, written like ../node-service. Run this: npx wrangler dev
import { createMessagingClient, isMessagingError, NatsTransport } from "@magicbutton/messaging";
import { prices } from "./contract.ts";

interface Environment {
  /** Where NATS listens for WebSockets, such as wss://nats.example.com. */
  readonly NATS_URL: string;
}

export default {
  async fetch(request: Request, { NATS_URL }: Environment): Promise<Response> {
    const sku = new URL(request.url).searchParams.get("sku") ?? "";
    const client = createMessagingClient({ contract: prices, transport: new NatsTransport({ servers: NATS_URL }) });
    try {
      await client.connect({ signal: request.signal });
      return Response.json(await client.request("quote", { sku }, { signal: request.signal }));
    } catch (error) {
      if (!isMessagingError(error)) throw error;
      return Response.json({ code: error.code, message: error.message }, { status: error.status });
    } finally {
      await client.disconnect();
    }
  },
};
