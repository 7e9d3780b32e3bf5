import { RawSocket } from "./raw-socket.ts";

const atOnce = 100;
/** Fewer than the streams that one identity may have. */
const perAddress = 25;

/** Opens so many connections from addresses that begin like this, and writes the same on each. */
export async function openSockets(
  port: number,
  count: number,
  addresses: string,
  text = "",
  { reads = true }: { readonly reads?: boolean } = {},
): Promise<readonly RawSocket[]> {
  const sockets: RawSocket[] = [];
  while (sockets.length < count) {
    const more = Math.min(atOnce, count - sockets.length);
    const opened = await Promise.all(Array.from({ length: more }, (_, index) => {
      const address = `${addresses}${1 + Math.floor((sockets.length + index) / perAddress) % 250}`;
      return RawSocket.connect(port, { address, reads });
    }));
    if (text !== "") { for (const socket of opened) socket.write(text); }
    sockets.push(...opened);
  }
  return sockets;
}
