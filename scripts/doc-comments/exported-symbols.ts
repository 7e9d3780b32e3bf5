import { spawnSync } from "node:child_process";

/** A tag of a doc comment, as `deno doc --json` tells it. */
export interface DocTag {
  readonly kind: string;
  /** Of `@throws {TypeError}`, the type. */
  readonly type?: string;
  readonly doc?: string;
}

/** A doc comment. */
export interface DocComment {
  readonly doc?: string;
  readonly tags?: readonly DocTag[];
}

/** A member of a class or an interface. */
export interface SymbolMember {
  readonly name: string;
  readonly kind: "constructor" | "method" | "property";
  readonly comment: DocComment;
  /** Whether it takes arguments, or is a method. */
  readonly isCalled: boolean;
}

/** Something that an entry of the package exports. */
export interface ExportedSymbol {
  readonly name: string;
  readonly kind: "class" | "function" | "interface" | "typeAlias" | "variable";
  readonly place: string;
  readonly comment: DocComment;
  readonly members: readonly SymbolMember[];
  /** Whether it is a type of functions. */
  readonly isFunctionType: boolean;
}

/** What one entry exports. */
export interface DocumentedEntry {
  readonly path: string;
  readonly comment: DocComment;
  readonly symbols: readonly ExportedSymbol[];
}

interface RawMember {
  readonly name?: string;
  readonly kind?: string;
  readonly accessibility?: string;
  readonly jsDoc?: DocComment;
  readonly params?: readonly unknown[];
}

interface RawDeclaration {
  readonly kind: ExportedSymbol["kind"];
  readonly location: { readonly filename: string; readonly line: number };
  readonly jsDoc?: DocComment;
  readonly def: {
    readonly constructors?: readonly RawMember[];
    readonly methods?: readonly RawMember[];
    readonly properties?: readonly RawMember[];
    readonly tsType?: { readonly kind: string };
  };
}

interface RawEntry {
  readonly module_doc?: DocComment;
  readonly symbols: readonly { readonly name: string; readonly declarations: readonly RawDeclaration[] }[];
}

/** Reads what an entry exports with `deno doc`. */
export function readEntry(path: string): DocumentedEntry {
  const { status, stdout, stderr } = spawnSync("deno", ["doc", "--json", path], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    shell: process.platform === "win32",
  });
  if (status !== 0) throw new Error(`deno doc ${path} ended with ${status}: ${stderr}`);
  const [entry] = Object.values((JSON.parse(stdout) as { nodes: Record<string, RawEntry> }).nodes);
  const symbols = entry!.symbols.flatMap(({ name, declarations }) =>
    declarations.map((declaration): ExportedSymbol => ({
      name,
      kind: declaration.kind,
      place: `${declaration.location.filename.replace(/^.*?\/(?=src\/|mod\.ts)/, "")}:${declaration.location.line + 1}`,
      comment: declaration.jsDoc ?? {},
      members: membersOf(declaration),
      isFunctionType: declaration.def.tsType?.kind === "fnOrConstructor",
    }))
  );
  return { path, comment: entry!.module_doc ?? {}, symbols };
}

function membersOf({ def }: RawDeclaration): SymbolMember[] {
  const kinds = [["constructor", def.constructors], ["method", def.methods], ["property", def.properties]] as const;
  return kinds.flatMap(([kind, members = []]) =>
    members.filter(({ accessibility }) => accessibility !== "private").map((member) => ({
      name: member.name ?? kind,
      kind,
      comment: member.jsDoc ?? {},
      isCalled: kind === "method" ? member.kind !== "getter" : (member.params ?? []).length > 0,
    }))
  );
}
