import { NatsTransport } from "../../mod.ts";
const b = JSON.parse(Deno.env.get("BROKERS")!);
const codes: any = {};
for (let i = 0; i < 300; i++) {
  const t = new NatsTransport({ servers: b.mutual.tcpUrl, authentication: { tls: { caFile: b.certificates.caFile } }, connectTimeoutMs: 2000 });
  const s = performance.now();
  await t.open().then(() => codes.OPEN = 1, (e) => { const k = e.message.replace(/\d{4,}/g, "N"); codes[k] = (codes[k] ?? 0) + 1; });
  if (performance.now() - s > 500) codes.slow = (codes.slow ?? 0) + 1;
}
console.log(codes);
Deno.exit();
