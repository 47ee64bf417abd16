/** How the Worker reaches the one object of the account. */
import type { Remote } from '../../durable/answer.ts';
import type { Env } from '../../environment.ts';
import type { AccountCore } from './account-api.ts';

export function askAccount(env: Pick<Env, 'ACCOUNT'>): Remote<AccountCore> {
  return env.ACCOUNT.getByName('account') as unknown as Remote<AccountCore>;
}
