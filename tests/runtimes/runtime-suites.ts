// The list of suites that every runtime runs; the entries beside this file say what their runtime refuses.
// No import of a runtime here: the same file runs in Node, Bun, Deno, workerd and a browser.
// This import stays first: bundlers leave out an import without names, as `suite.ts` has one of what uvu must find.
import { reportFailure, runSuites, type SuiteResult } from "../support/run-suites.ts";
import { HttpTransport, MemoryBroker, MemoryTransport, NatsTransport, type NatsTransportOptions } from "../../mod.ts";
import { eventStoreBehaviour } from "../event-store-behaviour/event-store-behaviour.ts";
import { memoryKind } from "../event-store-behaviour/memory-kind.ts";
import { natsKind } from "../event-store-behaviour/nats-kind.ts";
import { eventReaderBehaviour } from "../http/event-reader-behaviour.ts";
import { gatewayBehaviour } from "../gateway/gateway-behaviour.ts";
import { payloadEncryption } from "../security/payload-encryption.ts";
import { protectedMessages } from "../security/protected-messages.ts";
import { toError } from "../support/to-error.ts";
import { deskContract } from "../transport-behaviour/desk.ts";
import { connectToOwnGateway } from "../transport-behaviour/gateway-in-process.ts";
import { httpKind } from "../transport-behaviour/http-kind.ts";
import { transportBehaviour } from "../transport-behaviour/transport-behaviour.ts";
import type { Brokers } from "./brokers.ts";
import { mixedServersBehaviour } from "./mixed-servers-behaviour.ts";
import { refusedBehaviour } from "./refused-behaviour.ts";
import type { TransportName, TransportReport } from "./runtime-report.ts";
import { handshakeFirstBehaviour, mutualTlsBehaviour, tlsBehaviour } from "./tls-behaviour.ts";

/** What a runtime cannot do, by the text of the error that says so; what is not named here must work. */
export interface RuntimeRefusals {
  /** TCP, and with it TLS and client certificates over TCP. */
  readonly tcp?: RegExp;
  /** Certificates of one's own for a WebSocket. */
  readonly websocketCertificates?: RegExp;
}

/** Runs every suite, transport by transport, and gives what came of each. */
export async function runRuntimeSuites(brokers: Brokers, refusals: RuntimeRefusals = {}): Promise<TransportReport[]> {
  const { tcpUrl, websocketUrl, encrypted, mutual, certificates } = brokers;
  const { ca, clientCert: cert, clientKey: key } = certificates;
  const strays = collectStrays();
  const reports: TransportReport[] = [];

  async function run(transport: TransportName, register: () => void): Promise<void> {
    reports.push(await runTransport(transport, [], register, strays));
  }

  async function runOrRefuse(
    transport: TransportName,
    refusal: RegExp | undefined,
    attempts: readonly NatsTransportOptions[],
    register: () => void,
  ): Promise<void> {
    if (refusal === undefined) return await run(transport, register);
    const reasons: string[] = [];
    const registerRefusals = (): void => refusedBehaviour(transport, attempts, refusal, reasons);
    reports.push(await runTransport(transport, reasons, registerRefusals, strays));
  }

  const broker = new MemoryBroker();
  const overMemory = () => new MemoryTransport({ broker });
  await run("memory", () => {
    const kind = { name: "memory", connect: overMemory };
    transportBehaviour(kind);
    payloadEncryption();
    protectedMessages(kind);
    gatewayBehaviour(kind);
    eventStoreBehaviour(memoryKind());
  });
  await runOrRefuse("TCP", refusals.tcp, [{ servers: tcpUrl }], () => {
    transportBehaviour({ name: "TCP", connect: () => new NatsTransport({ servers: tcpUrl }) });
    eventStoreBehaviour(natsKind("TCP", tcpUrl));
  });
  const tls = { ca };
  await runOrRefuse("TLS", refusals.tcp, [
    { servers: encrypted.tcpUrl },
    { servers: encrypted.tcpUrl, authentication: { tls } },
  ], () => {
    tlsBehaviour("TLS", { url: encrypted.tcpUrl, plainUrl: tcpUrl.replace("nats:", "tls:"), certificates });
    handshakeFirstBehaviour("TLS at once", { url: brokers.handshakeFirstUrl, certificates });
  });
  const mutualTls = { ca, cert, key };
  await runOrRefuse("mutual TLS", refusals.tcp, [
    { servers: mutual.tcpUrl, authentication: { tls: mutualTls } },
  ], () => mutualTlsBehaviour("mutual TLS", { url: mutual.tcpUrl, certificates }));
  await run("WebSocket", () => {
    const kind = { name: "WebSocket", connect: () => new NatsTransport({ servers: websocketUrl }) };
    transportBehaviour(kind);
    gatewayBehaviour(kind);
    mixedServersBehaviour(brokers);
    // It waits for the broker more than for the transport: once in each runtime is enough.
    if (refusals.tcp !== undefined) eventStoreBehaviour(natsKind("WebSocket", websocketUrl));
  });
  await runOrRefuse("WebSocket with certificates", refusals.websocketCertificates, [
    { servers: encrypted.websocketUrl, authentication: { tls } },
    { servers: mutual.websocketUrl, authentication: { tls: mutualTls } },
  ], () => {
    const plainUrl = websocketUrl.replace("ws:", "wss:");
    tlsBehaviour("WebSocket with an authority", { url: encrypted.websocketUrl, plainUrl, certificates });
    mutualTlsBehaviour("WebSocket with a client certificate", { url: mutual.websocketUrl, certificates });
  });
  await run("HTTP", () => {
    const serve = () => new NatsTransport({ servers: websocketUrl });
    transportBehaviour(httpKind("HTTP", serve, ({ namespace = "none" } = { contract: deskContract }) => {
      return new HttpTransport({ url: `${brokers.gatewaysUrl}/${namespace}` });
    }));
  });
  await run("gateway", () => {
    transportBehaviour(httpKind("gateway", overMemory, connectToOwnGateway(overMemory)));
    eventReaderBehaviour();
  });
  return reports;
}

async function runTransport(
  transport: TransportName,
  reasons: string[],
  register: () => void,
  strays: Error[],
): Promise<TransportReport> {
  const result = await runSuites([{ name: transport, load: () => Promise.resolve(register()) }]);
  // A rejection is told as unhandled after the turn that made it.
  await new Promise((settle) => setTimeout(settle, 10));
  for (const error of strays.splice(0)) reportFailure(result, `${transport} left a rejection unhandled`, error);
  return toReport(transport, result, reasons);
}

function toReport(transport: TransportName, result: SuiteResult, reasons: string[]): TransportReport {
  const { passed, failed, skipped } = result;
  const refused = reasons.length > 0 ? passed : 0;
  return { transport, run: passed + failed + skipped, passed: passed - refused, refused, failed, reasons };
}

/** Node and Bun end a process that leaves a rejection unhandled, which its starter sees; the others tell the page. */
function collectStrays(): Error[] {
  const strays: Error[] = [];
  const { addEventListener } = globalThis as { addEventListener?: typeof globalThis.addEventListener };
  addEventListener?.("unhandledrejection", (event) => strays.push(toError(event.reason)));
  return strays;
}
