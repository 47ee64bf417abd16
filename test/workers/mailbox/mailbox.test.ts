/** The mailbox on its own: what takes a day, ten thousand jobs or a broken disk to see. */
import { beforeEach, describe, expect, test } from 'vitest';
import { jobLifetimeMs, maxInFlight, maxMailboxBytes, maxMailboxJobs } from '../../../shared/wire/limits.ts';
import { maxInFlightBytes } from '../../../workers/mailbox/link.ts';
import { migrate } from '../../../workers/durable/migrate.ts';
import { mailboxMigrations } from '../../../workers/mailbox/schema.ts';
import {
  type SimulatedMailbox,
  type SimulatedSocket,
  ids,
  jobs,
  legibleJws,
  readJob,
  simulateMailbox,
} from '../support/simulated-mailbox.ts';

const hour = 60 * 60 * 1000;
let box: SimulatedMailbox;

beforeEach(async () => {
  box = simulateMailbox();
  await box.setUp();
});

async function connect(have = 0): Promise<SimulatedSocket> {
  const socket = box.connect();
  await box.say(socket, { type: 'hello', have });
  return socket;
}
const update = (id: number) => ({ update_id: id });

/** Few in order, many at once. */
async function postMany(count: number, from = 1): Promise<void> {
  const together = count > maxInFlight ? 500 : 1;
  for (let start = from; start < from + count; start += together) {
    const these = Math.min(together, from + count - start);
    await Promise.all(Array.from({ length: these }, (_, index) => box.post(update(start + index))));
  }
}

describe('a full mailbox', () => {
  test('at ten thousand jobs asks to try again, loses nothing, and takes more once some are acknowledged', async () => {
    await postMany(maxMailboxJobs);
    await expect(box.post(update(99_999))).rejects.toMatchObject({ code: 'mailbox_full' });
    // What is in it already is still known.
    expect(await box.post(update(1))).toBeUndefined();
    expect(box.status().queued.jobs).toBe(maxMailboxJobs);
    box.crash();
    await expect(box.post(update(99_999))).rejects.toMatchObject({ code: 'mailbox_full' });

    const socket = await connect();
    expect(jobs(socket)).toHaveLength(maxInFlight);
    await box.say(socket, { type: 'ack', seq: jobs(socket)[9]?.seq });
    await Promise.all(Array.from({ length: 10 }, (_, index) => box.post(update(20_000 + index))));
    await expect(box.post(update(99_999))).rejects.toMatchObject({ code: 'mailbox_full' });
  });

  test('refuses without the work of sealing', async () => {
    let sealed = 0;
    box = simulateMailbox({
      sealer: {
        async seal() {
          sealed += 1;
          return 'x'.repeat(maxMailboxBytes / 4);
        },
      },
    });
    await box.setUp();
    while (
      await box.post(update(sealed)).then(
        () => true,
        () => false,
      )
    );
    const before = sealed;
    const { bytes } = box.status().queued;
    box.sqlite.exec(`update job set bytes = bytes + ${maxMailboxBytes - bytes} where seq = (select max(seq) from job)`);
    box.crash();
    await expect(box.post(update(1000))).rejects.toMatchObject({ code: 'mailbox_full' });
    expect(sealed).toBe(before);
  });

  test('fills up at exactly ten thousand when they come at once', async () => {
    await postMany(maxMailboxJobs - 3);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) => box.post(update(50_000 + index))),
    );
    expect(outcomes.map(({ status }) => status).sort()).toEqual([
      ...Array(3).fill('fulfilled'),
      ...Array(7).fill('rejected'),
    ]);
    expect(box.count('job')).toBe(maxMailboxJobs);
  });

  test('at 64 MiB asks to try again', async () => {
    const padding = 'x'.repeat(1024 * 1024 - 50);
    let stored = 0;
    for (;;) {
      const outcome = await box.post({ update_id: stored, padding }).then(
        () => 'stored',
        (error: { code: string }) => error.code,
      );
      if (outcome !== 'stored') {
        expect(outcome).toBe('mailbox_full');
        break;
      }
      stored += 1;
    }
    const { bytes } = box.status().queued;
    expect(bytes).toBeLessThanOrEqual(maxMailboxBytes);
    expect(bytes + (bytes / stored) * 2).toBeGreaterThan(maxMailboxBytes);
    // A small one may still find room.
    expect(await box.post(update(1_000_000))).toBeUndefined();
  });

  test('never has more bytes under way than memory bears, but always one job', async () => {
    const padding = 'x'.repeat(1024 * 1024 - 50);
    for (let id = 1; id <= 12; id += 1) await box.post({ update_id: id, padding });
    const socket = await connect();
    const bytes = () => jobs(socket).reduce((total, { jws }) => total + jws.length, 0);
    expect(jobs(socket).length).toBeGreaterThan(1);
    expect(bytes()).toBeLessThanOrEqual(maxInFlightBytes);
    while (jobs(socket).length < 12) await box.say(socket, { type: 'ack', seq: jobs(socket).at(-1)?.seq });
    expect(new Set(ids(socket)).size).toBe(12);
  });
});

