// This library with telemetry that is on: every span goes to a batch processor.
import { register } from "./telemetry.mjs";

register(1);

export { open, serve } from "./telemetry.mjs";
