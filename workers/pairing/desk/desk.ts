/** The Durable Object of pairings under way: RPC on one side, the desk's plain functions on the other. */
import { DurableObject } from 'cloudflare:workers';
import { createAlarm } from '../../durable/alarm.ts';
import { type Remote, answer } from '../../durable/answer.ts';
import { createSql, systemClock, systemRandom } from '../../durable/runtime.ts';
import type { Env } from '../../environment.ts';
import { type ComposedDesk, createDesk } from './compose.ts';
import type { DeskCore } from './desk-api.ts';

type Given<Name extends keyof DeskCore> = Parameters<DeskCore[Name]>[0];

export class Desk extends DurableObject<Env> implements Remote<DeskCore> {
  readonly #desk: ComposedDesk;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#desk = createDesk({
      sql: createSql(ctx.storage),
      clock: systemClock,
      random: systemRandom,
      alarm: createAlarm(ctx, systemClock),
    });
  }

  override alarm(): void {
    this.#desk.sweep();
  }

  open(request: Given<'open'>) {
    return answer(() => this.#desk.core.open(request));
  }
  find(userCode: Given<'find'>) {
    return answer(() => this.#desk.core.find(userCode));
  }
  decide(decision: Given<'decide'>) {
    return answer(() => this.#desk.core.decide(decision));
  }
  poll(poll: Given<'poll'>) {
    return answer(() => this.#desk.core.poll(poll));
  }
  close(pairingId: Given<'close'>) {
    return answer(() => this.#desk.core.close(pairingId));
  }
}
