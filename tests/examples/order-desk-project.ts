import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, preview } from "vite";
import { installPackage } from "../packaging/installed-package.ts";
import { freePort } from "../support/free-port.ts";
import { type Program, startProgram } from "../support/program.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The order desk as a user has it: its files in a project of their own, over the packed library. */
export interface OrderDeskProject extends AsyncDisposable {
  /** Where Vite serves the built page. */
  readonly pageUrl: string;
  /** Starts one of its servers and waits for the line that says that it is there. */
  start(file: string, ready: RegExp, environment: Readonly<Record<string, string>>): Promise<Program>;
}

/** Lays the project out, builds its page and serves it. */
export async function openOrderDeskProject(): Promise<OrderDeskProject> {
  const project = await installPackage();
  const { devDependencies } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  await project.install(...["hono", "@hono/node-server"].map((name) => `${name}@${devDependencies[name]}`));
  await cp(join(root, "examples/order-desk"), project.folder, { recursive: true });
  const vite = { root: project.folder, configFile: false, logLevel: "error" } as const;
  await build({ ...vite, build: { target: "es2022" } });
  const pages = await preview({ ...vite, preview: { host: "127.0.0.1", port: await freePort() } });
  return {
    pageUrl: new URL(pages.resolvedUrls!.local[0]!).origin,
    start: async (file, ready, environment) => {
      const program = startProgram(process.execPath, [file], { folder: project.folder, environment });
      await program.line(ready);
      return program;
    },
    [Symbol.asyncDispose]: () => pages.close(),
  };
}