describe('time', () => {
  test('a job is kept for a day, then given up and counted', async () => {
    await postMany(3);
    await box.clock.advance(hour);
    await postMany(2, 10);
    await box.clock.advance(jobLifetimeMs - hour - 1);
    box.ring();
    expect(box.status()).toMatchObject({ queued: { jobs: 5 }, refused: 0 });
    await box.clock.advance(1);
    box.ring();
    expect(box.status()).toMatchObject({ queued: { jobs: 2 }, refused: 3 });
    expect(ids(await connect())).toEqual(['tg:123456:10', 'tg:123456:11']);
  });

  test('giving up a job that is under way lets the next one go', async () => {
    await postMany(1);
    await box.clock.advance(hour);
    await postMany(maxInFlight, 10);
    const socket = await connect();
    expect(jobs(socket)).toHaveLength(maxInFlight);
    await box.clock.advance(jobLifetimeMs - hour);
    box.ring();
    expect(jobs(socket)).toHaveLength(maxInFlight + 1);
  });

  test('the ids of settled jobs are forgotten after a day and an hour, and the alarm comes for them', async () => {
    await postMany(2);
    const socket = await connect();
    await box.say(socket, { type: 'ack', seq: jobs(socket)[1]?.seq });
    await box.clock.advance(jobLifetimeMs);
    expect(await box.post(update(1))).toBeUndefined();
    expect(jobs(socket)).toHaveLength(2);
    box.ring();
    expect(box.count('settled')).toBe(2);
    expect(box.alarmAt()).toBeLessThanOrEqual(box.clock.now() + hour);
    await box.clock.advance(hour);
    box.ring();
    expect(box.count('settled')).toBe(0);
    expect(box.alarmAt()).toBeNull();
    const before = jobs(socket).at(-1)?.seq ?? 0;
    await box.post(update(1));
    expect(jobs(socket).at(-1)?.seq).toBeGreaterThan(before);
  });

  test('ten thousand ids of settled jobs are remembered, and not many more', async () => {
    const socket = await connect();
    for (let start = 0; start < 12_000; start += 500) {
      await postMany(500, start + 1);
      for (let seen = 0; seen < 10; seen += 1) await box.say(socket, { type: 'ack', seq: jobs(socket).at(-1)?.seq });
    }
    await box.clock.advance(1000);
    expect(box.count('job')).toBe(0);
    expect(box.count('settled')).toBeGreaterThanOrEqual(10_000);
    expect(box.count('settled')).toBeLessThanOrEqual(11_000);
    const sent = jobs(socket).length;
    await box.post(update(12_000));
    await box.post(update(2500));
    expect(jobs(socket)).toHaveLength(sent);
  });

  test('proofs are remembered while they could be used, and bounded', async () => {
    const proof = { ...box.caller(), proofId: 'a-proof-of-mine-1' };
    box.core().takeProof(proof);
    expect(() => box.core().takeProof(proof)).toThrow('used before');
    await box.clock.advance(10 * 60 * 1000 - 1);
    expect(() => box.core().takeProof(proof)).toThrow('used before');
    for (let count = box.count('proof'); count < 2000; count += 1) box.status();
    expect(() => box.status()).toThrow('Too many requests');
    expect(box.count('proof')).toBe(2000);
    await box.clock.advance(10 * 60 * 1000);
    expect(box.status().queued.jobs).toBe(0);
    box.ring();
    expect(box.count('proof')).toBe(1);
  });

  test('a link that was silent for three heartbeats counts as offline, and one that beats does not', async () => {
    const owner = 5;
    await box.setUp([owner]);
    const message = (id: number) => ({
      update_id: id,
      message: { from: { id: owner }, chat: { id: owner, type: 'private' } },
    });
    const socket = await connect();
    expect(await box.post(message(1))).toMatchObject({ method: 'sendChatAction' });
    await box.clock.advance(89_000);
    expect(await box.post(message(2))).toMatchObject({ method: 'sendChatAction' });
    await box.clock.advance(1000);
    expect(await box.post(message(3))).toMatchObject({ method: 'sendMessage' });
    expect(box.status().connected).toBe(false);
    socket.heartbeatAt = box.clock.now();
    expect(await box.post(message(4))).toMatchObject({ method: 'sendChatAction' });
  });
});

