import { beforeEach, describe, expect, it } from 'vitest';
import { ModelError, refusedBy } from '../../../local-agent/models/model-error.ts';
import { retrying } from '../../../local-agent/models/retry.ts';
import { type ScriptedModel, createScriptedModel } from '../../support/model/scripted-model.ts';
import { type VirtualClock, createVirtualClock } from '../../support/virtual-clock.ts';

let scripted: ScriptedModel;
let clock: VirtualClock;
let fraction: number;

beforeEach(() => {
  scripted = createScriptedModel();
  clock = createVirtualClock();
  fraction = 0.5;
});

const unreachable = (retryAfterMs?: number) =>
  new ModelError('model_unreachable', 'Gone.', {
    retryable: true,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });

/** What came, how it ended, and how long after the start each attempt was made, in milliseconds. */
async function run(signal = new AbortController().signal) {
  const start = clock.now();
  const attempts: number[] = [];
  const timed = {
    ...scripted,
    stream: (request: Parameters<typeof scripted.stream>[0]) => {
      attempts.push(clock.now() - start);
      return scripted.stream(request);
    },
  };
  const model = retrying(timed, {
    clock,
    random: { bytes: (length) => new Uint8Array(length), fraction: () => fraction },
  });
  let text = '';
  let error: unknown;
  const asked = (async () => {
    for await (const event of model.stream({ messages: [], signal })) if (event.type === 'text') text += event.text;
  })().catch((thrown: unknown) => {
    error = thrown;
  });
  await clock.advance(200_000);
  await asked;
  return { text, error, attempts };
}

describe('A model that fails', () => {
  it('is asked again, further and further apart', async () => {
    for (let failure = 0; failure < 3; failure += 1) scripted.script(unreachable());
    scripted.script('at last');
    expect(await run()).toEqual({ text: 'at last', error: undefined, attempts: [0, 500, 1500, 3500] });
  });

  it('is asked at moments that differ, so that many do not come back at once', async () => {
    fraction = 0;
    scripted.script(unreachable());
    expect((await run()).attempts).toEqual([0, 250]);
  });

  it('is given up after three more times', async () => {
    const last = unreachable();
    for (const error of [unreachable(), unreachable(), unreachable(), last]) scripted.script(error);
    const { error, attempts } = await run();
    expect(error).toBe(last);
    expect(attempts).toHaveLength(4);
  });

  it('is left alone for as long as it asks for', async () => {
    scripted.script(unreachable(7000));
    expect((await run()).attempts).toEqual([0, 7100]);
  });

  it('is given up at once when it asks for longer than anybody would wait', async () => {
    scripted.script(unreachable(31_000));
    expect((await run()).attempts).toEqual([0]);
  });

  it('is not asked again for what will not change', async () => {
    const refused = new ModelError('model_unauthorized', 'No.');
    scripted.script(refused);
    expect(await run()).toEqual({ text: '', error: refused, attempts: [0] });
  });

  it('is not asked again for a fault of our own', async () => {
    scripted.script(new TypeError('oops'));
    expect((await run()).attempts).toEqual([0]);
  });

  it('is not asked again once something of the answer was shown', async () => {
    const broken = unreachable();
    scripted.script('half', broken);
    expect(await run()).toEqual({ text: 'half', error: broken, attempts: [0] });
  });

  it('is not waited for when the daemon stops', async () => {
    const stop = new AbortController();
    const reason = new Error('stop');
    scripted.script(unreachable());
    const running = run(stop.signal);
    stop.abort(reason);
    expect(await running).toEqual({ text: '', error: reason, attempts: [0] });
  });
});

describe('Retry-After', () => {
  const now = Date.UTC(2026, 10, 20, 12);
  it.each([
    [{ 'retry-after': '12' }, 12_000],
    [{ 'retry-after': 'Fri, 20 Nov 2026 12:00:05 GMT' }, 5000],
    [{ 'retry-after': 'Fri, 20 Nov 2026 11:00:00 GMT' }, 0],
    [{ 'retry-after': '12', 'retry-after-ms': '1500' }, 1500],
    [{ 'retry-after': 'soon' }, undefined],
    [{}, undefined],
  ])('%j is read as %s milliseconds', (headers, ms) => {
    expect(refusedBy({ status: 429, headers, body: '', now }).retryAfterMs).toBe(ms);
  });
});
