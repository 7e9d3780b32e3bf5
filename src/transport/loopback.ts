/** Tells an address or a name of this machine; other names are not looked up. */
export function isLoopback(host: string): boolean {
  return /^(?:127(?:\.\d{1,3}){3}|::1|::ffff:127(?:\.\d{1,3}){3}|::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4}|(?:.+\.)?localhost)$/i
    .test(host);
}
