/** Where the owner's pages live (docs/decisions/053). */

/** The edge's origin, with the address of this machine as the name `localhost`: an IP address is no relying party id (WebAuthn, section 5.1.2). */
export function pageOrigin(origin: string): string {
  const url = new URL(origin);
  if (/^(127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname)) url.hostname = 'localhost';
  return url.origin;
}
