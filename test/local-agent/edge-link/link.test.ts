import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLink } from '../../../local-agent/edge-link/link.ts';
import { type EdgeTrust, type OpenedJob, loadTrust } from '../../../local-agent/edge-link/verify-job.ts';
import type { EdgeSocketEvents } from '../../../local-agent/core/edge-socket.ts';
import { PryxError } from '../../../shared/error.ts';
import { signJob } from '../../../shared/wire/job.ts';
import { generateSealingKey, importSealKey, seal } from '../../../shared/wire/seal.ts';
import { generateSigningKey, importSignKey, thumbprint } from '../../../shared/wire/signature.ts';
import { createKeptLog } from '../../support/quiet-log.ts';
import { type VirtualClock, createVirtualClock, settle } from '../../support/virtual-clock.ts';

/** One attempt of the link to connect, as the edge sees it. */
interface Attempt extends EdgeSocketEvents {
  sent: unknown[];
  closedWith: number | undefined;
}

const edgeKey = await generateSigningKey();
const sealing = await generateSealingKey();
let clock: VirtualClock;
let trust: EdgeTrust;
let attempts: Attempt[];
let have: number;
let stored: string[];
let store: (jobs: OpenedJob[]) => void;
let authorise: () => Promise<void>;
let forgotten: number;
let acceptKeys: (statement: string) => EdgeTrust | undefined;
let revocations: number;
let link: ReturnType<typeof createLink>;

beforeEach(async () => {
  clock = createVirtualClock();
  trust = await loadTrust({ origin: 'https://edge.example', deviceId: 'device', pinnedKeys: [edgeKey], sealing });
  attempts = [];
  have = 0;
  stored = [];
  forgotten = 0;
  acceptKeys = () => undefined;
  revocations = 0;
  store = () => undefined;
  authorise = async () => undefined;
  link = createLink({
    openSocket: (_url, _options, events) => {
      const attempt: Attempt = { ...events, sent: [], closedWith: undefined };
      attempts.push(attempt);
      return {
        send: (text) => void attempt.sent.push(text === 'ping' ? text : JSON.parse(text)),
        close: (code) => {
          attempt.closedWith = code;
          events.closed({ code, message: 'closed' });
        },
      };
    },
    authorise: async () => {
      await authorise();
      return { url: 'wss://edge.example/link', headers: {}, trust };
    },
    forgetCredentials: () => void (forgotten += 1),
    acceptKeys: (statement) => acceptKeys(statement),
    onRevoked: () => void (revocations += 1),
    have: () => have,
    accept: (jobs) => {
      store(jobs);
      for (const job of jobs) if (job.ok) stored.push(Buffer.from(job.body).toString());
      have = Math.max(have, ...jobs.filter(({ ok }) => ok).map(({ seq }) => seq));
      return { have, refused: jobs.flatMap((job) => (job.ok ? [] : [{ seq: job.seq, code: job.code }])) };
    },
    defer: (work) => void setImmediate(work),
    clock,
    random: { bytes: (length) => new Uint8Array(length), fraction: () => 0 },
    log: createKeptLog(),
  });
});
afterEach(() => link.stop());

async function job(seq: number, text: string, signer = edgeKey): Promise<string> {
  const body = await seal(await importSealKey(sealing), new TextEncoder().encode(text));
  const claims = {
    iss: 'https://edge.example',
    aud: 'device',
    jti: `tg:1:${seq}`,
    seq,
    iat: clock.now() / 1000,
    exp: clock.now() / 1000 + 60,
    kind: 'telegram.update' as const,
    traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    body,
  };
  return JSON.stringify({
    type: 'job',
    seq,
    jws: await signJob(await importSignKey(signer), await thumbprint(signer), claims),
  });
}
async function connected(): Promise<Attempt> {
  link.start();
  await settle();
  const attempt = attempts.at(-1);
  if (attempt === undefined) throw new Error('no attempt');
  attempt.opened();
  return attempt;
}

