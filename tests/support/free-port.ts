import { createServer } from "node:net";

// Below the ports that systems hand to outgoing connections (from 32768 on Linux, 49152 elsewhere): while a server is
// down for a restart, a client that redials could otherwise be given that very port, or even connect to itself.
const lowestPort = 10_000;
const highestPort = 32_000;
const taken = new Set<number>();

/** A port of 127.0.0.1 that nothing listens on and that this process has not been given before. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = lowestPort + Math.floor(Math.random() * (highestPort - lowestPort));
    if (taken.has(port)) continue;
    taken.add(port);
    if (await canListen(port)) return port;
  }
  throw new Error("No free port found in 100 attempts");
}

function canListen(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const server = createServer();
    server.once("error", () => settle(false));
    server.listen(port, "127.0.0.1", () => server.close(() => settle(true)));
  });
}
