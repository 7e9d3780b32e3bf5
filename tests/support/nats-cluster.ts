import { freePort } from "./free-port.ts";
import { type NatsServer, type NatsServerOptions, startNatsServer } from "./nats-server.ts";
import { until } from "./until.ts";

const wholeLimitMs = 20_000;
const lookLimitMs = 500;

/** Starts a cluster of so many nodes, each with its monitoring endpoint, and waits until all know each other. */
export async function startNatsCluster(
  size: number,
  config = "",
  { jetstream = false }: Pick<NatsServerOptions, "jetstream"> = {},
): Promise<NatsCluster> {
  const ports = await Promise.all(Array.from({ length: size }, freePort));
  const routes = ports.map((port) => `"nats-route://127.0.0.1:${port}"`).join(", ");
  const nodes = await Promise.all(ports.map((port, index) =>
    startNatsServer({
      monitoring: true,
      websocket: true,
      jetstream,
      config: `server_name: "node-${index}"
cluster { name: "cluster", listen: "127.0.0.1:${port}", routes: [${routes}], pool_size: -1 }
${config}`,
    })
  ));
  const cluster = new NatsCluster(nodes);
  try {
    await cluster.whole();
    if (jetstream) await cluster.led();
    return cluster;
  } catch (error) {
    await cluster[Symbol.asyncDispose]();
    throw error;
  }
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

  /** Waits until JetStream has a leader, without whom no stream is made. */
  async led(): Promise<void> {
    await until("JetStream's leader", async () => {
      const known = await Promise.all(this.nodes.map(async (node) => {
        const { meta_cluster } =
          await ask<{ meta_cluster?: { leader?: string; cluster_size?: number } }>(node, "jsz") ?? {};
        return meta_cluster?.leader !== undefined && meta_cluster.cluster_size === this.nodes.length;
      }));
      return known.every(Boolean);
    }, wholeLimitMs);
  }

  /** The node that a connection with this name is on; `undefined` while it is on none that answers. */
  async nodeOf(name: string): Promise<NatsServer | undefined> {
    const has = await Promise.all(this.nodes.map((node) => this.isOn(node, name)));
    return this.nodes.find((_, index) => has[index]);
  }

  /** Whether a connection with this name is on the node; `false` where the node does not answer. */
  async isOn(node: NatsServer, name: string): Promise<boolean> {
    return (await clientsOf(node)).includes(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }
}

/** The names of a node's clients; of none where the node does not answer. */
export async function clientsOf(node: NatsServer): Promise<readonly string[]> {
  const { connections = [] } = await ask<{ connections?: { name?: string }[] }>(node, "connz") ?? {};
  return connections.map(({ name = "" }) => name).sort();
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
