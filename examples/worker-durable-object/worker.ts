// A Cloudflare Worker whose Durable Object keeps one connection to NATS for many requests. Run this: npx wrangler dev
import { createMessagingClient, isMessagingError, type MessagingClient, NatsTransport } from "@magicbutton/messaging";
import { prices } from "./contract.ts";

interface Environment {
  /** Where NATS listens for WebSockets, such as wss://nats.example.com. */
  readonly NATS_URL: string;
  readonly PRICES: { getByName(name: string): { fetch(request: Request): Promise<Response> } };
}

export class PricesObject {
  readonly #client: MessagingClient<typeof prices>;

  constructor(_state: unknown, { NATS_URL }: Environment) {
    const transport = new NatsTransport({ servers: NATS_URL });
    this.#client = createMessagingClient({ contract: prices, transport });
  }

  async fetch(request: Request): Promise<Response> {
    const sku = new URL(request.url).searchParams.get("sku") ?? "";
    try {
      // The first request connects, the others find it done.
      await this.#client.connect();
      return Response.json(await this.#client.request("quote", { sku }));
    } catch (error) {
      if (!isMessagingError(error)) throw error;
      return Response.json({ code: error.code, message: error.message }, { status: error.status });
    }
  }
}

export default {
  fetch: (request: Request, { PRICES }: Environment): Promise<Response> => PRICES.getByName("prices").fetch(request),
};
