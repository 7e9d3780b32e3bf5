import { freePort } from "./free-port.ts";
import { type NatsServer, startNatsServer } from "./nats-server.ts";
import { until } from "./until.ts";

/** Several nats-servers that are one cluster. */
export interface NatsCluster extends AsyncDisposable {
  readonly nodes: readonly NatsServer[];
}

/** Starts a cluster of so many nodes, each with its monitoring endpoint, and waits until all know each other. */
export async function startNatsCluster(size: number, config = ""): Promise<NatsCluster> {
  const ports = await Promise.all(Array.from({ length: size }, freePort));
  const routes = ports.map((port) => `"nats-route://127.0.0.1:${port}"`).join(", ");
  const nodes = await Promise.all(ports.map((port, index) =>
    startNatsServer({
      monitoring: true,
      config: `server_name: "node-${index}"
cluster { name: "cluster", listen: "127.0.0.1:${port}", routes: [${routes}], pool_size: -1 }
${config}`,
    })
  ));
  const cluster: NatsCluster = {
    nodes,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
  try {
    for (const node of nodes) await until("the routes", async () => await routesOf(node) >= size - 1, 20_000);
    return cluster;
  } catch (error) {
    await cluster[Symbol.asyncDispose]();
    throw error;
  }
}

async function routesOf(node: NatsServer): Promise<number> {
  const response = await fetch(`${node.monitoringUrl}/routez`);
  const { routes = [] } = await response.json() as { routes?: { remote_id: string }[] };
  return new Set(routes.map(({ remote_id }) => remote_id)).size;
}

/** How many clients a node has, by their names. */
export async function clientsOf(node: NatsServer): Promise<readonly string[]> {
  const response = await fetch(`${node.monitoringUrl}/connz`);
  const { connections } = await response.json() as { connections: { name?: string }[] };
  return connections.map(({ name = "" }) => name).sort();
}
