/** Whether this edge has an owner, or can get one: a check of `/readyz`. */
import { read } from '../durable/answer.ts';
import type { Env } from '../environment.ts';
import { askAccount } from './account/ask-account.ts';
import { readSetupCode } from './setup-code.ts';

/** Throws `unavailable`, saying why nobody can claim it. */
export async function checkOwner(env: Env): Promise<void> {
  const { claimed } = await read(askAccount(env).look({ session: null, setupCode: null }));
  if (!claimed) await readSetupCode(env);
}
