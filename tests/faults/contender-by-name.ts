import type { Contender, ContenderName } from "./contender.ts";

/** Loads a contender; only then its packages are needed. */
export async function contenderByName(name: ContenderName): Promise<Contender> {
  switch (name) {
    case "ours":
      return (await import("./ours.ts")).ours;
    case "nats.js":
      return (await import("./nats-js.ts")).natsJs;
    case "nats.js-tuned":
      return (await import("./nats-js.ts")).natsJsTuned;
    case "nestjs": {
      // A project of its own, with a lock file of its own: nothing of it is in this one's node_modules.
      const path = "./contenders/nestjs.mjs";
      return (await import(path) as { nestjs: Contender }).nestjs;
    }
  }
}
