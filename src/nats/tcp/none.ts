import { MessagingError } from "../../errors/messaging-error.ts";
import type { Dial } from "../link.ts";
import { runtimeName } from "../runtime-name.ts";

/** This runtime has no TCP sockets. */
export const canDialTcp = false;

/** Refuses, and names the way out. */
export const dialTcp: Dial = () =>
  Promise.reject(
    new MessagingError(
      "UNSUPPORTED",
      `There are no TCP connections to NATS in ${runtimeName()}: give a ws:// or wss:// server, or use HttpTransport`,
    ),
  );
