import { describe, expect, it } from 'vitest';
import { remember } from '../../../local-agent/memory/remember.ts';
import { ModelError } from '../../../local-agent/models/model-error.ts';
import { setUp } from './agent-fixture.ts';

const failed = (code: ConstructorParameters<typeof ModelError>[0], options = {}) =>
  new ModelError(code, 'cause', options);

describe('When the model fails', () => {
  it.each([
    [
      'refuses the key',
      failed('model_unauthorized', { hint: 'Check PRYX_MODEL_API_KEY.' }),
      'The model refused my key. Check PRYX_MODEL_API_KEY.',
    ],
    [
      'cannot be reached',
      failed('model_unreachable'),
      'I cannot reach the model right now. Please try again in a moment.',
    ],
    ['is too busy', failed('model_rate_limited'), 'The model is busy. Please try again in a moment.'],
    [
      'does not want to',
      failed('model_refused', { hint: 'Check PRYX_MODEL.' }),
      'The model could not answer that. Check PRYX_MODEL.',
    ],
    [
      'breaks in a way nobody foresaw',
      new TypeError('secret detail'),
      'Something went wrong on my side. It is in my log.',
    ],
  ])('because it %s, the owner reads a sentence about it', async (_name, error, sentence) => {
    const { scripted, ask, rows } = setUp();
    scripted.script(error);
    expect(await ask('Hi')).toBe(sentence);
    expect(rows().turns).toMatchObject([
      { state: 'failed', provider: 'scripted', error: error instanceof ModelError ? error.code : 'internal' },
    ]);
    expect(rows().inbox).toMatchObject([{ state: 'done' }]);
    expect(rows().messages).toHaveLength(2);
  });

  it('in the middle of its answer, what it said so far stays', async () => {
    const { scripted, ask, rows } = setUp();
    scripted.script('The answer is', failed('model_unreachable'));
    expect(await ask('Hi')).toBe(
      'The answer is…\n\n(I cannot reach the model right now. Please try again in a moment.)',
    );
    expect(rows().turns).toMatchObject([{ state: 'failed', error: 'model_unreachable' }]);
  });

  it('to say anything at all, that is told', async () => {
    const { scripted, ask, rows } = setUp();
    scripted.script(' \n');
    expect(await ask('Hi')).toBe('The model could not answer that.');
    expect(rows().turns).toMatchObject([{ state: 'failed', error: 'model_refused' }]);
  });

  it('the next message is answered as if nothing had been', async () => {
    const { scripted, ask } = setUp();
    scripted.script(failed('model_unreachable'));
    await ask('Hi');
    expect(await ask('Still there?')).toBe('ok');
  });
});

describe('An answer', () => {
  it('that ran into the length limit of the model says so', async () => {
    const { scripted, ask } = setUp();
    scripted.script('Once upon a', { type: 'finish', reason: 'length', usage: { inputTokens: 1, outputTokens: 2 } });
    expect(await ask('A story')).toBe('Once upon a…\n\n(My answer ran into its length limit here.)');
  });

  it('that the provider stopped says so', async () => {
    const { scripted, ask } = setUp();
    scripted.script('Well,', { type: 'finish', reason: 'filtered', usage: { inputTokens: null, outputTokens: null } });
    expect(await ask('A story')).toBe('Well,\n\n(The model provider stopped my answer here.)');
  });

  it('that does not come to an end is cut off', async () => {
    const { scripted, ask, rows } = setUp();
    scripted.script(...Array.from({ length: 100 }, () => 'x'.repeat(1000)), new Error('It was read to its end.'));
    const answer = await ask('A story');
    expect(answer.length).toBeLessThan(42_000);
    expect(answer).toMatch(/length limit/);
    expect(rows().turns).toMatchObject([{ state: 'done' }]);
  });
});

describe('A conversation that is longer than the model can read', () => {
  const tooLong = failed('model_refused', {
    promptTooLong: true,
    hint: 'The conversation is longer than this model can read.',
  });
  const length = (prompt: readonly { text: string }[] = []): number =>
    prompt.slice(1).reduce((sum, { text }) => sum + text.length, 0);

  it('is shortened to its latest part, at most twice', async () => {
    const { scripted, ask } = setUp();
    for (let index = 0; index < 20; index += 1) await ask(`${index} `.repeat(500).trim());
    const before = scripted.prompts.length;
    scripted.script(tooLong);
    scripted.script(tooLong);
    scripted.script('Got it.');
    expect(await ask('And now?')).toBe('Got it.');
    const [first, second, third] = scripted.prompts.slice(before);
    expect(length(first)).toBeGreaterThan(4000);
    expect(length(first)).toBeLessThanOrEqual(16_000);
    expect(length(second)).toBeGreaterThan(8);
    expect(length(second)).toBeLessThanOrEqual(4000);
    expect(third?.slice(1)).toEqual([{ role: 'user', text: 'And now?' }]);
  });

  it('is told of when the message alone is too long', async () => {
    const { scripted, ask } = setUp();
    for (let index = 0; index < 3; index += 1) scripted.script(tooLong);
    expect(await ask('Hi')).toBe(
      'The model could not answer that. The conversation is longer than this model can read.',
    );
    expect(scripted.prompts).toHaveLength(3);
  });
});

describe('Memories', () => {
  it('go along as far as there is room, the best one whole', async () => {
    const { db, scripted, ask } = setUp();
    for (const name of ['one', 'two', 'three']) remember(db, `key ${name} ${'z'.repeat(3900)}`, 0);
    await ask('key');
    const system = scripted.prompts[0]?.[0]?.text ?? '';
    expect(system.match(/^- key/gm)).toHaveLength(1);
    expect(system).toContain('z'.repeat(3900));
  });
});
