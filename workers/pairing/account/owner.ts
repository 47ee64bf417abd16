/** The owner of this edge: claims it, signs in with a passkey, and keeps the passkeys in order. Await first, then transact. */
import { PryxError } from '../../../shared/error.ts';
import { createCodeEntries } from './code-entries.ts';
import type { Events } from './events.ts';
import type { OwnerCore } from './owner-api.ts';
import { createPasskeys } from './passkeys.ts';
import type { AccountPorts } from './ports.ts';
import { createRecovery } from './recovery.ts';
import { createSessions } from './sessions.ts';
import { createSpentChallenges } from './spent-challenges.ts';
import { readPasskeyId, verifyNewPasskey, verifyPasskeyUse } from './verify-passkey.ts';

export type OwnerPorts = Pick<AccountPorts, 'sql' | 'clock' | 'random' | 'mark'> & { events: Events };

export function createOwner({ sql, clock, random, mark, events }: OwnerPorts): OwnerCore {
  const passkeys = createPasskeys({ sql, clock });
  const sessions = createSessions({ sql, clock });
  const recovery = createRecovery({ sql, random, mark });
  const spent = createSpentChallenges({ sql, clock });
  const entries = createCodeEntries({ sql, clock });

  const userHandle = (): string | undefined =>
    sql.all<{ userHandle: string }>('select user_handle as userHandle from owner')[0]?.userHandle;
  const codeUsed = (digest: string): boolean =>
    sql.all('select digest from used_setup_code where digest = ?', digest).length === 1;

  function mayAddPasskey(session: string): void {
    if (!sessions.require(session).recovered) sessions.requireFresh(session);
  }

  return {
    look: ({ session, setupCode }) => ({
      claimed: userHandle() !== undefined,
      codeUsed: setupCode !== null && codeUsed(setupCode),
      session: (session !== null && sessions.find(session)) || null,
    }),

    async claim({ setupCode, userHandle: handle, ceremony, passkeyName, session }) {
      const passkey = await verifyNewPasskey(ceremony);
      const { codes, marks } = await recovery.make();
      sql.transaction(() => {
        refuseUsedCode(codeUsed(setupCode));
        spent.spend(ceremony.challenge);
        const anew = userHandle() !== undefined;
        passkeys.clear();
        sessions.endAll();
        sql.all('insert into used_setup_code (digest, used_at) values (?, ?)', setupCode, clock.now());
        sql.all(
          `insert into owner (one, user_handle, claimed_at) values (1, ?, ?)
            on conflict do update set user_handle = excluded.user_handle, claimed_at = excluded.claimed_at`,
          handle,
          clock.now(),
        );
        passkeys.add(passkey, passkeyName);
        recovery.keep(marks);
        sessions.begin({ ...session, passkey: passkey.id });
        events.record(anew ? 'claimed_anew' : 'claimed');
      });
      return codes;
    },

    async signIn({ ceremony, session, before }) {
      const found = passkeys.find(readPasskeyId(ceremony));
      if (found === undefined)
        throw new PryxError('unauthorized', 'This passkey is none of this edge.', {
          hint: 'Choose another one. Was it removed, or did somebody claim the edge anew?',
        });
      const use = await verifyPasskeyUse(ceremony, found);
      const outcome = sql.transaction(() => {
        // It may have been removed, or the edge claimed anew, while the signature was checked.
        if (use.userHandle !== userHandle() || passkeys.find(found.id) === undefined) return 'foreign';
        spent.spend(ceremony.challenge);
        if (passkeys.use(found.id, use) === 'copied') {
          events.record('passkey_copied', { passkey: found.name });
          return 'copied';
        }
        if (before !== null) sessions.end(before);
        sessions.begin({ ...session, passkey: found.id });
        events.record('signed_in', { passkey: found.name });
        return 'signed in';
      });
      if (outcome === 'foreign') throw new PryxError('unauthorized', 'This passkey is of another account.');
      if (outcome === 'copied')
        throw new PryxError('unauthorized', 'This passkey was used elsewhere since: there may be a copy of it.', {
          hint: 'Sign in with another passkey, or with a recovery code, and remove this one.',
        });
    },

    async recover({ code, session }) {
      const marked = await recovery.read(code);
      const spentIt = sql.transaction(() => {
        if (marked === undefined || !recovery.spend(marked)) return false;
        sessions.begin({ ...session, passkey: null });
        events.record('recovery_code_used');
        return true;
      });
      if (!spentIt)
        throw new PryxError('unauthorized', 'This is no recovery code of this edge, or it was used before.', {
          hint: 'Each code works once. Try another one.',
        });
    },

    beforePasskey({ session }) {
      mayAddPasskey(session);
      return { userHandle: userHandle() ?? '', known: passkeys.known() };
    },
    async addPasskey({ session, renewed, ceremony, name }) {
      mayAddPasskey(session);
      const passkey = await verifyNewPasskey(ceremony);
      sql.transaction(() => {
        mayAddPasskey(session);
        spent.spend(ceremony.challenge);
        passkeys.add(passkey, name);
        sessions.end(session);
        sessions.begin({ ...renewed, passkey: passkey.id });
        events.record('passkey_added', { passkey: name });
      });
    },
    renamePasskey({ session, id, name }) {
      refuseRecovered(sessions.require(session).recovered);
      passkeys.rename(id, name);
    },
    removePasskey({ session, id }) {
      sessions.requireFresh(session);
      sql.transaction(() => {
        events.record('passkey_removed', { passkey: passkeys.remove(id) });
        // Whoever has the lost phone may still be signed in on it.
        sessions.endOf(id, session);
      });
    },
    async renewRecoveryCodes({ session }) {
      sessions.requireFresh(session);
      const { codes, marks } = await recovery.make();
      sql.transaction(() => {
        sessions.requireFresh(session);
        recovery.keep(marks);
        events.record('recovery_codes_made');
      });
      return codes;
    },

    signOut: ({ session }) => sessions.end(session),
    signOutEverywhere({ session }) {
      refuseRecovered(sessions.require(session).recovered);
      sql.transaction(() => {
        sessions.endAll();
        events.record('signed_out_everywhere');
      });
    },

    enterCode({ session }) {
      sessions.requireFresh(session);
      return entries.begin();
    },
    codeFound: (entry) => entries.takeBack(entry),

    overview({ session }) {
      sessions.require(session);
      return {
        passkeys: passkeys.list(),
        recoveryCodesLeft: recovery.left(),
        sessions: sessions.list(session),
        events: events.list(),
      };
    },
  };
}

function refuseUsedCode(used: boolean): void {
  if (used)
    throw new PryxError('conflict', 'This edge was claimed with this set-up code already.', {
      hint: 'Sign in. If you lost every passkey and recovery code, set a new PRYX_SETUP_CODE on the Worker and claim the edge anew.',
    });
}

function refuseRecovered(recovered: boolean): void {
  if (recovered)
    throw new PryxError('unauthorized', 'With a recovery code you can look, and add a passkey.', {
      hint: 'Add a passkey first.',
    });
}
