/** Joins the rooms that make the line to the edge: keys and tokens from the store, jobs into the inbox. */
import type { DevicesResponse } from '../shared/api/devices.ts';
import type { MailboxStatus } from '../shared/api/edge.ts';
import { PryxError } from '../shared/error.ts';
import { checkSigningJwk, importSignKey, thumbprint } from '../shared/wire/signature.ts';
import type { Inbox } from './channels/inbox.ts';
import type { OpenEdgeSocket } from './core/edge-socket.ts';
import type { Settings } from './core/settings.ts';
import type { Parts } from './daemon/run.ts';
import { createAskToken } from './edge-link/ask-token.ts';
import { createEdgeApi } from './edge-link/edge-api.ts';
import { type LinkState, createLink } from './edge-link/link.ts';
import { createProver } from './edge-link/prove.ts';
import type { Accepted } from './edge-link/receive-jobs.ts';
import type { EdgeRequest } from './edge-link/request.ts';
import { type Access, type EdgeSession, createSession, notPaired, revoked } from './edge-link/session.ts';
import { type OpenedJob, loadTrust } from './edge-link/verify-job.ts';
import { loadDeviceKeys, readEdge } from './store/device-keys.ts';
import { readSession } from './store/edge-session.ts';
import { recordAudit } from './trust/audit/record.ts';

export interface DeviceLink {
  origin: string;
  deviceId: string;
  start(): void;
  stop(): Promise<void>;
  state(): LinkState;
  /** All of these ask the edge; they throw `not_paired`, `revoked`, `edge_unreachable`, `clock_wrong`. */
  mailbox(): Promise<MailboxStatus>;
  /** Registers the hook of one bot at the edge; resolves to its address. */
  registerHook(hook: { bot: string; secretSha256: string; answeredUsers: number[] }): Promise<string>;
  devices(): Promise<DevicesResponse>;
  renameDevice(deviceId: string, name: string): Promise<void>;
  revokeDevice(deviceId: string): Promise<void>;
}

export interface JoinDeps extends Omit<Parts, 'settings'> {
  /** The outside world. */
  openSocket: OpenEdgeSocket;
  request: EdgeRequest;
  edge: NonNullable<Settings['edge']>;
  accept: Inbox['accept'];
}

/** The edge that is in force: the one that was set, or else the one paired last. */
export const edgeInForce = (settings: Pick<Settings, 'edge'>, db: Db): Settings['edge'] =>
  settings.edge ?? currentEdge(db);

function currentEdge(db: Db): Settings['edge'] {
  const origin = getSetting(db, currentEdgeSetting);
  return origin === undefined ? null : { origin };
}

export async function joinEdge(deps: JoinDeps): Promise<DeviceLink> {
  const { db, clock, log } = deps;
  const { origin } = deps.edge;
  const keys = await loadDeviceKeys(db, clock.now());
  const deviceId = await thumbprint(keys.identity);
  const identity = { jwk: checkSigningJwk(keys.identity), key: await importSignKey(keys.identity) };
  const prove = createProver({ ...deps, identity });
  const api = createEdgeApi({ ...deps, origin, prove });
  const session = createSession({
    ...deps,
    origin,
    askToken: createAskToken({ ...deps, prove }),
    onRevoked: (pairedAt, seen) => forgetPairing(deps, pairedAt, seen),
  });
  const unpaired = whyNotPaired(db, origin, deviceId);
  if (unpaired !== undefined) return unpairedLink(deps, deviceId, unpaired);

  const trust = await loadTrust({
    origin,
    deviceId,
    pinnedKeys: readEdge(db, origin)?.pinnedKeys ?? [],
    sealing: keys.sealing,
  });
  let access: Access | undefined;
  const link = createLink({
    ...deps,
    openSocket: (url, options, events) => deps.openSocket(url, options, judgeAccess(session, access, events)),
    async authorise() {
      access = await session.current();
      return {
        url: `${origin.replace(/^http/, 'ws')}/link`,
        headers: await api.authorised('GET', '/link', access.accessToken),
        trust,
      };
    },
    forgetCredentials: () => session.drop(access?.accessToken ?? ''),
    have: () => readEdge(db, origin)?.have ?? 0,
    accept: (jobs) => acceptOpened(deps, origin, jobs),
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
