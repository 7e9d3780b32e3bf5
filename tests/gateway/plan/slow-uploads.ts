import { type Figure, none } from "../../faults/figures.ts";
import { pauseMs } from "../../faults/pause-ms.ts";
import type { GatewayScene } from "./gateway-scene.ts";
import { RawSocket } from "./raw-socket.ts";

/** Longer than the gateway takes to look at a call for the first time. */
const lastsMs = 600;
const atOnce = 50;
const kibibyte = 1_024;

/** Honest bodies in two chunks with a while between them: gives what the gateway keeps of each when it is over. */
export async function slowUploads(scene: GatewayScene, times: number): Promise<readonly Figure[]> {
  const { gateway, port } = scene;
  // What is made once for all of them is there after the first ones.
  await uploadAll(port, atOnce);
  const before = await gateway.tell("measure");
  const refused = await uploadAll(port, times);
  const after = await gateway.tell("measure");
  return [
    { name: "slow uploads that were not served", value: refused, limit: none },
    {
      name: "heap kept per slow upload",
      value: (after.heapBytes - before.heapBytes) / times / kibibyte,
      unit: "KiB",
      limit: { atMost: 2 },
    },
  ];
}

/** Gives how many were not served. */
async function uploadAll(port: number, times: number): Promise<number> {
  let refused = 0;
  let left = times;
  const work = async (worker: number): Promise<void> => {
    while (left-- > 0) if (!await upload(port, `127.0.${50 + worker % 4}.${1 + left % 250}`)) refused += 1;
  };
  await Promise.all(Array.from({ length: atOnce }, (_, worker) => work(worker)));
  return refused;
}

async function upload(port: number, address: string): Promise<boolean> {
  using socket = await RawSocket.connect(port, { address });
  const start = '{"text":"';
  socket.write(
    "POST /trial/v1/say HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" +
      `${start.length.toString(16)}\r\n${start}\r\n`,
  );
  await pauseMs(lastsMs);
  const rest = `${"a".repeat(10_000)}"}`;
  socket.write(`${rest.length.toString(16)}\r\n${rest}\r\n0\r\n\r\n`);
  return (await socket.until(/\r\n\r\n/)).startsWith("HTTP/1.1 200 ");
}
