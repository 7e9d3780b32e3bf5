/** The contract that the mission's code imports as `./your-contract`. */
export const yourContractText = `import { createContract } from '@magicbutton/messaging';
import * as v from 'valibot';

export const yourContract = createContract({
  name: 'your-service',
  version: '1.0.0',
  requests: {
    yourRequest: { request: v.object({ data: v.string() }), response: v.object({ result: v.string() }) },
  },
  events: { yourEvent: v.object({ message: v.string() }) },
});
`;
