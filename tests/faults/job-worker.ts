// Runs one job inside one request of a worker: a socket of workerd belongs to the request that opened it.
import { ours } from "./ours.ts";
import { jobByName } from "./jobs/job-list.ts";
import type { JobChoice } from "./jobs/job.ts";

interface Environment {
  readonly JOB: { readonly name: string; readonly choice: JobChoice };
}

export default {
  async fetch(_request: Request, { JOB }: Environment): Promise<Response> {
    try {
      const job = jobByName(JOB.name);
      const value = await job(JOB.choice, {
        contender: ours,
        mark: () => {},
        go: () => Promise.reject(new Error("Nobody can tell a worker to go on")),
      });
      return Response.json({ value });
    } catch (error) {
      return Response.json({ problem: String((error as Error).stack ?? error) });
    }
  },
};
