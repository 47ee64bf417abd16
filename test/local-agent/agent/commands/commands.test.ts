import { describe, expect, it } from 'vitest';
import { commands } from '../../../../local-agent/agent/commands/table.ts';
import { maxMemoryLength } from '../../../../local-agent/memory/remember.ts';
import { setUp } from '../agent-fixture.ts';

const buttonsOf = (world: ReturnType<typeof setUp>) => world.rows().outbox.at(-1)?.buttons ?? [];
const memoriesOf = (world: ReturnType<typeof setUp>) => world.rows().memories.map(({ text }) => text);

describe.each([
  ['with a model', {}],
  ['without a model', { model: null }],
])('A command, %s,', (_name, options) => {
  it('is answered at once, in one go, and without the model', async () => {
    const { scripted, say, handle, rows, woken } = setUp(options);
    await handle(say('/remember The key is with Anna'));
    expect(rows().memories).toMatchObject([{ text: 'The key is with Anna' }]);
    expect(rows().turns).toMatchObject([{ state: 'done', provider: null, inputTokens: null }]);
    expect(rows().messages).toMatchObject([
      { role: 'user', text: '/remember The key is with Anna' },
      { role: 'assistant', text: 'I will remember: “The key is with Anna”' },
    ]);
    expect(rows().outbox).toMatchObject([{ text: 'I will remember: “The key is with Anna”', state: 'open' }]);
    expect(rows().parts).toMatchObject([{ part: 0, state: 'new', content: null }]);
    expect(rows().inbox).toMatchObject([{ state: 'done', body: Buffer.alloc(0) }]);
    expect(woken).toEqual([1]);
    expect(scripted.prompts).toEqual([]);
  });

  it('that nobody knows is said to be unknown', async () => {
    const { ask } = setUp(options);
    expect(await ask('/make_coffee now')).toBe(
      'I do not know the command /make\\_coffee. /help shows those that I know.',
    );
  });

  it('may be written in capitals', async () => {
    const { ask } = setUp(options);
    expect(await ask('/Status')).toBe('All is well.');
  });
});

describe('/help', () => {
  it('lists every command, and what else there is', async () => {
    const { ask, world } = setUp();
    const help = await ask('/help');
    for (const { name, description } of commands) expect(help).toMatch(new RegExp(`/${name}.* – ${description}`));
    expect(help).toContain('goes to the model');
    expect(help).not.toContain('PRYX_MODEL');
    world.model = null;
    expect(await ask('/help')).toMatch(/remember that …[\s\S]*Ollama[\s\S]*PRYX_MODEL_BASE_URL/);
  });
});

describe('/start', () => {
  it('greets the owner, and says what is missing', async () => {
    const { ask, world } = setUp();
    expect(await ask('/start')).toMatch(/^Hello Ada, I am Pryx\.[\s\S]*Just write to me/);
    world.model = null;
    expect(await ask('/start')).toMatch(/^Hello Ada, I am Pryx\.[\s\S]*PRYX_MODEL/);
  });

  it('keeps what follows it out of the transcript', async () => {
    const { ask, rows } = setUp();
    await ask('/start an-old-one-time-code');
    expect(rows().messages[0]?.text).toBe('/start');
  });
});

describe('/remember', () => {
  it('says so when there is nothing to remember, when it is known, and when it is too long', async () => {
    const world = setUp();
    expect(await world.ask('/remember')).toMatch(/^What shall I remember\?/);
    expect(await world.ask('/remember milk')).toBe('I will remember: “milk”');
    expect(await world.ask('/remember milk')).toBe('I remember that already: “milk”');
    expect(await world.ask(`/remember ${'x'.repeat(maxMemoryLength + 1)}`)).toContain('at most 4000 fit');
    expect(memoriesOf(world)).toEqual(['milk']);
  });

  it('says so when the memory is full', async () => {
    const world = setUp();
    world.db.run(
      'with recursive n (i) as (select 1 union all select i + 1 from n where i < 10000) insert into memory (text, created_at) select i, 0 from n',
    );
    expect(await world.ask('/remember milk')).toBe(
      'My memory is full: I hold 10000 things. Please make room with /forget.',
    );
  });

  it('shows the words as they were said, whatever they mean in Markdown', async () => {
    const { ask } = setUp();
    expect(await ask('/remember *a* _b_ [c](http://d) `e` <f> \\g')).toBe(
      'I will remember: “\\*a\\* \\_b\\_ \\[c\\](http://d) \\`e\\` \\<f\\> \\\\g”',
    );
  });
});

