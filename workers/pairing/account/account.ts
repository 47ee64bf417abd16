/** The Durable Object of the owner of this edge: RPC on one side, the account's plain functions on the other. */
import { DurableObject } from 'cloudflare:workers';
import { createAlarm } from '../../durable/alarm.ts';
import { type Remote, answer, read } from '../../durable/answer.ts';
import { createSql, systemClock, systemRandom } from '../../durable/runtime.ts';
import type { Env } from '../../environment.ts';
import { createKeyringLoader, markText } from '../../keys/keyring.ts';
import { askMailbox } from '../../mailbox/ask.ts';
import type { AccountCore } from './account-api.ts';
import { type ComposedAccount, createAccount } from './compose.ts';

type Given<Name extends keyof AccountCore> = Parameters<AccountCore[Name]>[0];

export class Account extends DurableObject<Env> implements Remote<AccountCore> {
  readonly #account: ComposedAccount;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const loadKeyring = createKeyringLoader();
    this.#account = createAccount({
      sql: createSql(ctx.storage),
      clock: systemClock,
      random: systemRandom,
      alarm: createAlarm(ctx, systemClock),
      mailboxes: {
        admit: (device) => read(askMailbox(env, device.deviceId).admit(device)),
        revoke: (deviceId, how) => read(askMailbox(env, deviceId).revoke(how)),
      },
      mark: async (label, text) => markText(await loadKeyring(env.PRYX_EDGE_KEYS), label, text),
    });
  }

  override alarm(): Promise<void> {
    return this.#account.sweep();
  }

  devices() {
    return answer(() => this.#account.core.devices());
  }
  renameDevice(change: Given<'renameDevice'>) {
    return answer(() => this.#account.core.renameDevice(change));
  }
  revokeDevice(change: Given<'revokeDevice'>) {
    return answer(() => this.#account.core.revokeDevice(change));
  }
  takeProof(proof: Given<'takeProof'>) {
    return answer(() => this.#account.core.takeProof(proof));
  }
  admit(admission: Given<'admit'>) {
    return answer(() => this.#account.core.admit(admission));
  }
  refresh(use: Given<'refresh'>) {
    return answer(() => this.#account.core.refresh(use));
  }
  revokeToken(token: Given<'revokeToken'>) {
    return answer(() => this.#account.core.revokeToken(token));
  }

  // The owner, by way of the pages.
  look(given: Given<'look'>) {
    return answer(() => this.#account.core.look(given));
  }
  claim(given: Given<'claim'>) {
    return answer(() => this.#account.core.claim(given));
  }
  signIn(given: Given<'signIn'>) {
    return answer(() => this.#account.core.signIn(given));
  }
  recover(given: Given<'recover'>) {
    return answer(() => this.#account.core.recover(given));
  }
  beforePasskey(given: Given<'beforePasskey'>) {
    return answer(() => this.#account.core.beforePasskey(given));
  }
  addPasskey(given: Given<'addPasskey'>) {
    return answer(() => this.#account.core.addPasskey(given));
  }
  renamePasskey(given: Given<'renamePasskey'>) {
    return answer(() => this.#account.core.renamePasskey(given));
  }
  removePasskey(given: Given<'removePasskey'>) {
    return answer(() => this.#account.core.removePasskey(given));
  }
  renewRecoveryCodes(given: Given<'renewRecoveryCodes'>) {
    return answer(() => this.#account.core.renewRecoveryCodes(given));
  }
  signOut(given: Given<'signOut'>) {
    return answer(() => this.#account.core.signOut(given));
  }
  signOutEverywhere(given: Given<'signOutEverywhere'>) {
    return answer(() => this.#account.core.signOutEverywhere(given));
  }
  enterCode(given: Given<'enterCode'>) {
    return answer(() => this.#account.core.enterCode(given));
  }
  codeFound(given: Given<'codeFound'>) {
    return answer(() => this.#account.core.codeFound(given));
  }
  overview(given: Given<'overview'>) {
    return answer(() => this.#account.core.overview(given));
  }
}
