/** What a rate limit counts by. The limiter keeps its keys, so none of them is a secret. */
import type { Hook } from '../telegram/hook-address.ts';
import { isLoopback } from '../../shared/loopback.ts';

/** What the address of a hook stands for: the address itself is as good as a password. */
export const hookKey = ({ deviceId, bot }: Hook): string => `${deviceId}:${bot}`;

/** The first 64 bits of an IPv6 address: whoever has one has all the others that begin so. Anything else stands for itself. */
export function addressKey(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  return [...before, ...zeros, ...after]
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}

/** The client's address, as such a key. Cloudflare says it, and not the client; null on a developer's machine, which knows itself alone. */
export function networkOf(headers: Headers): string | null {
  const address = headers.get('cf-connecting-ip');
  return address === null || isLoopback(address) ? null : addressKey(address);
}

/** The block that such a key is of, as they are handed out to one line or one machine room: 48 bits of IPv6, 24 of IPv4. */
export const blockOf = (key: string): string => key.split(/[.:]/).slice(0, 3).join();
