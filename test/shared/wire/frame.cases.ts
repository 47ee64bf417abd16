import fc from 'fast-check';
import { PryxError } from '../../../shared/error.ts';
import {
  type DeviceFrame,
  type EdgeFrame,
  byeCodes,
  deviceFrame,
  edgeFrame,
  parseFrame,
  refusalCodes,
} from '../../../shared/wire/frame.ts';
import { maxFrameBytes } from '../../../shared/wire/limits.ts';
import { type Case, check, checkEqual, checkRefused } from '../case.ts';

const deviceFrames: readonly DeviceFrame[] = [
  { type: 'hello', have: 0 },
  { type: 'ack', seq: Number.MAX_SAFE_INTEGER },
  ...refusalCodes.map((code): DeviceFrame => ({ type: 'refuse', seq: 7, code })),
  { type: 'checkpoint', size: 3, root: 'A'.repeat(43) },
];
const edgeFrames: readonly EdgeFrame[] = [
  { type: 'job', seq: 1, jws: 'a.b.c' },
  { type: 'keys', statement: 'a.b.c' },
  ...byeCodes.map((code): EdgeFrame => ({ type: 'bye', code })),
];
const directions = [
  { name: 'from the device', schema: deviceFrame, own: deviceFrames, foreign: edgeFrames },
  { name: 'from the edge', schema: edgeFrame, own: edgeFrames, foreign: deviceFrames },
];

/** Every frame with one member gone, one more, or one of another type. */
function* damaged(frame: DeviceFrame | EdgeFrame): Generator<string> {
  for (const name of Object.keys(frame)) {
    yield JSON.stringify({ ...frame, [name]: undefined });
    for (const value of [null, true, [], {}, ['x'], { toString: 'x' }])
      yield JSON.stringify({ ...frame, [name]: value });
    yield JSON.stringify({ ...frame, [name]: typeof frame[name as never] === 'number' ? '7' : 7 });
  }
  yield JSON.stringify({ ...frame, more: 1 });
  yield JSON.stringify(frame).replace('{', '{"__proto__":{},');
  yield JSON.stringify(frame).replace('{', '{"constructor":1,');
  yield JSON.stringify({ ...frame, type: `${frame.type} ` });
  yield JSON.stringify({ ...frame, type: frame.type.toUpperCase() });
  yield `[${JSON.stringify(frame)}]`;
  yield `${JSON.stringify(frame)}{}`;
}

const oddNumbers = ['-1', '0.5', '9007199254740992', '1e999', '-1e999', '"1"'];

export const cases: readonly Case[] = [
  ...directions.flatMap(({ name, schema, own, foreign }): Case[] => [
    {
      title: `every frame ${name} is read as it was written`,
      run() {
        for (const frame of own) checkEqual(parseFrame<DeviceFrame | EdgeFrame>(schema, JSON.stringify(frame)), frame);
      },
    },
    {
      title: `no frame is taken ${name} that the other side sends`,
      async run() {
        for (const frame of foreign)
          await checkRefused('bad_request', () => parseFrame<unknown>(schema, JSON.stringify(frame)));
      },
    },
    {
      title: `no frame ${name} is taken with a member missing, added or of another type`,
      async run() {
        for (const frame of own) {
          for (const text of damaged(frame)) {
            await checkRefused('bad_request', () => parseFrame<unknown>(schema, text)).catch((error: unknown) => {
              throw new Error(`${text}: ${String(error)}`);
            });
          }
        }
      },
    },
    {
      title: `no text ${name} makes it throw anything but bad_request`,
      async run() {
        const texts = fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.json(),
          fc.constantFrom('', 'null', '{}', '[]', '7', '"x"', '\ufeff{}'),
        );
        await fc.assert(
          fc.asyncProperty(texts, (text) => checkRefused('bad_request', () => parseFrame<unknown>(schema, text))),
        );
      },
    },
  ]),
  {
    title: 'a sequence is a whole number from 0 that JavaScript holds exactly',
    async run() {
      for (const number of oddNumbers) {
        await checkRefused('bad_request', () => parseFrame<unknown>(deviceFrame, `{"type":"ack","seq":${number}}`));
        await checkRefused('bad_request', () =>
          parseFrame<unknown>(edgeFrame, `{"type":"job","seq":${number},"jws":"a"}`),
        );
      }
    },
  },
  {
    title: 'the largest frame is read, and one character more is refused before it is looked at',
    async run() {
      const empty = JSON.stringify({ type: 'job', seq: 1, jws: '' });
      const largest = JSON.stringify({ type: 'job', seq: 1, jws: 'A'.repeat(maxFrameBytes - empty.length) });
      checkEqual(parseFrame<EdgeFrame>(edgeFrame, largest).type, 'job');
      await checkRefused('too_large', () => parseFrame<unknown>(edgeFrame, `${largest} `));
      await checkRefused('too_large', () => parseFrame<unknown>(deviceFrame, '['.repeat(maxFrameBytes + 1)));
    },
  },
  {
    title: 'brackets a million deep are refused like any other text',
    run: () => checkRefused('bad_request', () => parseFrame<unknown>(deviceFrame, '['.repeat(1_000_000))),
  },
  {
    title: 'what is refused is never repeated',
    run() {
      for (const text of ['{"type":"ack","seq":"my secret"}', 'my secret', '{"type":"my secret"}']) {
        try {
          parseFrame<unknown>(deviceFrame, text);
          check(false, 'it was taken');
        } catch (error) {
          check(error instanceof PryxError, String(error));
          check(!JSON.stringify([error.message, error.hint, String(error.cause)]).includes('my secret'), error.message);
        }
      }
    },
  },
];
