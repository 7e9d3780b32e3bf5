import { hasNatsServer, natsServerAtLeast, natsServerVersion, whyNoNatsServer } from "./nats-server-program.ts";
import { describe, type RegisterTest, type TestBody, type TestOptions } from "./suite.ts";

export interface ServerNeeds {
  /** Oldest version of nats-server that the tests can run on, such as `2.11.0`. @default any */
  readonly minimumVersion?: string;
}

/** Like {@linkcode describe}, but skips every test, loudly, where there is no nats-server or only an older one. */
export function describeWithNatsServer(
  title: string,
  needs: ServerNeeds,
  register: (test: RegisterTest) => void,
): void {
  const reason = whyNot(needs);
  if (reason === undefined) return describe(title, register);
  describe(title, (test) => {
    function skip(name: string, ..._body: [TestBody] | [TestOptions, TestBody]): void {
      test.skip(name, reason!);
    }
    skip.skip = test.skip;
    register(skip);
  });
}

function whyNot({ minimumVersion }: ServerNeeds): string | undefined {
  if (!hasNatsServer) return whyNoNatsServer;
  if (minimumVersion === undefined || natsServerAtLeast(minimumVersion)) return undefined;
  return `needs nats-server ${minimumVersion} or later, this is ${natsServerVersion}`;
}