describe('sequences', () => {
  test('begin at the clock, so that an edge that lost its storage repeats none', async () => {
    await postMany(3);
    const socket = await connect();
    expect(jobs(socket)[0]?.seq).toBe(box.clock.now());
    await box.clock.advance(60_000);
    const lost = simulateMailbox();
    await lost.clock.advance(60_000);
    await lost.setUp();
    await lost.post(update(9));
    const link = lost.connect();
    await lost.say(link, { type: 'hello', have: jobs(socket)[2]?.seq });
    expect(jobs(link)).toHaveLength(1);
    expect(jobs(link)[0]?.seq).toBeGreaterThan(jobs(socket)[2]?.seq ?? 0);
  });

  test('move beyond what the device has, and what is queued is numbered and signed anew', async () => {
    await postMany(3);
    const have = box.clock.now() + 10 * hour;
    const socket = await connect(have);
    await postMany(1, 10);
    expect(jobs(socket).map(({ seq }) => seq)).toEqual([have + 1, have + 2, have + 3, have + 4]);
    expect(ids(socket)).toEqual(['tg:123456:1', 'tg:123456:2', 'tg:123456:3', 'tg:123456:10']);
    for (const frame of jobs(socket)) expect(readJob(frame).claims.seq).toBe(frame.seq);
    box.crash();
    expect(jobs(await connect(have))).toHaveLength(4);
  });

  test('that move while jobs are being signed make those be signed again', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let signing = 0;
    box = simulateMailbox({
      sealer: {
        async sign(claims) {
          signing += 1;
          if (signing === 1) await held;
          return legibleJws(claims);
        },
      },
    });
    await box.setUp();
    const posted = box.post(update(1));
    while (signing === 0) await box.clock.advance(0);
    const have = box.clock.now() + hour;
    const socket = await connect(have);
    release();
    await posted;
    expect(jobs(socket).map(({ seq }) => seq)).toEqual([have + 1]);
    expect(readJob(jobs(socket)[0] ?? { jws: '' }).claims.seq).toBe(have + 1);
  });

  test('that move while another job is stored take that one along', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let signing = 0;
    box = simulateMailbox({
      sealer: {
        async sign(claims) {
          signing += 1;
          // The second is the first job again, with its new number.
          if (signing === 2) await held;
          return legibleJws(claims);
        },
      },
    });
    await box.setUp();
    await box.post(update(1));
    const have = box.clock.now() + hour;
    const socket = box.connect();
    const greeted = box.say(socket, { type: 'hello', have });
    await box.post(update(2));
    release();
    await greeted;
    expect(jobs(socket).map(({ seq }) => seq)).toEqual([have + 1, have + 2]);
    expect(ids(socket)).toEqual(['tg:123456:1', 'tg:123456:2']);
  });

  test('are never given out twice, though everything was settled, swept and forgotten', async () => {
    await postMany(5);
    const socket = await connect();
    const last = jobs(socket)[4]?.seq ?? 0;
    await box.say(socket, { type: 'ack', seq: last });
    await box.clock.advance(26 * hour);
    box.ring();
    expect(box.count('settled')).toBe(0);
    box.crash();
    expect(box.status().last_sequence).toBe(last);
  });
});

