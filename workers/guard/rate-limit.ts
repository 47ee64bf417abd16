/** Rate limits by Cloudflare's binding: one count a hook for webhooks, one a client address for everything else, and a small one where something could be guessed. */
import type { Context, MiddlewareHandler } from 'hono';
import { PryxError } from '../../shared/error.ts';
import type { EdgeContext } from '../environment.ts';
import type { Hook } from '../telegram/hook-address.ts';
import { hookKey, networkOf } from './limit-key.ts';

/** For every public route but the genuine webhook. Fails closed: without a working limiter nobody gets to guess. */
export const limitByAddress: MiddlewareHandler<EdgeContext> = async (c, next) => {
  await countAddress(c);
  await next();
};

export const countAddress = (c: Context<EdgeContext>): Promise<void> => count(c, 'PUBLIC_LIMIT');

/** Where a pairing is begun, and for each guess that was wrong: of a code, a token, a secret. */
export const countPairing = (c: Context<EdgeContext>): Promise<void> => count(c, 'PAIRING_LIMIT');

async function count(c: Context<EdgeContext>, name: 'PUBLIC_LIMIT' | 'PAIRING_LIMIT'): Promise<void> {
  const limiter = c.env[name];
  if (limiter === undefined) throw new PryxError('unavailable', `The rate limiter ${name} is not bound.`);
  const { success } = await limiter.limit({ key: networkOf(c.req.raw.headers) ?? 'local' });
  if (!success) throw limited();
}

/** For a hook whose address is genuine. Fails open: a broken limiter must not lose what people wrote. */
export async function countHook(c: Context<EdgeContext>, hook: Hook): Promise<void> {
  const limiter = c.env.HOOK_LIMIT;
  if (limiter === undefined) return;
  const outcome = await limiter.limit({ key: hookKey(hook) }).catch(() => ({ success: true }));
  if (!outcome.success) throw limited();
}

function limited(): PryxError {
  return new PryxError('rate_limited', 'Too many requests.', { hint: 'Wait a minute and try again.' });
}
