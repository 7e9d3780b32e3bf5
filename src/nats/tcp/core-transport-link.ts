import type { ConnectionOptions, Server, Transport } from "@nats-io/nats-core/internal";
import type { DialOptions, Link, LinkEvents } from "../link.ts";
import { isIpAddress, type ServerAddress } from "../server-address.ts";

/**
 * Makes a link of a transport of the @nats-io packages: it dials, upgrades to TLS and reads. Nothing of nats-core's
 * connection is used: its factory of transports is one variable for the whole process, which any other code sets.
 */
export async function openCoreTransport(
  transport: Transport,
  server: ServerAddress,
  options: DialOptions,
  events: LinkEvents,
): Promise<Link> {
  const { signal, tls } = options;
  const name = server.tlsName ?? server.hostname;
  const isAddress = isIpAddress(name);
  const wantsTls = tls !== undefined || server.encrypted;
  const target: Server = {
    hostname: server.hostname,
    port: server.port,
    listen: `${server.hostname}:${server.port}`,
    src: server.url,
    tlsName: isAddress ? "" : name,
    reconnects: 0,
    lastConnect: 0,
    gossiped: false,
    didConnect: false,
  };
  const connectOptions = {
    // Without a name to send, node:tls would check the certificate of an address against "localhost".
    tls: wantsTls ? { ...tls, ...(isAddress ? { host: name } : {}) } : undefined,
  } as ConnectionOptions;

  const end = (): void => {
    // `close` with an error skips the wait for unsent bytes; `discard` frees what was not connected yet.
    transport.close(new Error("closed")).catch(() => {});
    transport.discard();
  };
  await new Promise<void>((resolve, reject) => {
    const onAbort = (): void => {
      end();
      reject(signal.reason);
    };
    if (signal.aborted) return onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    transport.connect(target, connectOptions).then(resolve, reject).finally(() => {
      signal.removeEventListener("abort", onAbort);
    });
  }).catch((error: unknown) => {
    end();
    throw error;
  });

  let closed = false;
  const tellClosed = (error?: Error): void => {
    if (closed) return;
    closed = true;
    events.onClose(error);
  };
  transport.closed().then((error) => tellClosed(error ?? transport.closeError));
  void (async () => {
    try {
      for await (const bytes of transport) {
        if (closed) return;
        // Of a Node `Buffer` each view would be a `Buffer` too, which takes twice the time of a plain one.
        events.onBytes(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      }
    } catch (error) {
      tellClosed(error as Error);
    }
  })();
  return {
    encrypted: transport.isEncrypted(),
    peerAddress: peerAddressOf(transport),
    send: (bytes) => transport.send(bytes),
    close: () => {
      closed = true;
      end();
    },
  };
}

/** transport-node keeps a socket, transport-deno a `Deno.Conn` (3.4.0). */
function peerAddressOf(transport: Transport): string | undefined {
  const { socket, conn } = transport as Transport & {
    readonly socket?: { readonly remoteAddress?: string };
    readonly conn?: { readonly remoteAddr?: { readonly hostname?: string } };
  };
  return socket?.remoteAddress ?? conn?.remoteAddr?.hostname;
}