describe('a link that is up', () => {
  it('says what it has, and acknowledges what it stored', async () => {
    have = 41;
    const edge = await connected();
    expect(edge.sent).toEqual([{ type: 'hello', have: 41 }]);
    edge.received(await job(42, 'hello'));
    await settle();
    expect(stored).toEqual(['hello']);
    expect(edge.sent.at(-1)).toEqual({ type: 'ack', seq: 42 });
    expect(link.state()).toEqual({ state: 'up', lastError: null });
  });

  it('commits together what arrives together, and acknowledges it once', async () => {
    const edge = await connected();
    const batches: number[] = [];
    store = (jobs) => void batches.push(jobs.length);
    for (const text of [await job(1, 'one'), await job(2, 'two'), await job(3, 'three')]) edge.received(text);
    await settle();
    expect(stored).toEqual(['one', 'two', 'three']);
    expect(batches).toEqual([3]);
    expect(edge.sent.slice(1)).toEqual([{ type: 'ack', seq: 3 }]);
  });

  it('refuses a forged job and goes on with the next', async () => {
    const edge = await connected();
    edge.received((await job(1, 'one')).replace('"seq":1', '"seq":2'));
    edge.received(await job(3, 'three'));
    await settle();
    expect(stored).toEqual(['three']);
    expect(edge.sent.slice(1)).toEqual([
      { type: 'refuse', seq: 2, code: 'wrong_sequence' },
      { type: 'ack', seq: 0 },
      { type: 'ack', seq: 3 },
    ]);
  });

  it('acknowledges nothing after a job it could not store, and comes back for it', async () => {
    const edge = await connected();
    store = () => {
      throw new Error('disk full');
    };
    edge.received(await job(1, 'one'));
    await settle();
    store = () => undefined;
    edge.received(await job(2, 'two'));
    await settle();
    expect(edge.sent).toEqual([{ type: 'hello', have: 0 }]);
    expect(edge.closedWith).toBe(4507);
    await clock.advance(1_000);
    expect(attempts).toHaveLength(2);
  });

  it.each(['not json', '{"type":"other"}', '{"type":"job","seq":-1,"jws":""}', '[]'])(
    'ends when the edge speaks nonsense: %s',
    async (nonsense) => {
      const edge = await connected();
      edge.received(nonsense);
      expect(edge.closedWith).toBe(4400);
    },
  );

  it('notices silence: no answer to its heartbeat ends it, any answer keeps it', async () => {
    const edge = await connected();
    await clock.advance(25_000);
    expect(edge.sent.at(-1)).toBe('ping');
    edge.received('pong');
    await clock.advance(34_999);
    expect(edge.closedWith).toBeUndefined();
    await clock.advance(10_001);
    expect(edge.closedWith).toBe(4400);
  });
});

