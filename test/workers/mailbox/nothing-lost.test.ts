/** Whatever happens in whatever order: what was answered 200 reaches the device, once, and in sequence. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maxInFlight } from '../../../shared/wire/limits.ts';
import { type SimulatedSocket, readJob, simulateMailbox } from '../support/simulated-mailbox.ts';

/** What the device did with a job: as its inbox would, it takes each id once and refuses some for good. */
interface Device {
  have: number;
  taken: string[];
  read: number;
  socket: SimulatedSocket | null;
}

type Step =
  | { do: 'post'; ids: number[] }
  | { do: 'connect' | 'drop' | 'sleep' | 'crash' | 'ring' }
  | { do: 'take'; count: number; acknowledge: boolean }
  | { do: 'refuse' }
  | { do: 'move'; to: number; ids: number[] }
  | { do: 'fail' | 'shut out'; ids: number[] }
  | { do: 'rotate' }
  | { do: 'wait'; ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('post' as const),
      ids: fc.array(fc.nat(60), { minLength: 1, maxLength: 30 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('take' as const), count: fc.nat(70), acknowledge: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.constant({ do: 'connect' as const }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...(['drop', 'sleep', 'crash', 'ring'] as const)).map((what) => ({ do: what })),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'refuse' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('move' as const),
      to: fc.nat(3),
      ids: fc.array(fc.nat(60), { maxLength: 5 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('fail' as const), ids: fc.array(fc.nat(60), { maxLength: 5 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('shut out' as const), ids: fc.array(fc.nat(60), { maxLength: 5 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'rotate' as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(60_000) }) },
);

test('nothing is lost, doubled or out of order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      let kid = 1;
      const box = simulateMailbox({
        sealer: {
          signer: async () => ({ kid: String(kid), statements: [] }),
          sign: async (claims) => {
            const header = Buffer.from(String(kid)).toString('base64url');
            return `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.e30`;
          },
        },
      });
      await box.setUp();
      const device: Device = { have: 0, taken: [], read: 0, socket: null };
      const accepted = new Set<string>();
      const refused = new Set<string>();
      let origin = 'https://edge';

      const connect = async () => {
        device.socket = box.connect();
        device.read = 0;
        await box.say(device.socket, { type: 'hello', have: device.have });
      };

      /** Reads frames in order; the highest sequence read becomes durable at once, as in one transaction with the inbox. */
      const take = async (count: number, acknowledge: boolean) => {
        const { socket } = device;
        if (socket === null) return;
        const frames = socket.frames.slice(device.read, device.read + count);
        for (const frame of frames) {
          device.read += 1;
          if (frame.type !== 'job') continue;
          expect(frame.seq).toBeGreaterThan(device.have);
          const { claims } = readJob(frame);
          expect(claims.seq).toBe(frame.seq);
          expect(claims.iss).toBe(origin);
          expect(Buffer.from(frame.jws.split('.')[0] ?? '', 'base64url').toString()).toBe(String(kid));
          expect(device.taken).not.toContain(claims.jti);
          device.taken.push(claims.jti);
          device.have = frame.seq;
        }
        if (acknowledge && socket.closedWith === null && frames.length > 0)
          await box.say(socket, { type: 'ack', seq: device.have });
      };

      const perform: { [K in Step['do']]?: (step: Step) => Promise<void> | void } = {
        async post(what) {
          if (what.do !== 'post') return;
          await Promise.all(
            what.ids.map(async (id) => {
              await box.post({ update_id: id });
              accepted.add(`tg:123456:${id}`);
            }),
          );
        },
        connect,
        drop: () => {
          if (device.socket !== null) box.drop(device.socket);
          device.socket = null;
        },
        sleep: () => box.sleep(),
        crash: () => {
          box.crash();
          device.socket = null;
        },
        ring: () => box.ring(),
        take: (what) => (what.do === 'take' ? take(what.count, what.acknowledge) : undefined),
        async refuse() {
          const frame = device.socket?.frames[device.read];
          if (device.socket === null || frame?.type !== 'job' || device.socket.closedWith !== null) return;
          device.read += 1;
          refused.add(readJob(frame).claims.jti);
          await box.say(device.socket, { type: 'refuse', seq: frame.seq, code: 'unopenable' });
        },
        /** The edge gets another address: the device hangs up and enrols there, while more comes in. */
        async move(what) {
          if (what.do !== 'move') return;
          if (device.socket !== null) box.drop(device.socket);
          device.socket = null;
          origin = `https://edge${what.to}`;
          await Promise.all([
            box.setUp([], origin),
            ...what.ids.map(async (id) => {
              await box.post({ update_id: id });
              accepted.add(`tg:123456:${id}`);
            }),
          ]);
        },
        /** The disk fails for a while: nothing is accepted, unless it was there before, and an acknowledgement ends the link. */
        async fail(what) {
          if (what.do !== 'fail') return;
          box.breakDisk(true);
          const posts = await Promise.allSettled(what.ids.map((id) => box.post({ update_id: id })));
          for (const [index, id] of what.ids.entries())
            if (posts[index]?.status === 'fulfilled') expect(accepted).toContain(`tg:123456:${id}`);
          await take(70, true);
          box.ring();
          await box.clock.advance(300);
          box.breakDisk(false);
          if (device.socket !== null && device.socket.closedWith !== null) device.socket = null;
        },
        /** The device is revoked, and its owner pairs it again; what comes meanwhile is kept. */
        async 'shut out'(what) {
          if (what.do !== 'shut out') return;
          const posts = what.ids.map(async (id) => {
            await box.post({ update_id: id });
            accepted.add(`tg:123456:${id}`);
          });
          box.core().revoke({ empty: false });
          expect(device.socket?.closedWith ?? null).toEqual(device.socket === null ? null : expect.any(Number));
          expect(() => box.connect()).toThrow('revoked');
          device.socket = null;
          await Promise.all(posts);
          await box.admit(origin);
        },
        /** A new secret is a deploy. */
        rotate() {
          kid += 1;
          box.crash();
          device.socket = null;
        },
        wait: (what) => (what.do === 'wait' ? box.clock.advance(what.ms) : undefined),
      };

      for (const what of steps) {
        await perform[what.do]?.(what);
        expect(box.status().in_flight).toBeLessThanOrEqual(maxInFlight);
      }
      // At the end the device comes back and takes whatever there is.
      await connect();
      while ((device.socket?.frames.length ?? 0) > device.read) await take(10, true);
      expect(new Set([...device.taken, ...refused])).toEqual(accepted);
      expect(box.status().queued.jobs).toBe(0);
    }),
    { numRuns: 150 },
  );
});
