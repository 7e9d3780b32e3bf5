import * as assert from "uvu/assert";
import { isMessagingError, type NatsTlsOptions, NatsTransport } from "../../mod.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { describe } from "../support/suite.ts";
import { ownNamespace } from "../transport-behaviour/desk.ts";
import type { BrokerCertificates } from "./brokers.ts";

/** An encrypted broker. */
export interface TlsTarget {
  /** `tls://` or `wss://`. */
  readonly url: string;
  readonly certificates: BrokerCertificates;
}

const connectTimeoutMs = 2_000;

/** What every transport that takes an authority does with it. */
export function tlsBehaviour(name: string, target: TlsTarget & { readonly plainUrl: string }): void {
  const { ca, caFile, otherCa, otherCaFile } = target.certificates;
  describe(name, (test) => {
    test("open() connects with caFile", () => exchange(target.url, { caFile }));

    test("open() connects with the text of ca", () => exchange(target.url, { ca }));

    test("open() asks a function for ca", () => exchange(target.url, { ca: () => Promise.resolve(ca) }));

    test("open() refuses a broker of another authority, by file", () => refused(target.url, { caFile: otherCaFile }));

    test("open() refuses a broker of another authority, by text", () => refused(target.url, { ca: otherCa }));

    test("open() refuses a broker that no authority of the runtime knows", () => refused(target.url, undefined));

    test("open() refuses a broker in plain text, and sends it nothing in plain text", async () => {
      const error = await refused(target.plainUrl, { ca });
      assert.not.match(error.message, "wants a client certificate");
    });

    test("open() rejects when caFile is not there", () => refused(target.url, { caFile: `${caFile}.missing` }));
  });
}

/** What TCP does with a server that encrypts before its first word. */
export function handshakeFirstBehaviour(name: string, target: TlsTarget): void {
  const { ca, otherCa } = target.certificates;
  describe(name, (test) => {
    test("open() connects with handshakeFirst", () => exchange(target.url, { ca, handshakeFirst: true }));

    test("open() with handshakeFirst refuses a broker of another authority", () =>
      refused(target.url, { ca: otherCa, handshakeFirst: true }));
  });
}

/** What every transport that takes a client certificate does with it. */
export function mutualTlsBehaviour(name: string, target: TlsTarget): void {
  const { ca, caFile, clientCert, clientCertFile, clientKey, clientKeyFile } = target.certificates;
  describe(name, (test) => {
    test("open() shows the certificate of certFile and keyFile", () =>
      exchange(target.url, { caFile, certFile: clientCertFile, keyFile: clientKeyFile }));

    test("open() shows the certificate of the texts cert and key", () =>
      exchange(target.url, { ca, cert: clientCert, key: clientKey }));

    test("open() without a client certificate is refused by the broker", () => refused(target.url, { caFile }));

    // When the broker's alert comes in an awkward moment, nobody may listen to the socket's errors.
    test("open() without a client certificate is a rejection each time, and never an uncaught error", async () => {
      for (let count = 0; count < 30; count++) await refused(target.url, { caFile });
    });
  });
}

async function exchange(url: string, tls: NatsTlsOptions): Promise<void> {
  const transport = new NatsTransport({ servers: url, authentication: { tls }, connectTimeoutMs });
  const connection = await transport.open();
  try {
    const subject = ownNamespace();
    const heard: number[] = [];
    await connection.subscribe(subject, { onMessage: ({ body }) => heard.push(body.length) }).ready;
    await connection.publish(subject, new Uint8Array(100_000), { timeoutMs: 2_000, operation: "bytes" });
    await connection.flush(2_000);
    assert.equal(heard, [100_000]);
  } finally {
    await connection.close();
  }
}

async function refused(url: string, tls: NatsTlsOptions | undefined): Promise<Error> {
  const authentication = tls === undefined ? {} : { tls };
  const transport = new NatsTransport({ servers: url, authentication, connectTimeoutMs });
  const error = await expectRejection(transport.open(), { code: "DISCONNECTED", message: /^Cannot connect to / });
  assert.ok(isMessagingError(error) && error.execution === "not-executed");
  assert.is(transport.status, "closed");
  return error;
}
