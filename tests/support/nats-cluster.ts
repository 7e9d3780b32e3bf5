import { freePort } from "./free-port.ts";
import { type NatsServer, startNatsServer } from "./nats-server.ts";
import { until } from "./until.ts";

const wholeLimitMs = 15_000;
const lookLimitMs = 500;

/** Options of {@linkcode startNatsCluster}. */
export interface NatsClusterOptions {
  readonly nodes?: number;
  /** Added to every node's configuration. */
  readonly config?: string;
}

/** Starts so many nats-servers that know each other, and waits until all do. */
export async function startNatsCluster({ nodes: count = 3, config = "" }: NatsClusterOptions = {}): Promise<
  NatsCluster
> {
  const ports = await Promise.all(Array.from({ length: count }, freePort));
  const routes = ports.map((port) => `"nats://127.0.0.1:${port}"`).join(", ");
  const nodes = await Promise.all(ports.map((port, index) =>
    startNatsServer({
      monitoring: true,
      websocket: true,
      config: `server_name: node${index}
cluster { name: faults, listen: "127.0.0.1:${port}", routes: [${routes}] }
${config}`,
    })
  ));
  const cluster = new NatsCluster(nodes);
  await cluster.whole();
  return cluster;
}

/** Several nats-servers that pass messages on to each other. */
export class NatsCluster implements AsyncDisposable {
  readonly nodes: readonly NatsServer[];

  constructor(nodes: readonly NatsServer[]) {
    this.nodes = nodes;
  }

  get urls(): readonly string[] {
    return this.nodes.map(({ url }) => url);
  }

  get websocketUrls(): readonly string[] {
    return this.nodes.map(({ websocketUrl }) => websocketUrl);
  }

  /** Waits until every node is connected to every other. */
  async whole(): Promise<void> {
    await until("the whole cluster", async () => {
      const known = await Promise.all(this.nodes.map(async (node) => {
        const { routes } = await ask<{ routes?: { remote_id: string }[] }>(node, "routez") ?? {};
        return new Set(routes?.map(({ remote_id }) => remote_id)).size;
      }));
      return known.every((others) => others === this.nodes.length - 1);
    }, wholeLimitMs);
  }

  /** The node that a connection with this name is on; `undefined` while it is on none that answers. */
  async nodeOf(name: string): Promise<NatsServer | undefined> {
    const has = await Promise.all(this.nodes.map((node) => this.isOn(node, name)));
    return this.nodes.find((_, index) => has[index]);
  }

  /** Whether a connection with this name is on the node; `false` where the node does not answer. */
  async isOn(node: NatsServer, name: string): Promise<boolean> {
    const { connections } = await ask<{ connections?: { name?: string }[] }>(node, "connz") ?? {};
    return connections?.some((connection) => connection.name === name) ?? false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }
}

async function ask<Answer>(node: NatsServer, path: string): Promise<Answer | undefined> {
  try {
    const response = await fetch(`${node.monitoringUrl}/${path}`, { signal: AbortSignal.timeout(lookLimitMs) });
    return await response.json() as Answer;
  } catch {
    // It is down, or frozen.
    return undefined;
  }
}
