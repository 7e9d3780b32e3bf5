import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { freePort } from "../support/free-port.ts";
import { killAtExit } from "../support/kill-at-exit.ts";
import { until } from "../support/until.ts";

/** The OpenTelemetry Collector: `OTEL_COLLECTOR`, or what the PATH has. */
export function findCollector(): string | undefined {
  const names = process.env.OTEL_COLLECTOR === undefined
    ? ["otelcol", "otelcol-contrib"]
    : [process.env.OTEL_COLLECTOR];
  return names.find((name) => spawnSync(name, ["--version"]).status === 0);
}

/** A running collector that prints whatever it takes. */
export class RealCollector implements AsyncDisposable {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #folder: string;
  #printed = "";

  private constructor(url: string, child: ChildProcess, folder: string) {
    this.url = url;
    this.#child = child;
    this.#folder = folder;
    for (const output of [child.stdout, child.stderr]) output?.on("data", (part) => this.#printed += part);
  }

  /** Starts it on loopback, and waits until it listens. */
  static async start(program: string): Promise<RealCollector> {
    const port = await freePort();
    const folder = await mkdtemp(join(tmpdir(), "messaging-collector-"));
    const file = join(folder, "collector.yaml");
    await writeFile(file, configuration(port));
    const child = spawn(program, ["--config", file], { stdio: ["ignore", "pipe", "pipe"] });
    killAtExit(child);
    const collector = new RealCollector(`http://127.0.0.1:${port}`, child, folder);
    await until("the collector to listen", () => listens(port), 20_000);
    return collector;
  }

  /** Waits until it has printed this. */
  async printed(what: RegExp): Promise<string> {
    return await until(`the collector to print ${what}`, () => what.test(this.#printed) && this.#printed, 10_000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) {
      this.#child.kill();
      await once(this.#child, "exit");
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function configuration(port: number): string {
  return `
receivers:
  otlp: { protocols: { http: { endpoint: "127.0.0.1:${port}" } } }
exporters:
  debug: { verbosity: detailed }
service:
  telemetry: { metrics: { level: none } }
  pipelines:
    traces: { receivers: [otlp], exporters: [debug] }
    metrics: { receivers: [otlp], exporters: [debug] }
`;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
