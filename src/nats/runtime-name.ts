/** Names the runtime in error texts. Nothing decides by it: what differs between runtimes is a file of its own. */
export function runtimeName(): string {
  const { Deno, Bun, process, navigator } = globalThis as {
    Deno?: { version?: { deno?: string } };
    Bun?: { version?: string };
    process?: { versions?: { node?: string } };
    navigator?: { userAgent?: string };
  };
  if (Deno?.version?.deno !== undefined) return `Deno ${Deno.version.deno}`;
  if (Bun?.version !== undefined) return `Bun ${Bun.version}`;
  if (navigator?.userAgent === "Cloudflare-Workers") return "Cloudflare Workers";
  if (process?.versions?.node !== undefined) return `Node.js ${process.versions.node}`;
  return "this browser or worker";
}
