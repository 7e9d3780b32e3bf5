import { readFile } from "node:fs/promises";

/** What the library's own manifest says. */
export interface OwnPackage {
  /** Its name. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
}

/** The manifest of the package that this file is a part of: two folders up, in the source and in what is built of it. */
export async function ownPackage(): Promise<OwnPackage> {
  const { name, version } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
  return { name, version };
}
