import { describe, expect, it } from 'vitest';
import { sayDate, sayTime } from '../../../../local-agent/agent/say-time.ts';
import { createPause } from '../../../support/model/scripted-model.ts';
import { setUp } from '../agent-fixture.ts';

const explanation = /To add a model, start Ollama[\s\S]*PRYX_MODEL_BASE_URL/;
const group = { address: { channel: 'telegram', key: '-100', data: null }, audience: 'group' } as const;

/** An offline agent that has been met before. */
async function met() {
  const world = setUp({ model: null });
  await world.ask('Hello');
  return world;
}

describe('Without a model', () => {
  it('the first answer explains, whatever it was about, and the next ones do not', async () => {
    const { ask, rows } = setUp({ model: null });
    expect(await ask('Hello')).toMatch(/^Hello Ada\.\n\nI have no language model yet, so I am offline/);
    expect(await ask('Hello')).toBe('Hello Ada.');
    expect(rows().turns).toMatchObject([{ state: 'done', provider: 'offline', model: null }, {}]);
    const other = setUp({ model: null });
    const first = await other.ask('What is the capital of France?');
    expect(first).toMatch(/^I cannot answer that without a model\.\n\n/);
    expect(first).toMatch(explanation);
    expect(first).not.toContain('/help says');
  });

  it('a message is answered in one go', async () => {
    const { ask, rows, woken, scripted } = await met();
    await ask('What time is it?');
    expect(woken).toEqual([1, 2]);
    expect(rows().inbox.at(-1)).toMatchObject({ state: 'done', body: Buffer.alloc(0) });
    expect(scripted.prompts).toEqual([]);
  });

  it('it remembers, recalls and forgets in plain words', async () => {
    const { ask, rows } = await met();
    expect(await ask('Remember that the spare key is with Anna.')).toBe(
      'I will remember: “the spare key is with Anna”',
    );
    expect(await ask('What do you remember about the key?')).toBe('I remember:\n\n- the spare key is with Anna');
    expect(await ask('What do you remember?')).toBe('I remember:\n\n- the spare key is with Anna');
    expect(await ask('Forget the key')).toBe('Shall I forget this?\n\n“the spare key is with Anna”');
    expect(rows().outbox.at(-1)?.buttons).toHaveLength(2);
    expect(rows().memories).toHaveLength(1);
  });

  it('it finds what was said in this conversation, and not the questions about it', async () => {
    const { ask, clock } = await met();
    await ask('We fly to Graz in March');
    await ask('What about Graz?', group);
    await ask('What did I say about flying?');
    expect(await ask('What did I say about our flights to Graz?')).toBe(
      `You said:\n\n- ${sayDate(clock.now())}: We fly to Graz in March`,
    );
    expect(await ask('What did I say about the moon?')).toBe('I find nothing about that in what you said here.');
    expect(await ask('What did I say about March?', group)).toBe('I find nothing about that in what you said here.');
  });

  it('it knows the time', async () => {
    const { ask, clock } = await met();
    expect(await ask('What time is it?')).toBe(`It is ${sayDate(clock.now())}, ${sayTime(clock.now())}.`);
  });

  it('it says honestly what it cannot answer, in one line', async () => {
    const { ask } = await met();
    expect(await ask('What is the capital of France?')).toBe(
      'I cannot answer that without a model. I am offline; /help says how to add a model.',
    );
  });

  it('it shows what it was told that may have to do with it', async () => {
    const { ask } = await met();
    await ask('/remember The capital of France is *Paris*');
    expect(await ask('What is the capital of France?')).toBe(
      'I cannot answer that without a model. I am offline; /help says how to add a model.\n\nThis I was told to remember:\n\n- The capital of France is \\*Paris\\*',
    );
  });

  it('it does not bring that up where others read along', async () => {
    const { ask } = await met();
    await ask('/remember The capital of France is Paris');
    await ask('Hello', group);
    expect(await ask('What is the capital of France?', group)).not.toContain('Paris');
  });

  it('it says that it has a photo, and cannot see it', async () => {
    const { ask } = await met();
    const answer = await ask('', { attachments: [{ kind: 'photo', description: 'photo, 1280×960' }] });
    expect(answer).toMatch(/^I have it here \(photo, 1280×960\), but I cannot make anything of it without a model\./);
  });

  it('a turn that began with a model is brought to its end', async () => {
    const { scripted, say, receive, start, world, rows } = setUp();
    const incoming = say('What time is it?');
    const row = receive(incoming);
    scripted.script(createPause());
    void start().handle(row, incoming);
    await expect.poll(() => scripted.prompts.length).toBe(1);
    world.model = null;
    await start().handle({ ...row, attempts: 1 }, incoming);
    expect(rows().outbox).toMatchObject([{ text: expect.stringMatching(/^It is /) }]);
    expect(rows().turns).toMatchObject([{ state: 'done', provider: 'offline' }]);
  });
});
