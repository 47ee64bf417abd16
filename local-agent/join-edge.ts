/** Joins the rooms that make the line to the edge: keys from the store, jobs into the inbox. */
import type { MailboxStatus } from '../shared/api/edge.ts';
import { checkSigningJwk, importSignKey, thumbprint } from '../shared/wire/signature.ts';
import type { Inbox } from './channels/inbox.ts';
import type { OpenEdgeSocket } from './core/edge-socket.ts';
import type { Settings } from './core/settings.ts';
import type { Parts } from './daemon/run.ts';
import { createEdgeApi } from './edge-link/edge-api.ts';
import { type LinkState, createLink } from './edge-link/link.ts';
import type { EdgeRequest } from './edge-link/request.ts';
import { createPairing } from './edge-link/pair.ts';
import type { Accepted } from './edge-link/receive-jobs.ts';
import type { OpenedJob } from './edge-link/verify-job.ts';
import { loadDeviceKeys, pinEdge, readEdge } from './store/device-keys.ts';
import { recordAudit } from './trust/audit/record.ts';

export interface DeviceLink {
  deviceId: string;
  start(): void;
  stop(): Promise<void>;
  state(): LinkState;
  mailbox(): Promise<MailboxStatus>;
  /** Registers the hook of one bot at the edge; resolves to its address. */
  registerHook(hook: { bot: string; secretSha256: string; answeredUsers: number[] }): Promise<string>;
}

export interface JoinDeps extends Omit<Parts, 'settings'> {
  /** The outside world. */
  openSocket: OpenEdgeSocket;
  request: EdgeRequest;
  edge: NonNullable<Settings['edge']>;
  accept: Inbox['accept'];
}

export async function joinEdge(deps: JoinDeps): Promise<DeviceLink> {
  const { db, clock } = deps;
  const { origin, developmentToken } = deps.edge;
  const keys = await loadDeviceKeys(db, clock.now());
  const api = createEdgeApi({
    ...deps,
    origin,
    identity: { jwk: checkSigningJwk(keys.identity), key: await importSignKey(keys.identity) },
  });
  const pairing = createPairing({
    origin,
    developmentToken,
    keys,
    api,
    clock,
    savePairing: (pairing) => pinEdge(db, { origin, ...pairing }, clock.now()),
  });
  const link = createLink({
    ...deps,
    async authorise() {
      const { accessToken, trust } = await pairing.current();
      const headers = await api.authorised('GET', '/link', accessToken);
      return { url: `${origin.replace(/^http/, 'ws')}/link`, headers, trust };
    },
    forgetCredentials: pairing.forget,
    have: () => readEdge(db, origin)?.have ?? 0,
    accept: (jobs) => acceptOpened(deps, origin, jobs),
    defer: (work) => void setImmediate(work),
  });
  return {
    deviceId: await thumbprint(keys.identity),
    start: link.start,
    stop: link.stop,
    state: link.state,
    mailbox: async () => api.mailbox((await pairing.current()).accessToken),
    registerHook: async ({ bot, secretSha256, answeredUsers }) =>
      api.putTelegramHook((await pairing.current()).accessToken, bot, {
        secret_sha256: secretSha256,
        answered_users: answeredUsers,
      }),
  };
}

/** What did not verify is refused and audited; the rest goes into the inbox. */
function acceptOpened({ db, clock, accept }: JoinDeps, origin: string, jobs: readonly OpenedJob[]): Accepted {
  const now = clock.now();
  const refused = jobs.flatMap((job) => (job.ok ? [] : [{ seq: job.seq, code: job.code }]));
  for (const refusal of refused) recordAudit(db, now, 'job.refused', refusal);
  const good = jobs.flatMap((job) => (job.ok ? [job] : []));
  const accepted = accept(
    good.map(({ seq, claims, body }) => ({
      id: claims.jti,
      kind: claims.kind,
      seq,
      traceparent: claims.traceparent,
      body,
      madeAt: claims.iat * 1000,
      receivedAt: now,
    })),
    origin,
  );
  return { have: accepted.have, refused: [...refused, ...accepted.refused] };
}
