import { startNatsServer } from "../../support/nats-server.ts";
import type { GatewayChoice, GatewayProgram } from "./gateway-program.ts";
import { HttpCaller } from "./http-caller.ts";
import { IdentityProvider } from "./identity-provider.ts";
import { preferProcess } from "./prefer-process.ts";
import type { ServiceProgram } from "./service-program.ts";
import { ToldProgram } from "./told-program.ts";
import { UpstreamSpy } from "./upstream-spy.ts";

/** What the gateway of a scene is like, beside what it always is. */
export type SceneOptions = Omit<GatewayChoice, "servers" | "jwksUrl">;

/** What {@linkcode startGatewayScene} gives. */
export type GatewayScene = Awaited<ReturnType<typeof startGatewayScene>>;

/** After about so many its memory grows no more. */
const warmUpCalls = 10_000;
const atOnce = 50;

/** A broker, a service and a gateway, each a process of its own, an identity provider, and a spy at the broker. */
export async function startGatewayScene(options: SceneOptions = {}) {
  const broker = await startNatsServer({ monitoring: true, jetstream: true });
  const provider = await IdentityProvider.start();
  const servers = broker.url;
  const startGateway = (): Promise<ToldProgram<GatewayProgram>> =>
    ToldProgram.start("gateway-program.ts", { servers, jwksUrl: provider.keysUrl("gateway"), ...options });
  const [service, gateway, spy] = await Promise.all([
    ToldProgram.start<ServiceProgram>("service-program.ts", { servers, jwksUrl: provider.keysUrl("service") }),
    startGateway(),
    UpstreamSpy.start(broker.port),
  ]);
  const port = await gateway.tell("listen", 0);
  for (const pid of [broker.pid, service.pid, gateway.pid]) preferProcess(pid);
  return {
    broker,
    provider,
    service,
    gateway,
    spy,
    port,
    /** Another gateway, which does not listen yet. */
    startGateway,
    /** Lets the gateway see enough calls that its memory and its code are as they stay. */
    warmUp: () => warmUp(port),
    /** How many subscriptions there are at the broker. */
    subscriptions: async (): Promise<number> => {
      const response = await fetch(`${broker.monitoringUrl}/subsz`);
      return (await response.json() as { num_subscriptions: number }).num_subscriptions;
    },
    [Symbol.asyncDispose]: async () => {
      spy[Symbol.dispose]();
      await Promise.all([gateway.kill(), service.kill()]);
      await Promise.all([broker.stop(), provider[Symbol.asyncDispose]()]);
    },
  };
}

async function warmUp(port: number): Promise<void> {
  for (let address = 1; address <= 4; address++) {
    using caller = new HttpCaller(port, `127.0.2.${address}`, atOnce);
    const call = async (): Promise<void> => {
      const { status, body } = await caller.ask("/trial/v1/say", { body: { text: "x".repeat(1_000) } });
      if (status !== 200) throw new Error(`The gateway does not serve: ${status} ${body}`);
    };
    for (let calls = 0; calls < warmUpCalls / 4; calls += atOnce) {
      await Promise.all(Array.from({ length: atOnce }, call));
    }
  }
}
