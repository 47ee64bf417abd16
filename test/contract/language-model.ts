/** What every language model must do, whoever makes it. A model's own test calls this with a way to make one that says what it is told. */
import { describe, expect, it } from 'vitest';
import type { LanguageModel, ModelEvent } from '../../local-agent/core/language-model.ts';
import { PryxError } from '../../shared/error.ts';

export interface ModelUnderTest {
  model: LanguageModel;
  /** What the next request gets: this text in several pieces, or a refusal of the key. */
  willSay(text: string): void;
  willRefuseKey(): void;
  /** The next request says `before` and then waits until it is released. */
  willHold(before: string, after: string): { release(): void };
}

const messages = [
  { role: 'system', text: 'You are a test.' },
  { role: 'user', text: 'Say it.' },
] as const;

export function describeLanguageModel(name: string, make: () => Promise<ModelUnderTest>): void {
  const collect = async (model: LanguageModel, signal = new AbortController().signal): Promise<ModelEvent[]> => {
    const events: ModelEvent[] = [];
    for await (const event of model.stream({ messages, signal })) events.push(event);
    return events;
  };

  describe(`${name}, as a language model`, () => {
    it('says its text in pieces that are not empty, and ends with exactly one finish', async () => {
      const { model, willSay } = await make();
      willSay('Grüße an 🦊 und alle.');
      const events = await collect(model);
      const texts = events.filter((event) => event.type === 'text').map(({ text }) => text);
      expect(texts.join('')).toBe('Grüße an 🦊 und alle.');
      expect(texts).not.toContain('');
      expect(events.filter(({ type }) => type === 'finish')).toHaveLength(1);
      expect(events.at(-1)).toMatchObject({ type: 'finish', reason: 'stop' });
    });

    it('says who it is', async () => {
      const { model, willSay } = await make();
      willSay('x');
      await collect(model);
      expect(model.provider).toMatch(/^[a-z][a-z0-9._-]*$/);
      expect(model.model).not.toBe('');
    });

    it('shows the first piece before it knows the last', async () => {
      const { model, willHold } = await make();
      const held = willHold('first', ' last');
      let text = '';
      for await (const event of model.stream({ messages, signal: new AbortController().signal })) {
        if (event.type !== 'text') continue;
        text += event.text;
        if (text === 'first') held.release();
      }
      expect(text).toBe('first last');
    });

    it('can be asked several things at once', async () => {
      const { model, willSay } = await make();
      for (let index = 0; index < 10; index += 1) willSay('same');
      const all = await Promise.all(Array.from({ length: 10 }, () => collect(model)));
      expect(all.map((events) => events.at(-1)?.type)).toEqual(Array.from({ length: 10 }, () => 'finish'));
    });

    it('stops with the reason of the signal, in the middle of an answer', async () => {
      const { model, willHold } = await make();
      willHold('first', ' last');
      const stop = new AbortController();
      const reason = new Error('enough');
      const asked = (async () => {
        for await (const event of model.stream({ messages, signal: stop.signal })) {
          if (event.type === 'text') stop.abort(reason);
        }
      })();
      await expect(asked).rejects.toBe(reason);
    });

    it('does not begin when the signal was aborted before', async () => {
      const { model } = await make();
      const reason = new Error('too late');
      await expect(collect(model, AbortSignal.abort(reason))).rejects.toBe(reason);
    });

    it('can be left in the middle', async () => {
      const { model, willHold, willSay } = await make();
      willHold('first', ' last');
      for await (const event of model.stream({ messages, signal: new AbortController().signal }))
        if (event.type === 'text') break;
      willSay('next');
      const next = await collect(model);
      expect(next.map((event) => (event.type === 'text' ? event.text : '')).join('')).toBe('next');
    });

    it('throws one of the model errors when it cannot answer', async () => {
      const { model, willRefuseKey } = await make();
      willRefuseKey();
      const error = await collect(model).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(PryxError);
      expect((error as PryxError).code).toBe('model_unauthorized');
    });
  });
}
