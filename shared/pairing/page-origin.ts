/** Where the owner's pages live (docs/decisions/053). */
import { isLoopback } from '../loopback.ts';

/** The edge's origin, with the address of this machine as the name `localhost`: an IP address is no relying party id (WebAuthn, section 5.1.2). */
export function pageOrigin(origin: string): string {
  const url = new URL(origin);
  if (isLoopback(url.hostname)) url.hostname = 'localhost';
  return url.origin;
}