describe('an edge that tells of its keys', () => {
  const keys = JSON.stringify({ type: 'keys', statement: 'a statement' });
  const newKey = generateSigningKey();
  const trusting = async (key: Awaited<typeof newKey>) =>
    loadTrust({ origin: 'https://edge.example', deviceId: 'device', pinnedKeys: [key], sealing });

  it('is believed from the very next job on, in the same breath, and no earlier', async () => {
    const key = await newKey;
    const next = await trusting(key);
    const edge = await connected();
    const heard: string[] = [];
    acceptKeys = (statement) => {
      heard.push(statement);
      return next;
    };
    const frames = [
      await job(1, 'early', key),
      await job(2, 'old'),
      keys,
      await job(3, 'new', key),
      await job(4, 'late'),
    ];
    for (const frame of frames) edge.received(frame);
    await settle();
    expect(heard).toEqual(['a statement']);
    expect(stored).toEqual(['old', 'new']);
    expect(edge.sent).toContainEqual({ type: 'refuse', seq: 1, code: 'unknown_key' });
    expect(edge.sent).toContainEqual({ type: 'refuse', seq: 4, code: 'unknown_key' });
    expect(edge.closedWith).toBeUndefined();
  });

  it('and signs with one that nobody introduced is given no word: what it has waits there, and is taken under the right key', async () => {
    const edge = await connected();
    edge.received(await job(1, 'hello', await newKey));
    await settle();
    expect(edge.sent).toEqual([{ type: 'hello', have: 0 }]);
    expect(edge.closedWith).toBe(4507);
    edge.closed({ code: 4507, message: 'The connection was closed.' });
    await settle();
    expect(link.state()).toMatchObject({
      state: 'down',
      lastError: { code: 'bad_job', hint: expect.stringContaining('pryx pair --again') },
    });
    await clock.advance(30_000);
    const again = attempts.at(-1);
    again?.opened();
    again?.received(await job(1, 'hello'));
    await settle();
    expect(stored).toEqual(['hello']);
    expect(link.state()).toEqual({ state: 'up', lastError: null });
  });

  it('and is not believed keeps the link, and the keys of before', async () => {
    const edge = await connected();
    edge.received(keys);
    edge.received(JSON.stringify({ type: 'keys', statement: 'x'.repeat(1_000_000) }));
    edge.received(await job(1, 'one'));
    await settle();
    expect(stored).toEqual(['one']);
    expect(edge.closedWith).toBeUndefined();
  });

  it('but whose keys cannot be kept is heard again at the next connection, and no job is judged meanwhile', async () => {
    const edge = await connected();
    acceptKeys = () => {
      throw new Error('disk full');
    };
    edge.received(keys);
    edge.received(await job(1, 'one', await newKey));
    await settle();
    expect(edge.closedWith).toBe(4507);
    expect(edge.sent).toEqual([{ type: 'hello', have: 0 }]);
    const next = await trusting(await newKey);
    acceptKeys = () => next;
    await clock.advance(1_000);
    attempts[1]?.opened();
    attempts[1]?.received(keys);
    attempts[1]?.received(await job(1, 'one', await newKey));
    await settle();
    expect(stored).toEqual(['one']);
  });
});

describe('a device that was revoked', () => {
  const bye = JSON.stringify({ type: 'bye', code: 'revoked' });
  const shows = { state: 'down', lastError: { code: 'revoked', hint: expect.stringContaining('pryx pair') } };

  const ways: [string, (edge: Attempt) => void][] = [
    [
      'by a word and a close',
      (edge) => {
        edge.received(bye);
        edge.closed({ code: 4403, message: 'closed' });
      },
    ],
    ['by a word, when the close is lost', (edge) => edge.received(bye)],
    ['by a close, when the word is lost', (edge) => edge.closed({ code: 4403, message: 'closed' })],
  ];
  it.each(ways)('says so once and does not call again: told %s', async (_how, tell) => {
    tell(await connected());
    await clock.advance(3_600_000);
    expect(revocations).toBe(1);
    expect(attempts).toHaveLength(1);
    expect(link.state()).toMatchObject(shows);
  });

  it('says so once and does not call again: told when it knocks', async () => {
    link.start();
    await settle();
    attempts[0]?.closed({ code: 1006, message: 'The edge answered 401.', status: 401, errorCode: 'revoked' });
    await clock.advance(3_600_000);
    expect(revocations).toBe(1);
    expect(attempts).toHaveLength(1);
    expect(link.state()).toMatchObject(shows);
  });

  it('says so once and does not call again: told when it asks for a token', async () => {
    authorise = async () => {
      throw new PryxError('revoked', 'Revoked.', { hint: 'Run `pryx pair`.' });
    };
    link.start();
    await clock.advance(3_600_000);
    expect(revocations).toBe(1);
    expect(attempts).toHaveLength(0);
    expect(link.state()).toMatchObject({ ...shows, lastError: { message: 'Revoked.' } });
  });

  it('keeps what came before the word', async () => {
    const edge = await connected();
    edge.received(await job(1, 'one'));
    edge.received(bye);
    await settle();
    expect(stored).toEqual(['one']);
  });

  it('stops at once when it is told to', async () => {
    (await connected()).received(bye);
    await link.stop();
    expect(revocations).toBe(1);
  });
});

