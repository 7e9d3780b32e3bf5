import { describeExperiments } from "./describe-experiments.ts";
import { forgedErrors } from "./forged-errors.ts";
import { forgedReplies } from "./forged-replies.ts";
import { hostileHeaders, hostileMessages } from "./hostile-messages.ts";
import { replySubjects } from "./reply-subjects.ts";

// A3 is the tests of injection in tests/nats/: they run by themselves.
describeExperiments("Messages that nobody should send", [
  hostileMessages,
  hostileHeaders,
  replySubjects,
  forgedReplies,
  forgedErrors,
]);
