import { type Figure, none } from "../../faults/figures.ts";
import type { GatewayScene } from "./gateway-scene.ts";

/** The names of what {@linkcode processFigures} gives. */
export const processFigureNames: readonly string[] = [
  "strays in the gateway and the service",
  "bytes the gateway's process wrote",
];

/** What no experiment may do to the processes of the scene. */
export function processFigures({ gateway, service }: GatewayScene): readonly Figure[] {
  const strays = [...gateway.strays, ...service.strays];
  for (const stray of strays.slice(0, 5)) console.log(stray);
  if (gateway.output !== "") console.log(`The gateway's process wrote: ${gateway.output.slice(0, 2_000)}`);
  if (gateway.errorOutput !== "") console.log(`… and to its errors: ${gateway.errorOutput.slice(0, 2_000)}`);
  return [
    { name: processFigureNames[0]!, value: strays.length, limit: none },
    { name: processFigureNames[1]!, value: (gateway.output + gateway.errorOutput).length },
  ];
}
