import { NatsTransport, type Transport } from "../../mod.ts";
import { natsServerConfig } from "../../src/security/nats-server-config.ts";
import { type NatsServer, startNatsServer } from "../support/nats-server.ts";
import type { MatrixBroker } from "./broker-matrix.ts";
import { roleNames, shop } from "./shop.ts";

/** Text for a configuration file: one user of each role, the service, and an administrator with every right. */
export function shopUsers(): string {
  const text = natsServerConfig(shop, {
    users: [
      ...roleNames.map((role) => ({ user: role, password: "role-password", role })),
      { user: "shop", password: "service-password", service: true as const },
    ],
  });
  const everyone = `{ user: "admin", password: "admin-password" }`;
  return text.replace("users = [", `users = [\n    ${everyone}`);
}

/** A nats-server with {@linkcode shopUsers}. */
export async function startShopBroker(): Promise<NatsServer> {
  return await startNatsServer({ jetstream: true, config: shopUsers() });
}

/** The way to connect to it for the matrix. */
export function shopMatrix(broker: NatsServer): MatrixBroker {
  return {
    service: shopService(broker),
    user: (role) => ({
      transport: new NatsTransport({
        servers: broker.url,
        authentication: { user: role, password: "role-password" },
        inboxPrefix: `_INBOX_${role}`,
      }),
      raw: { servers: broker.url, user: role, pass: "role-password" },
      inboxPrefix: `_INBOX_${role}`,
    }),
  };
}

/** The service's own transport. */
export function shopService(broker: NatsServer): Transport {
  return new NatsTransport({
    servers: broker.url,
    authentication: { user: "shop", password: "service-password" },
    inboxPrefix: "_INBOX_shop",
  });
}