describe('a job that looks expired', () => {
  const day = 24 * 3_600_000;

  it('is not refused before the clocks were compared: ours may have jumped', async () => {
    const first = await connected();
    const late = await job(1, 'one');
    await clock.advance(1);
    clock.jump(2 * day);
    first.received(late);
    await settle();
    expect(first.sent.slice(1)).toEqual([]);
    expect(forgotten).toBe(1);
    clock.jump(-2 * day);
    await clock.advance(1_000);
    attempts[1]?.opened();
    attempts[1]?.received(late);
    await settle();
    expect(stored).toEqual(['one']);
  });

  it('is refused when they agree', async () => {
    const first = await connected();
    const late = await job(1, 'one');
    clock.jump(2 * day);
    first.received(late);
    await clock.advance(1_000);
    attempts[1]?.opened();
    attempts[1]?.received(late);
    await settle();
    expect(attempts[1]?.sent).toContainEqual({ type: 'refuse', seq: 1, code: 'expired' });
  });
});

describe('a link that is down', () => {
  it('tries again with longer and longer waits, never longer than 30 seconds, and soon again after it held for a while', async () => {
    link.start();
    const waits: number[] = [];
    for (let failures = 1; failures <= 9; failures += 1) {
      await settle();
      attempts.at(-1)?.closed({ code: 1006, message: 'refused' });
      const failedAt = clock.now();
      while (attempts.length === failures) await clock.advance(125);
      waits.push(clock.now() - failedAt);
    }
    expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
    attempts.at(-1)?.opened();
    await clock.advance(20_000);
    attempts.at(-1)?.closed({ code: 1006, message: 'reset' });
    await clock.advance(250);
    expect(attempts).toHaveLength(11);
  });

  it('does not run against the edge over and over when every connection ends at once', async () => {
    store = () => {
      throw new Error('disk full');
    };
    link.start();
    for (let second = 0; second < 60; second += 1) {
      await settle();
      if (attempts.at(-1)?.closedWith === undefined) {
        attempts.at(-1)?.opened();
        attempts.at(-1)?.received(await job(1, 'one'));
      }
      await clock.advance(1_000);
    }
    expect(attempts.length).toBeGreaterThan(4);
    expect(attempts.length).toBeLessThan(12);
  });

  it('says why, and that it is tried again', async () => {
    authorise = async () => {
      throw new PryxError('clock_wrong', 'The clocks lie apart.', { hint: 'Set the time.' });
    };
    link.start();
    await settle();
    expect(link.state()).toMatchObject({ state: 'down', lastError: { code: 'clock_wrong', hint: 'Set the time.' } });
    authorise = async () => undefined;
    await clock.advance(1_000);
    attempts.at(-1)?.opened();
    expect(link.state().state).toBe('up');
  });

  it('does not offer refused credentials again', async () => {
    link.start();
    await settle();
    attempts[0]?.closed({ code: 1006, message: 'The edge answered 401.', status: 401 });
    expect(forgotten).toBe(1);
  });

  it('offers others at once, and waits longer again when those are refused as well', async () => {
    link.start();
    await settle();
    const refuse = { code: 1006, message: 'The edge answered 401.', status: 401 };
    for (const wait of [250, 500, 1_000, 2_000]) {
      attempts.at(-1)?.closed({ code: 1006, message: 'cut' });
      await clock.advance(wait);
    }
    attempts.at(-1)?.closed(refuse);
    await clock.advance(125);
    expect(attempts).toHaveLength(6);
    attempts.at(-1)?.closed(refuse);
    await clock.advance(125);
    expect(attempts).toHaveLength(6);
    await clock.advance(125);
    expect(attempts).toHaveLength(7);
  });

  it('opens no connection when it was told to stop while it signed in', async () => {
    let signedIn = (): void => undefined;
    authorise = () => new Promise((resolve) => (signedIn = resolve));
    link.start();
    await settle();
    const stopped = link.stop();
    signedIn();
    await stopped;
    expect(attempts).toHaveLength(0);
  });

  it('stops at once while an edge that does not answer keeps it signing in', async () => {
    authorise = () => new Promise(() => undefined);
    link.start();
    await settle();
    await link.stop();
    expect(link.state()).toEqual({ state: 'off', lastError: null });
  });

  it('stops at once when it is told to, also while it waits', async () => {
    link.start();
    await settle();
    attempts[0]?.closed({ code: 1006, message: 'refused' });
    await settle();
    await link.stop();
    await clock.advance(60_000);
    expect(attempts).toHaveLength(1);
    expect(link.state().state).toBe('off');
  });
});