describe('an edge that moves to another address', () => {
  test('signs what is queued anew, in the name that the device knows', async () => {
    await postMany(4);
    const link = await connect();
    await box.say(link, { type: 'ack', seq: jobs(link)[0]?.seq });
    await box.say(link, { type: 'refuse', seq: jobs(link)[3]?.seq, code: 'unopenable' });
    box.drop(link);
    const { last_sequence: last } = box.status();
    await box.setUp([], 'https://edge.example:8443');
    await postMany(1, 10);
    const frames = jobs(await connect());
    expect(frames.map((frame) => readJob(frame).claims)).toMatchObject(
      [
        ['tg:123456:2', last - 2],
        ['tg:123456:3', last - 1],
        ['tg:123456:10', last + 1],
      ].map(([jti, seq]) => ({ iss: 'https://edge.example:8443', jti, seq })),
    );
    expect(box.count('job')).toBe(3);
  });

  test('signs again what was being signed in the old name', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let signing = 0;
    box = simulateMailbox({
      sealer: {
        async sign(claims) {
          signing += 1;
          if (signing === 1) await held;
          return legibleJws(claims);
        },
      },
    });
    await box.setUp();
    const posted = box.post(update(1));
    while (signing === 0) await box.clock.advance(0);
    await box.setUp([], 'https://edge.example:8443');
    release();
    await posted;
    const [frame] = jobs(await connect());
    expect(readJob(frame ?? { jws: '' }).claims.iss).toBe('https://edge.example:8443');
  });

  test('signs anew at the next try when the first one failed, or died, in the middle', async () => {
    let fails = false;
    let held: Promise<void> | undefined;
    box = simulateMailbox({
      sealer: {
        async sign(claims) {
          if (fails) throw new Error('no key');
          await held;
          return legibleJws(claims);
        },
      },
    });
    await box.setUp();
    await postMany(2);
    fails = true;
    await expect(box.setUp([], 'https://failed.example')).rejects.toThrow('no key');
    fails = false;
    await box.setUp([], 'https://failed.example');
    expect(jobs(await connect()).map((frame) => readJob(frame).claims.iss)).toEqual(
      Array.from({ length: 2 }, () => 'https://failed.example'),
    );
    held = new Promise<void>(() => undefined);
    void box.setUp([], 'https://died.example');
    await box.clock.advance(0);
    box.crash();
    held = undefined;
    await box.setUp([], 'https://died.example');
    expect(jobs(await connect()).map((frame) => readJob(frame).claims.iss)).toEqual(
      Array.from({ length: 2 }, () => 'https://died.example'),
    );
  });

  test('and a device that changes its key: what was being sealed to the old one is sealed anew', async () => {
    let release: () => void = () => undefined;
    let held: Promise<void> | undefined = new Promise<void>((resolve) => {
      release = resolve;
    });
    let sealing = 0;
    box = simulateMailbox({
      sealer: {
        async seal(key) {
          const wait = held;
          held = undefined;
          sealing += 1;
          await wait;
          return Buffer.from(key).toString('base64url');
        },
      },
    });
    await box.setUp();
    const posted = box.post(update(1));
    while (sealing === 0) await box.clock.advance(0);
    const x = 'Cg'.padEnd(43, 'A');
    await box.admit('https://edge', x);
    release();
    await posted;
    const [frame] = jobs(await connect());
    expect(JSON.parse(readJob(frame ?? { jws: '' }).body)).toMatchObject({ x });
  });

  test('signs in the new name although the sequence was moving when it moved', async () => {
    let release: () => void = () => undefined;
    let held: Promise<void> | undefined;
    box = simulateMailbox({
      sealer: {
        async sign(claims) {
          const wait = held;
          held = undefined;
          await wait;
          return legibleJws(claims);
        },
      },
    });
    await box.setUp();
    await postMany(1);
    held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const have = box.clock.now() + hour;
    const socket = box.connect();
    const greeted = box.say(socket, { type: 'hello', have });
    await box.clock.advance(0);
    await box.setUp([], 'https://edge.example:8443');
    release();
    await greeted;
    const [frame] = jobs(socket);
    expect(readJob(frame ?? { jws: '' }).claims).toMatchObject({ iss: 'https://edge.example:8443', seq: have + 1 });
  });
});

