import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../support/free-port.ts";
import { natsServerPath } from "../support/nats-server-program.ts";
import { type Program, startProgram } from "../support/program.ts";
import { blocksOf } from "./page-blocks.ts";

/** Brokers of a page's configurations, with free ports in place of its own: the same one wherever it is named. */
export class PageBrokers implements AsyncDisposable {
  readonly #folder: string;
  readonly #configs: ReadonlyMap<string, string>;
  readonly #ports = new Map<string, number>();
  readonly #running = new Map<string, Program>();

  private constructor(folder: string, configs: ReadonlyMap<string, string>) {
    this.#folder = folder;
    this.#configs = configs;
  }

  /** Reads a page's configurations. */
  static async of(page: string): Promise<PageBrokers> {
    const blocks = (await blocksOf(page)).filter(({ language }) => language === "conf");
    const configs = new Map(blocks.map(({ file, text }) => [file ?? "", text]));
    return new PageBrokers(await mkdtemp(join(tmpdir(), "messaging-brokers-")), configs);
  }

  /** Starts one and gives the address for its clients. */
  async start(name: string): Promise<string> {
    const given = this.#configs.get(name);
    if (given === undefined) throw new Error(`The page has no ${name}`);
    let config = given;
    for (const [address, port] of given.matchAll(/127\.0\.0\.1:(\d+)/g)) {
      if (!this.#ports.has(port!)) this.#ports.set(port!, await freePort());
      config = config.replaceAll(address, `127.0.0.1:${this.#ports.get(port!)}`);
    }
    const file = join(this.#folder, name);
    await writeFile(file, config);
    const program = startProgram(natsServerPath(), ["--config", file]);
    this.#running.set(name, program);
    await program.line(/Server is ready/);
    return `nats://${/^listen: "(.*)"$/m.exec(config)![1]}`;
  }

  /** The broker that was started as this. */
  running(name: string): Program {
    const program = this.#running.get(name);
    if (program === undefined) throw new Error(`${name} was not started`);
    return program;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const program of this.#running.values()) await program[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
