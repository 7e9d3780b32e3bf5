import type { Bench } from "./bench.ts";
import type { Contender } from "./contenders.ts";
import { Worker, type WorkerOptions } from "./worker.ts";

/** How requests are sent. */
export interface RequestLoad {
  readonly inFlight: number;
  /** Whether each request's time is taken. @default false */
  readonly latencies?: boolean;
}

/** How fast requests were answered. */
export interface RequestRate {
  readonly count: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Processor time of client and servers for each request, in microseconds. */
  readonly cpuUs: number;
}

/** What a team is made of, beside its contender. */
export interface RequestTeamOptions
  extends Pick<WorkerOptions, "runtime" | "nodeFlags" | "prefix"> {
  /** How many processes serve. @default 1 */
  readonly servers?: number;
  /** What the servers do. @default "serve" */
  readonly serve?: "serve" | "hold";
}

/** A client and its servers, each a process of its own. */
export class RequestTeam implements AsyncDisposable {
  readonly contender: Contender;
  readonly client: Worker;
  readonly servers: readonly Worker[];

  private constructor(
    contender: Contender,
    client: Worker,
    servers: readonly Worker[],
  ) {
    this.contender = contender;
    this.client = client;
    this.servers = servers;
  }

  /** Starts the servers, then the client. */
  static async open(
    bench: Bench,
    contender: Contender,
    options: RequestTeamOptions = {},
  ): Promise<RequestTeam> {
    const { servers: count = 1, serve = "serve", ...rest } = options;
    const start = async (): Promise<Worker> =>
      await Worker.start({ ...bench, contender, ...rest });
    const servers: Worker[] = [];
    for (let index = 0; index < count; index++) {
      const server = await start();
      await server.ask(serve);
      servers.push(server);
    }
    const client = await start();
    await client.ask("open");
    return new RequestTeam(contender, client, servers);
  }

  /** Sends requests for so long. */
  async measure(load: RequestLoad, durationMs: number): Promise<RequestRate> {
    const before = await this.#cpuMs();
    const rate = await this.client.ask<Omit<RequestRate, "cpuUs">>("requests", {
      ...load,
      durationMs,
    });
    const cpuMs = await this.#cpuMs() - before;
    return { ...rate, cpuUs: cpuMs * 1_000 / rate.count };
  }

  /** How many requests each server has taken. */
  async served(): Promise<number[]> {
    return await Promise.all(
      this.servers.map((server) => server.ask<number>("served")),
    );
  }

  async #cpuMs(): Promise<number> {
    const times = await Promise.all(
      [this.client, ...this.servers].map((worker) =>
        worker.ask<number>("cpuMs")
      ),
    );
    return times.reduce((sum, time) => sum + time, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      [this.client, ...this.servers].map((worker) =>
        worker[Symbol.asyncDispose]()
      ),
    );
  }
}

/** Opens a team of each, one after the other, and ends them all when the work is done. */
export async function withRequestTeams<Result>(
  bench: Bench,
  contenders: readonly Contender[],
  options: RequestTeamOptions,
  work: (teams: readonly RequestTeam[]) => Promise<Result>,
): Promise<Result> {
  const teams: RequestTeam[] = [];
  try {
    for (const contender of contenders) {
      teams.push(await RequestTeam.open(bench, contender, options));
    }
    return await work(teams);
  } finally {
    await Promise.all(teams.map((team) => team[Symbol.asyncDispose]()));
  }
}
