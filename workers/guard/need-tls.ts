/** Secrets go to and fro over TLS alone (RFC 6749, sections 3.1 and 3.2), or stay on this machine. */
import type { MiddlewareHandler } from 'hono';
import { PryxError } from '../../shared/error.ts';
import { isLoopback } from '../../shared/loopback.ts';
import { type EdgeContext, readOrigin } from '../environment.ts';

/** Goes by the origin that devices know: behind a proxy the request itself may have come without TLS. */
export const needTls: MiddlewareHandler<EdgeContext> = async (c, next) => {
  const { protocol, hostname } = new URL(readOrigin(c.env, c.req.url));
  if (protocol !== 'https:' && !isLoopback(hostname))
    throw new PryxError('bad_request', 'This edge is asked over TLS alone.', {
      hint: 'Use its https:// address; behind a proxy, set PRYX_EDGE_ORIGIN to it.',
    });
  await next();
};
