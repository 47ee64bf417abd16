/** A mailbox without a runtime: SQLite in memory, sockets that are lists, and a clock that is told the time. */
import type { JobClaims } from '../../../shared/wire/job.ts';
import { type MailboxCore, createMailbox } from '../../../workers/mailbox/compose.ts';
import type { Sql } from '../../../workers/durable/ports.ts';
import type { LinkSocket, LinkState, Sealer } from '../../../workers/mailbox/ports.ts';
import { createVirtualClock, settle } from '../../support/virtual-clock.ts';
import { hookSecret, sha256 } from './device.ts';
import { openSql } from './open-sql.ts';

export const bot = '123456';

/** Stands in for the keys: what is sealed and signed stays readable, so that a test can look at it. */
const transparentSealer: Sealer = {
  seal: async (_key, body) => Buffer.from(body).toString('base64url'),
  sign: async (claims) => legibleJws(claims),
  signer: async () => ({ kid: 'first', statements: [] }),
  mark: async (label, text) => sha256(`${label} ${text}`).slice(0, 22),
};

/** A compact JWS by its looks. */
export const legibleJws = (claims: JobClaims): string =>
  `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.e30`;

export function readJob(frame: { jws: string }): { claims: JobClaims; body: string } {
  const claims = JSON.parse(Buffer.from(frame.jws.split('.')[1] ?? '', 'base64url').toString()) as JobClaims;
  return { claims, body: Buffer.from(claims.body, 'base64url').toString() };
}

export interface SimulatedSocket {
  frames: { type: string; seq: number; jws: string; code: string; statement: string }[];
  closedWith: number | null;
  heartbeatAt: number | null;
  attachment: string | null;
}

export const jobs = (socket: SimulatedSocket) => socket.frames.filter(({ type }) => type === 'job');
export const ids = (socket: SimulatedSocket): string[] => jobs(socket).map((frame) => readJob(frame).claims.jti);

export type SimulatedMailbox = ReturnType<typeof simulateMailbox>;

export function simulateMailbox(options: { sealer?: Partial<Sealer> } = {}) {
  const clock = createVirtualClock();
  const { sql: storage, sqlite } = openSql();
  let sockets: SimulatedSocket[] = [];
  let alarmAt: number | null = null;
  let proofs = 0;
  let broken = false;
  let hidden = false;
  let transactions = 0;

  const sql: Sql = {
    all(query, ...bindings) {
      if (broken) throw new Error('disk I/O error');
      return storage.all(query, ...bindings);
    },
    transaction(work) {
      transactions += 1;
      return storage.transaction(work);
    },
  };

  let wrapped = new Map<SimulatedSocket, LinkSocket>();
  function wrap(socket: SimulatedSocket): LinkSocket {
    const known = wrapped.get(socket);
    if (known !== undefined) return known;
    let state = JSON.parse(socket.attachment ?? '{"phase":"new","sent":0}') as LinkState;
    let heard = clock.now();
    const made: LinkSocket = {
      send: (text) => void (socket.closedWith === null && socket.frames.push(JSON.parse(text) as never)),
      close(code) {
        socket.closedWith ??= code;
        sockets = sockets.filter((other) => other !== socket);
      },
      state: () => state,
      keep(next) {
        state = next;
        socket.attachment = JSON.stringify(next);
      },
      touch(at) {
        heard = at;
      },
      heardAt: () => Math.max(heard, socket.heartbeatAt ?? 0),
    };
    wrapped.set(socket, made);
    return made;
  }

  function wake(): MailboxCore {
    wrapped = new Map();
    return createMailbox({
      sql,
      clock: { now: () => clock.now(), sleep: (ms) => (ms === 0 ? settle() : clock.sleep(ms)) },
      random: { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) },
      sockets: { all: () => (hidden ? [] : sockets.map(wrap)) },
      alarm: {
        ensure(at) {
          alarmAt = Math.min(alarmAt ?? at, at);
        },
      },
      sealer: { ...transparentSealer, ...options.sealer },
    });
  }
  let core = wake();

  const proofId = () => `proof-${(proofs += 1)}`.padEnd(16, 'x');
  /** The device, with a fresh proof and a token of this very second. */
  const caller = () => ({ proofId: proofId(), issuedAt: Math.floor(clock.now() / 1000) });

  return {
    clock,
    sqlite,
    core: () => core,
    wrap,
    caller,
    transactions: () => transactions,
    alarmAt: () => alarmAt,
    /** Lets the disk fail, or recover. */
    breakDisk(state: boolean) {
      broken = state;
    },
    /** Lets the runtime list no sockets, though they are there. */
    hideSockets(state: boolean) {
      hidden = state;
    },
    /** The runtime's alarm rings. */
    ring() {
      alarmAt = null;
      core.sweep();
    },
    /** The object loses its memory and keeps its sockets. */
    sleep() {
      core = wake();
    },
    /** The object loses its memory, and its sockets break. */
    crash() {
      for (const socket of sockets) socket.closedWith ??= 1006;
      sockets = [];
      core = wake();
    },
    async admit(origin = 'https://edge', x = 'CQ'.padEnd(43, 'A')) {
      const sealingKey = JSON.stringify({ kty: 'OKP', crv: 'X25519', x });
      await core.admit({ deviceId: 'device', origin, sealingKey });
    },
    async setUp(answered: number[] = [], origin = 'https://edge') {
      await this.admit(origin);
      await this.registerHook(answered);
    },
    registerHook: (answered: number[] = []) =>
      core.registerHook({
        caller: caller(),
        bot,
        body: { secret_sha256: sha256(hookSecret), answered_users: answered },
      }),
    post(update: unknown) {
      const body = new TextEncoder().encode(JSON.stringify(update));
      return core.receiveTelegram({ bot, secret: hookSecret, traceparent: null, readBody: async () => body });
    },
    /** All of them are being received before the first of them is whole. */
    postTogether(updates: readonly unknown[]) {
      let missing = updates.length;
      let release: () => void = () => undefined;
      const whole = new Promise<void>((resolve) => {
        release = resolve;
      });
      return Promise.allSettled(
        updates.map((update) =>
          core.receiveTelegram({
            bot,
            secret: hookSecret,
            traceparent: null,
            async readBody() {
              missing -= 1;
              if (missing === 0) release();
              await whole;
              return new TextEncoder().encode(JSON.stringify(update));
            },
          }),
        ),
      );
    },
    connect(): SimulatedSocket {
      core.takeProof(caller());
      const socket: SimulatedSocket = { frames: [], closedWith: null, heartbeatAt: null, attachment: null };
      sockets.push(socket);
      core.open(wrap(socket));
      return socket;
    },
    say: (socket: SimulatedSocket, frame: unknown) => core.frame(wrap(socket), JSON.stringify(frame)),
    /** The device hangs up. */
    drop(socket: SimulatedSocket) {
      if (socket.closedWith !== null) return;
      socket.closedWith = 1006;
      sockets = sockets.filter((other) => other !== socket);
      core.closed(wrap(socket));
    },
    status: () => core.status(caller()),
    count: (table: string) => Number(sqlite.prepare(`select count(*) as n from ${table}`).pluck().get()),
  };
}
