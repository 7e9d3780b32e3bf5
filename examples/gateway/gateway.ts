import { createConsoleLogger, NatsTransport } from "@magicbutton/messaging";
import { createGateway, type Gateway, type GatewayOptions } from "@magicbutton/messaging/gateway";
import { orders } from "./contract.ts";

/** The same gateway for every HTTP server beside this file: only the address of a caller is the server's own matter. */
export function orderGateway(servers: string | undefined, address?: GatewayOptions["address"]): Gateway {
  return createGateway({
    contracts: [orders],
    transport: new NatsTransport(servers === undefined ? {} : { servers }),
    cors: { origins: ["https://app.example.com"] },
    logger: createConsoleLogger(),
    ...(address === undefined ? {} : { address }),
  });
}