describe('/recall', () => {
  it('tells what fits, or what came last, or that there is nothing', async () => {
    const { ask } = setUp();
    expect(await ask('/recall')).toBe('I remember nothing yet.');
    await ask('/remember buy milk');
    await ask('/remember call Anna');
    expect(await ask('/recall')).toBe('I remember:\n\n- call Anna\n- buy milk');
    expect(await ask('/recall MILK?')).toBe('I remember:\n\n- buy milk');
    expect(await ask('/recall bread')).toBe('I remember nothing about that.');
  });
});

describe('/forget', () => {
  it('asks first, and forgets when yes is pressed, once', async () => {
    const world = setUp();
    await world.ask('/remember buy milk');
    expect(await world.ask('/forget milk')).toBe('Shall I forget this?\n\n“buy milk”');
    const [yes, no] = buttonsOf(world);
    expect([yes?.label, no?.label]).toEqual(['Yes, forget it', 'No, keep it']);
    expect(memoriesOf(world)).toEqual(['buy milk']);
    await world.handle(world.press(yes?.data ?? ''));
    expect(world.answers().at(-1)).toBe('Forgotten: “buy milk”');
    expect(memoriesOf(world)).toEqual([]);
    await world.handle(world.press(yes?.data ?? ''));
    expect(world.answers().at(-1)).toBe('That is forgotten already.');
    expect(world.scripted.prompts).toEqual([]);
  });

  it('keeps it when no is pressed', async () => {
    const world = setUp();
    await world.ask('/remember buy milk');
    await world.ask('/forget milk');
    await world.handle(world.press(buttonsOf(world)[1]?.data ?? ''));
    expect(world.answers().at(-1)).toBe('I keep it in mind.');
    expect(memoriesOf(world)).toEqual(['buy milk']);
  });

  it('asks which one when several fit', async () => {
    const world = setUp();
    await world.ask('/remember buy milk');
    await world.ask('/remember milk is in the fridge');
    expect(await world.ask('/forget milk')).toMatch(/^Which of these shall I forget\?\n\n1\. .*\n2\. .*$/);
    expect(buttonsOf(world).map(({ label }) => label)).toEqual(['Forget 1', 'Forget 2', 'Keep all']);
    const shown = world
      .answers()
      .at(-1)
      ?.match(/^2\. (.*)$/m)?.[1];
    await world.handle(world.press(buttonsOf(world)[1]?.data ?? ''));
    expect(world.answers().at(-1)).toBe(`Forgotten: “${shown}”`);
    expect(memoriesOf(world)).toHaveLength(1);
  });

  it('has buttons that any channel can carry', async () => {
    const world = setUp();
    world.db.run("insert into memory (id, text, created_at) values (999999999999999, 'milk', 0)");
    await world.ask('/forget milk');
    for (const { data } of buttonsOf(world)) expect(Buffer.byteLength(data)).toBeLessThanOrEqual(64);
    await world.handle(world.press(buttonsOf(world)[0]?.data ?? ''));
    expect(memoriesOf(world)).toEqual([]);
  });

  it('never deletes anything but what was shown, even when its number was given out again', async () => {
    const world = setUp();
    await world.ask('/remember buy milk');
    await world.ask('/forget milk');
    const yes = buttonsOf(world)[0]?.data ?? '';
    await world.handle(world.press(yes));
    await world.ask('/remember the code of the alarm');
    await world.handle(world.press(yes));
    expect(world.answers().at(-1)).toBe('That is forgotten already.');
    expect(memoriesOf(world)).toEqual(['the code of the alarm']);
  });

  it('does not take the press of anybody else', async () => {
    const world = setUp();
    await world.ask('/remember buy milk');
    await world.ask('/forget milk');
    const press = world.press(buttonsOf(world)[0]?.data ?? '', { sender: { id: '8', name: 'Eve', bot: false } });
    const row = await world.handle(press);
    expect(world.reload(row)).toMatchObject({ state: 'ignored' });
    expect(memoriesOf(world)).toEqual(['buy milk']);
  });

  it('says so when there is nothing to forget', async () => {
    const { ask } = setUp();
    expect(await ask('/forget')).toMatch(/^What shall I forget\?/);
    expect(await ask('/forget milk')).toBe('I remember nothing about that.');
  });
});

describe('A button', () => {
  it.each(['', 'approve:1', 'forget:', 'forget:1', 'forget:x:0123456789abcdef', 'forget:yes'])(
    'with %j, which nobody knows, does nothing',
    async (data) => {
      const { press, handle, reload, rows } = setUp();
      const row = await handle(press(data));
      expect(reload(row)).toMatchObject({ state: 'ignored', body: Buffer.alloc(0) });
      expect(rows()).toMatchObject({ conversations: [], outbox: [] });
    },
  );
});
