import { MessagingError } from "../../errors/messaging-error.ts";

/** Whether a broker's version is at least another, `major.minor.patch` both; a preview counts as what it is before. */
export function isAtLeast(version: string, wanted: string): boolean {
  const have = numbersOf(version);
  const want = numbersOf(wanted);
  const index = want.findIndex((number, position) => number !== have[position]);
  return index < 0 || (have[index] ?? 0) > want[index]!;
}

/** Refuses what an older broker cannot do. @throws {MessagingError} `UNSUPPORTED` */
export function requireBroker(version: string, wanted: string, what: string): void {
  if (isAtLeast(version, wanted)) return;
  throw new MessagingError("UNSUPPORTED", `${what} needs nats-server ${wanted} or newer; this is ${version}`);
}

function numbersOf(version: string): readonly number[] {
  return version.split("-", 1)[0]!.split(".").map(Number);
}
