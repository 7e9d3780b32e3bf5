import { payloadEncryption } from "./payload-encryption.ts";

payloadEncryption();