describe('a link whose frame cannot be obeyed', () => {
  test('is closed, so that the device comes back and nothing waits for ever', async () => {
    await postMany(maxInFlight + 1);
    const link = await connect();
    box.breakDisk(true);
    await box.say(link, { type: 'ack', seq: jobs(link).at(-1)?.seq });
    expect(link.closedWith).toBe(1011);
    box.breakDisk(false);
    // All of them came at once, so which one is last is for them to settle.
    const rest = ids(await connect(jobs(link).at(-1)?.seq));
    expect(rest).toHaveLength(1);
    expect(new Set([...ids(link), ...rest]).size).toBe(maxInFlight + 1);
  });

  test('is closed when the greeting fails', async () => {
    let fails = false;
    box = simulateMailbox({
      sealer: {
        async sign(claims) {
          if (fails) throw new Error('no key');
          return legibleJws(claims);
        },
      },
    });
    await box.setUp();
    await postMany(1);
    fails = true;
    const link = await connect(box.clock.now() + hour);
    expect(link.closedWith).toBe(1011);
    fails = false;
    expect(jobs(await connect(box.clock.now() + hour))).toHaveLength(1);
  });

  test('an acknowledgement that the disk did not take is taken with the next write', async () => {
    await postMany(2);
    const link = await connect();
    await box.say(link, { type: 'ack', seq: jobs(link)[0]?.seq });
    box.breakDisk(true);
    await box.clock.advance(1000);
    box.breakDisk(false);
    await postMany(1, 10);
    expect(box.count('job')).toBe(2);
  });
});

describe('storing', () => {
  test('is one transaction for what arrives together, with consecutive sequences', async () => {
    const before = box.transactions();
    await box.postTogether(Array.from({ length: 60 }, (_, index) => update(index)));
    expect(box.transactions() - before).toBe(1);
    const frames = jobs(await connect());
    expect(new Set(frames.map((frame) => readJob(frame).claims.jti)).size).toBe(60);
    for (const [index, { seq }] of frames.entries()) expect(seq).toBe((frames[0]?.seq ?? 0) + index);
  });

  test('that fails tells every sender, stores nothing, and works again when the disk does', async () => {
    box.breakDisk(true);
    const failed = await Promise.allSettled([box.post(update(1)), box.post(update(1)), box.post(update(2))]);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    box.breakDisk(false);
    expect(box.count('job')).toBe(0);
    await Promise.all([box.post(update(1)), box.post(update(2))]);
    expect(box.count('job')).toBe(2);
  });

  test('that fails in the middle of a group keeps none of it', async () => {
    box.sqlite.exec(
      "create trigger trouble before insert on job when new.id = 'tg:123456:2' begin select raise(abort, 'no'); end",
    );
    const outcomes = await box.postTogether([update(1), update(2), update(3)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(box.count('job')).toBe(0);
    expect(box.status().queued).toEqual({ jobs: 0, bytes: 0 });
  });
});

describe('the alarm', () => {
  test('never throws, and comes back by itself when the disk was broken', async () => {
    await postMany(1);
    box.breakDisk(true);
    expect(() => box.ring()).not.toThrow();
    expect(box.alarmAt()).toBe(box.clock.now() + 60_000);
    box.breakDisk(false);
    await box.clock.advance(jobLifetimeMs);
    box.ring();
    expect(box.status().queued.jobs).toBe(0);
  });

  test('is set whenever something is kept', async () => {
    box.ring();
    await box.clock.advance(11 * 60 * 1000);
    box.ring();
    expect(box.alarmAt()).toBeNull();
    await postMany(1);
    expect(box.alarmAt()).toBe(box.clock.now() + hour);
  });
});

describe('the schema', () => {
  test('is at its version after every start, and keeps what is there', async () => {
    await postMany(2);
    box.crash();
    expect(box.count('schema_version')).toBe(1);
    expect(box.count('job')).toBe(2);
  });

  test('of a newer Worker is not touched', () => {
    box.sqlite.exec('update schema_version set version = 99');
    expect(() => box.crash()).toThrow('schema 99');
  });

  test('is made once, whatever broke in between', () => {
    const fresh = simulateMailbox().sqlite;
    fresh.exec('delete from schema_version; drop table told');
    const sql = {
      all: (query: string) => {
        fresh.exec(query);
        return [];
      },
      transaction: <T>(work: () => T) => fresh.transaction(work)(),
    };
    expect(() => migrate(sql, mailboxMigrations)).toThrow('already exists');
    expect(fresh.prepare("select count(*) from sqlite_master where name = 'told'").pluck().get()).toBe(0);
  });
});
