import { findEagerFiles } from "./eager-files.ts";
import type { Library, LibraryFile, LibraryImport, Violation } from "./library.ts";

/** What the checks hold the library to. */
export interface ImportRules {
  /** Which other rooms (folders of `src/`) each room may import from. */
  readonly rooms: Readonly<Record<string, readonly string[]>>;
  /** Rooms that every room may import from. */
  readonly everywhere: readonly string[];
  /** Rooms that every room may import types from. */
  readonly typesEverywhere: readonly string[];
  /** Folders whose files may import what {@linkcode runtimeModules} matches. */
  readonly runtimeFolders: readonly string[];
  readonly runtimeModules: RegExp;
  /** The folder whose files may import what {@linkcode natsModules} matches. */
  readonly natsFolder: string;
  readonly natsModules: RegExp;
  /** The folder whose files may also import what {@linkcode keyModules} matches: keys and signatures, no connections. */
  readonly keyFolder: string;
  readonly keyModules: RegExp;
  /** The modules that may be loaded lazily only. */
  readonly lazyModules: RegExp;
  /** The one folder that may import from OpenTelemetry, and what it may import of it. */
  readonly telemetryFolder: string;
  readonly telemetryModules: RegExp;
  /** The files that may import a name that they are given. */
  readonly computedFiles: readonly string[];
  readonly forbiddenFileNames: readonly string[];
  readonly maximumLines: number;
}

/** Every import stays inside `src/`, and between rooms goes along an arrow. */
export function checkRooms(library: Library, rules: ImportRules): Violation[] {
  const violations: Violation[] = [];
  for (const file of library.files.values()) {
    if (!library.entries.includes(file.path) && rules.rooms[roomOf(file.path)] === undefined) {
      violations.push({ path: file.path, line: 1, reason: `lies in no room: ${Object.keys(rules.rooms).join(", ")}` });
    }
    for (const found of file.imports) {
      const reason = whyNotBetweenRooms(library, file, found, rules);
      if (reason !== undefined) violations.push({ path: file.path, line: found.line, reason });
    }
  }
  return violations;
}

function whyNotBetweenRooms(
  { entries }: Library,
  file: LibraryFile,
  found: LibraryImport,
  rules: ImportRules,
): string | undefined {
  if (found.kind === "computed") {
    if (rules.computedFiles.includes(file.path)) return undefined;
    return "imports a computed name: no bundler and no check can follow it";
  }
  for (const target of found.targets) {
    if (entries.includes(target)) return `imports ${target}, which is the door and imports everything`;
    if (!target.startsWith("src/")) return `imports ${target}, which is not published`;
    if (entries.includes(file.path)) continue;
    const [from, to] = [roomOf(file.path), roomOf(target)];
    if (from === to || rules.everywhere.includes(to)) continue;
    if (found.kind === "type" && rules.typesEverywhere.includes(to)) continue;
    if (!rules.rooms[from]?.includes(to)) return `src/${from}/ may not import from src/${to}/ (${found.specifier})`;
  }
  return undefined;
}

/** Only the files chosen by runtime name what only one runtime has. */
export function checkRuntimeModules(library: Library, rules: ImportRules): Violation[] {
  return checkEach(library, (file, { specifier }) => {
    if (!rules.runtimeModules.test(specifier) || isUnder(file, rules.runtimeFolders)) return undefined;
    return `imports ${specifier}, which only ${rules.runtimeFolders.join(" and ")} may`;
  });
}

/** Only the NATS room knows the NATS packages, and a program that uses another transport loads none of them. */
export function checkNatsPackages(library: Library, rules: ImportRules): Violation[] {
  const eager = findEagerFiles(library);
  return checkEach(library, (file, { specifier, kind }) => {
    // A subpath of its own: a program that does not import it loads none of it.
    const isKey = isUnder(file, [rules.keyFolder]) && rules.keyModules.test(specifier);
    const mayImport = isUnder(file, [rules.natsFolder]) || isKey;
    if (rules.natsModules.test(specifier) && !mayImport) {
      return `imports ${specifier}, which only ${rules.natsFolder} may`;
    }
    if (isKey || !rules.lazyModules.test(specifier) || kind !== "value" || !eager.has(file.path)) return undefined;
    return `imports a value of ${specifier} in a file that loads with the library (${chain(file.path, eager)}): ` +
      `use await import() or import type`;
  });
}

/** A program without telemetry loads nothing of OpenTelemetry, and one with it nothing but its API. */
export function checkTelemetryPackages(library: Library, rules: ImportRules): Violation[] {
  return checkEach(library, (file, { specifier }) => {
    if (!specifier.startsWith("@opentelemetry/")) return undefined;
    if (!isUnder(file, [rules.telemetryFolder])) return `imports ${specifier}, which only ${rules.telemetryFolder} may`;
    return rules.telemetryModules.test(specifier) ? undefined : `imports ${specifier}: the API alone is wanted`;
  });
}

/** Names that say nothing, and files that hold more than one idea. */
export function checkFileNames(library: Library, rules: ImportRules): Violation[] {
  const violations: Violation[] = [];
  for (const { path, lines } of library.files.values()) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (rules.forbiddenFileNames.includes(name)) {
      violations.push({ path, line: 1, reason: `is named ${name}: name the idea that it holds` });
    }
    const saysWhy = lines.slice(0, 10).some((line) => /^\s*(\/\/|\/?\*).*\blines\b/.test(line));
    if (lines.length > rules.maximumLines && !saysWhy) {
      const reason =
        `has ${lines.length} lines and no comment at its top says why it has more than ${rules.maximumLines} lines`;
      violations.push({ path, line: 1, reason });
    }
  }
  return violations;
}

function checkEach(
  library: Library,
  whyNot: (file: LibraryFile, found: LibraryImport) => string | undefined,
): Violation[] {
  const violations: Violation[] = [];
  for (const file of library.files.values()) {
    for (const found of file.imports) {
      const reason = whyNot(file, found);
      if (reason !== undefined) violations.push({ path: file.path, line: found.line, reason });
    }
  }
  return violations;
}

function roomOf(path: string): string {
  return /^src\/([^/]+)\//.exec(path)?.[1] ?? "";
}

function isUnder(file: LibraryFile, folders: readonly string[]): boolean {
  return folders.some((folder) => file.path.startsWith(folder));
}

function chain(path: string, eager: Map<string, string | undefined>): string {
  const names = [path];
  for (let next = eager.get(path); next !== undefined; next = eager.get(next)) names.unshift(next);
  return names.join(" → ");
}
