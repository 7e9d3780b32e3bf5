import { fileURLToPath } from "node:url";
import { findRuntime } from "../../runtimes/find-runtimes.ts";
import { startWorkerd } from "../../runtimes/start-workerd.ts";
import type { NatsServer } from "../../support/nats-server.ts";
import { startProgram } from "../../support/program.ts";
import type { HostSettings } from "./host.ts";

/** The runtimes that serve the gateway. */
export const hostNames = ["node", "bun", "deno", "workerd"] as const;
export type HostName = (typeof hostNames)[number];

/** A runtime that serves the gateway in a process of its own. */
export interface RunningHost extends AsyncDisposable {
  /** Where, with a last slash; a namespace follows. */
  readonly url: string;
}

const root = fileURLToPath(new URL("../../../", import.meta.url));
const folder = "tests/gateway/runtimes";
const commands: Readonly<Record<Exclude<HostName, "workerd">, readonly string[]>> = {
  node: ["--import", "tsx", `${folder}/node-host.ts`],
  bun: ["run", `${folder}/bun-host.ts`],
  deno: [
    "run",
    "--no-prompt",
    "--allow-net=127.0.0.1,localhost",
    "--allow-read",
    "--allow-env",
    "--import-map=tests/runtimes/deno-import-map.json",
    `${folder}/deno-host.ts`,
  ],
};

/** Starts a runtime's host in front of a broker. */
export async function startHost(
  name: HostName,
  server: NatsServer,
  settings: Omit<HostSettings, "servers">,
): Promise<RunningHost> {
  const { path } = await findRuntime(name);
  if (name === "workerd") {
    const bindings = { HOST: { ...settings, servers: server.websocketUrl } };
    return await startWorkerd(path, "../gateway/runtimes/workerd-host.ts", {
      bindings,
      durableObjects: { GATEWAY: "GatewayObject" },
    });
  }
  const environment = { HOST: JSON.stringify({ ...settings, servers: server.url }) };
  const program = startProgram(path, commands[name], { folder: root, environment });
  const port = /\d+/.exec(await program.line(/^listening on \d+/))![0];
  return { url: `http://127.0.0.1:${port}/`, [Symbol.asyncDispose]: () => program[Symbol.asyncDispose]() };
}
