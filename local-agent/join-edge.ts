/** Joins the rooms that make the line to the edge: keys and tokens from the store, jobs into the inbox. */
import { checkSigningJwk, importSignKey, thumbprint } from '../shared/wire/signature.ts';
import type { Inbox } from './channels/inbox.ts';
import type { OpenEdgeSocket } from './core/edge-socket.ts';
import type { Parts } from './daemon/run.ts';
import type { DeviceLink } from './device-link.ts';
import { createAskToken } from './edge-link/ask-token.ts';
import { createEdgeApi } from './edge-link/edge-api.ts';
import { createLink } from './edge-link/link.ts';
import { createProver } from './edge-link/prove.ts';
import type { Accepted } from './edge-link/receive-jobs.ts';
import type { EdgeRequest } from './edge-link/request.ts';
import { type Access, createSession } from './edge-link/session.ts';
import { type OpenedJob, loadTrust } from './edge-link/verify-job.ts';
import { type FollowDeps, createKeyFollower, forgetPairing, watchAccess } from './edge-link/follow-edge.ts';
import { loadDeviceKeys, readEdge } from './store/device-keys.ts';
import { recordAudit } from './trust/audit/record.ts';
import { createUnpairedLink, whyNotPaired } from './unpaired-link.ts';

export interface JoinDeps extends Omit<Parts, 'settings'>, FollowDeps {
  /** The outside world. */
  openSocket: OpenEdgeSocket;
  request: EdgeRequest;
  accept: Inbox['accept'];
}

export async function joinEdge(deps: JoinDeps): Promise<DeviceLink> {
  const { db, clock, origin } = deps;
  const keys = await loadDeviceKeys(db, clock.now());
  const deviceId = await thumbprint(keys.identity);
  const unpaired = whyNotPaired(db, origin, deviceId, clock.now());
  if (unpaired !== undefined) return createUnpairedLink(origin, deviceId, unpaired);

  const identity = { jwk: checkSigningJwk(keys.identity), key: await importSignKey(keys.identity) };
  const prove = createProver({ ...deps, identity });
  const api = createEdgeApi({ ...deps, prove });
  const session = createSession({
    ...deps,
    askToken: createAskToken({ ...deps, prove }),
    onRevoked: (pairedAt, seen) => forgetPairing(deps, pairedAt, seen),
  });
  const pinnedKeys = readEdge(db, origin)?.pinnedKeys ?? [];
  const edgeKeys = createKeyFollower(deps, await loadTrust({ origin, deviceId, pinnedKeys, sealing: keys.sealing }));
  let access: Access | undefined;
  const link = createLink({
    ...deps,
    openSocket: (url, options, events) => deps.openSocket(url, options, watchAccess(session, access, events)),
    async authorise() {
      access = await session.current();
      return {
        url: `${origin.replace(/^http/, 'ws')}/link`,
        headers: await api.authorised('GET', '/link', access.accessToken),
        trust: edgeKeys.trust(),
      };
    },
    forgetCredentials: () => session.drop(access?.accessToken ?? ''),
    acceptKeys: edgeKeys.accept,
    onRevoked: () => access !== undefined && forgetPairing(deps, access.pairedAt, 'link'),
    have: () => readEdge(db, origin)?.have ?? 0,
    accept: (jobs) => acceptOpened(deps, jobs),
    defer: (work) => void setImmediate(work),
  });
  return {
    origin,
    deviceId,
    start: link.start,
    stop: link.stop,
    state: link.state,
    mailbox: () => session.with(api.mailbox),
    registerHook: ({ bot, secretSha256, answeredUsers }) =>
      session.with((token) =>
        api.putTelegramHook(token, bot, { secret_sha256: secretSha256, answered_users: answeredUsers }),
      ),
    devices: () => session.with(api.devices),
    renameDevice: (id, name) => session.with((token) => api.renameDevice(token, id, name)),
    revokeDevice: (id) => session.with((token) => api.revokeDevice(token, id)),
  };
}

/** What did not verify is refused and audited; the rest goes into the inbox. */
function acceptOpened({ db, clock, accept, origin }: JoinDeps, jobs: readonly OpenedJob[]): Accepted {
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
