import { type Browser, chromium } from "playwright-core";
import { findRuntime } from "../../runtimes/find-runtimes.ts";
import type { RegisterTest, TestBody } from "../../support/suite.ts";

const found = await findRuntime("chromium").catch((error: Error) => error);
// A page is opened in a second, where the machine has nothing else to do.
const timeoutMs = 60_000;

let started: Promise<Browser> | undefined;

/** Registers tests in Chromium; where there is none they are skipped, loudly. */
export function inChromium(test: RegisterTest): (name: string, body: TestBody) => void {
  return (name, body) => {
    if (found instanceof Error) test.skip(name, found.message);
    else test(name, { timeoutMs }, body);
  };
}

/** The one Chromium of this process, which ends with it. */
export function chromiumBrowser(): Promise<Browser> {
  return started ??= launch();
}

async function launch(): Promise<Browser> {
  if (found instanceof Error) throw found;
  const args = ["--disable-gpu", "--disable-quic", "--disable-dev-shm-usage"];
  return await chromium.launch({ executablePath: found.path, args });
}
