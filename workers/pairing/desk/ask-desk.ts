/** How the Worker reaches the one object of the desk. */
import type { Remote } from '../../durable/answer.ts';
import type { Env } from '../../environment.ts';
import type { DeskCore } from './desk-api.ts';

export function askDesk(env: Pick<Env, 'DESK'>): Remote<DeskCore> {
  return env.DESK.getByName('desk') as unknown as Remote<DeskCore>;
}
