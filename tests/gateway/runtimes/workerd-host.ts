// A socket in workerd belongs to the request that opened it; all requests of a Durable Object share one context.
import { createHost, type HostSettings } from "./host.ts";

interface Environment {
  readonly HOST: HostSettings;
  readonly GATEWAY: {
    idFromName(name: string): unknown;
    get(id: unknown): { fetch(request: Request): Promise<Response> };
  };
}

export class GatewayObject {
  readonly fetch: (request: Request) => Promise<Response>;

  constructor(_state: unknown, { HOST }: Environment) {
    this.fetch = createHost(HOST);
  }
}

export default {
  fetch(request: Request, { GATEWAY }: Environment): Promise<Response> {
    return GATEWAY.get(GATEWAY.idFromName("gateway")).fetch(request);
  },
};
