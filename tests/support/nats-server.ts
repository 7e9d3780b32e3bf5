import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { freezeProcess } from "./freeze-process.ts";
import { killAtExit } from "./kill-at-exit.ts";
import { type NatsServerOptions, type NatsServerPorts, renderConfig } from "./nats-server-config.ts";
import { natsServerPath, natsServerVersion } from "./nats-server-program.ts";
import { ServerLog } from "./server-log.ts";

export { hasNatsServer, natsServerAtLeast, natsServerVersion, whyNoNatsServer } from "./nats-server-program.ts";
export type { NatsServerOptions, NatsServerTls } from "./nats-server-config.ts";

const attempts = 5;
const stopLimitMs = 2_000;

/** Starts a real nats-server on 127.0.0.1 and waits until it accepts connections. */
export async function startNatsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  const folder = await mkdtemp(join(tmpdir(), "messaging-nats-"));
  const websocket = options.websocket ?? options.websocketTls !== undefined;
  for (let attempt = 1;; attempt++) {
    const server = new NatsServer(folder, options, {
      port: await freePort(),
      websocketPort: websocket ? await freePort() : undefined,
      monitoringPort: options.monitoring ? await freePort() : undefined,
    });
    try {
      await server.restart();
      return server;
    } catch (error) {
      if (attempt < attempts && /address already in use/.test(String(error))) continue;
      await server.stop();
      throw error;
    }
  }
}

/** A nats-server that a test owns and may mistreat. */
export class NatsServer {
  readonly port: number;
  readonly websocketPort: number | undefined;
  readonly monitoringPort: number | undefined;
  readonly version: string = natsServerVersion;
  /** Everything it logs, over all its restarts. */
  readonly log: ServerLog = new ServerLog();
  readonly #folder: string;
  #options: NatsServerOptions;
  #process: ChildProcess | undefined;

  constructor(folder: string, options: NatsServerOptions, ports: NatsServerPorts) {
    this.#folder = folder;
    this.#options = options;
    this.port = ports.port;
    this.websocketPort = ports.websocketPort;
    this.monitoringPort = ports.monitoringPort;
  }

  /** Address for TCP clients: `nats://…`, or `tls://…` with TLS. */
  get url(): string {
    return `${this.#options.tls === undefined ? "nats" : "tls"}://127.0.0.1:${this.port}`;
  }

  /** Address for WebSocket clients; throws when the server has no such listener. */
  get websocketUrl(): string {
    if (this.websocketPort === undefined) throw new Error("This server was started without websocket: true");
    return `${this.#options.websocketTls === undefined ? "ws" : "wss"}://127.0.0.1:${this.websocketPort}`;
  }

  /** Address of the monitoring endpoint; throws when it is off. */
  get monitoringUrl(): string {
    if (this.monitoringPort === undefined) throw new Error("This server was started without monitoring: true");
    return `http://127.0.0.1:${this.monitoringPort}`;
  }

  /** Process id of the running server; throws when it is down. */
  get pid(): number {
    return this.#running().pid!;
  }

  /** Kills it at once (SIGKILL) and waits for its end; clients see their connections break. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Starts it again on the same ports, with `config` in place of the text given before; kills it first when it runs. */
  async restart({ config }: { config?: string } = {}): Promise<void> {
    await this.kill();
    if (config !== undefined) this.#options = { ...this.#options, config };
    const configFile = join(this.#folder, "nats-server.conf");
    await writeFile(configFile, renderConfig(this.#options, this, this.#folder));
    const start = this.log.length;
    const child = spawn(natsServerPath(), ["--config", configFile], { stdio: ["ignore", "ignore", "pipe"] });
    killAtExit(child);
    this.#process = child;
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => this.log.append(chunk));
    // "close" comes after the last line of the log, "exit" may come before it.
    const died = new Promise<never>((_, reject) => {
      child.once("error", reject);
      child.once("close", () => reject(new Error(`nats-server ended while it started:\n${this.log.text}`)));
    });
    await Promise.race([died, this.log.waitFor(/Server is ready/, start)]);
    died.catch(() => {});
    if (!this.#options.tls?.handshakeFirst) await Promise.race([died, readInfo(this.port)]);
  }

  /** Stops the process without closing anything (SIGSTOP): connections stay open and silent from the return on. */
  freeze(): void {
    freezeProcess(this.pid);
  }

  /** Lets a frozen server go on. */
  thaw(): void {
    this.#running().kill("SIGCONT");
  }

  /** Puts `config` in place of the text given at the start, from the next start or reload on. */
  configure(config: string): void {
    this.#options = { ...this.#options, config };
  }

  /** Makes it read its configuration again, with `config` in place of the text given at the start. */
  async reload(config?: string): Promise<void> {
    if (config !== undefined) this.configure(config);
    await writeFile(join(this.#folder, "nats-server.conf"), renderConfig(this.#options, this, this.#folder));
    const start = this.log.length;
    this.#running().kill("SIGHUP");
    const line = await this.log.waitFor(/Reloaded server configuration|Failed to reload/, start);
    if (/Failed to reload/.test(line)) throw new Error(line);
  }

  /** Makes it ask its clients to leave (SIGUSR2) and waits until it says so; it ends by itself later. */
  async lameDuck(): Promise<void> {
    const start = this.log.length;
    this.#running().kill("SIGUSR2");
    await this.log.waitFor(/Entering lame duck mode/, start);
  }

  /** Ends it in good order and removes its folder; does nothing when it is stopped already. */
  async stop(): Promise<void> {
    this.#process?.kill("SIGCONT");
    const limit = setTimeout(() => this.#process?.kill("SIGKILL"), stopLimitMs);
    await this.#end("SIGTERM");
    clearTimeout(limit);
    await rm(this.#folder, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #running(): ChildProcess {
    if (this.#process === undefined || hasEnded(this.#process)) throw new Error("This server is not running");
    return this.#process;
  }

  async #end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const child = this.#process;
    if (child === undefined || hasEnded(child)) return;
    const ended = new Promise((settle) => child.once("exit", settle));
    child.kill(signal);
    await ended;
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

function readInfo(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("error", reject);
    socket.once("data", (data) => {
      socket.destroy();
      if (String(data).startsWith("INFO ")) resolve();
      else reject(new Error(`Expected INFO from port ${port}, got ${String(data).slice(0, 80)}`));
    });
  });
}
