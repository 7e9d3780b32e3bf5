import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../support/until.ts";
import { bundle } from "./bundle.ts";
import { ChildProgram } from "./child-program.ts";

/** What a worker gets. */
export interface WorkerdOptions {
  /** Values of the worker's environment, by name; any JSON. */
  readonly bindings: Readonly<Record<string, unknown>>;
  /** Classes of Durable Objects that the module exports, by the name of their binding. */
  readonly durableObjects?: Readonly<Record<string, string>>;
}

/** A real workerd that serves one worker. */
export interface RunningWorkerd extends AsyncDisposable {
  /** Where it serves: `http://127.0.0.1:…/`. */
  readonly url: string;
  /** What it printed so far. */
  readonly output: () => string;
}

// From this date on a pending timer keeps a Durable Object in memory; before, an idle one may be evicted.
const compatibilityDate = "2026-10-01";

/** Bundles a worker of this folder and starts workerd with it; no compatibility flag, so nothing of Node is there. */
export async function startWorkerd(path: string, file: string, options: WorkerdOptions): Promise<RunningWorkerd> {
  const folder = await mkdtemp(join(tmpdir(), "messaging-workerd-"));
  await writeFile(join(folder, "worker.js"), await bundle(file, "workerd"));
  await writeFile(join(folder, "config.capnp"), configuration(options));
  const program = new ChildProgram(path, ["serve", "config.capnp", "--control-fd=3"], { cwd: folder, control: true });
  const port = await until("workerd listens", () => {
    const listening = /\{"event":"listen","socket":"http","port":(\d+)\}/.exec(program.control);
    if (listening === null && /error:|Uncaught/.test(program.output)) throw new Error(program.output);
    return listening?.[1];
  }, 20_000).catch(async (error: unknown) => {
    await program[Symbol.asyncDispose]();
    throw new Error(`workerd did not start:\n${program.output}`, { cause: error });
  });
  return {
    url: `http://127.0.0.1:${port}/`,
    output: () => program.output,
    [Symbol.asyncDispose]: async () => {
      await program[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function configuration({ bindings, durableObjects = {} }: WorkerdOptions): string {
  const values = Object.entries(bindings).map(([name, value]) =>
    `(name = ${JSON.stringify(name)}, json = ${JSON.stringify(JSON.stringify(value))})`
  );
  const namespaces = Object.entries(durableObjects).map(([name, className]) =>
    `(name = ${JSON.stringify(name)}, durableObjectNamespace = ${JSON.stringify(className)})`
  );
  const classes = Object.values(durableObjects).map((className) =>
    `(className = ${JSON.stringify(className)}, uniqueKey = ${JSON.stringify(className)})`
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "${compatibilityDate}",
  bindings = [${[...values, ...namespaces].join(", ")}],
  durableObjectNamespaces = [${classes.join(", ")}],
  durableObjectStorage = (inMemory = void),
);
`;
}
