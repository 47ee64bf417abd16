import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { understand } from '../../../../local-agent/agent/offline/understand.ts';

describe('Without a model, Pryx understands', () => {
  it.each([
    ['Remember that the key is with Anna.', 'remember', 'the key is with Anna'],
    ['please remember: buy milk', 'remember', 'buy milk'],
    ['Remember to call Anna', 'remember', 'to call Anna'],
    ["Don't forget the İstanbul tickets", 'remember', 'the İstanbul tickets'],
    ['remember that\n- one\n- two', 'remember', '- one\n- two'],
    ['What do you remember about Anna?', 'recall', 'Anna'],
    ['what do you know about my car', 'recall', 'my car'],
    ['What do you remember?', 'recall', ''],
    ['Do you remember my sister’s birthday?', 'recall', "my sister's birthday"],
    ['forget that the key is with Anna', 'forget', 'the key is with Anna'],
    ['Forget about the milk!', 'forget', 'the milk'],
    ['What did I say about the holidays?', 'said', 'the holidays'],
    ['when did I mention Graz', 'said', 'Graz'],
    ['What did we talk about Graz?', 'said', 'Graz'],
  ])('%j', (text, kind, about) => {
    expect(understand(text)).toEqual({ kind, about });
  });

  it.each([
    ['What time is it?', 'time'],
    ["what's the date today?", 'time'],
    ['Hello!', 'greeting'],
    ['Good morning, Pryx 👋', 'greeting'],
    ['thanks a lot', 'thanks'],
    ['help', 'help'],
  ])('%j', (text, kind) => {
    expect(understand(text)).toEqual({ kind });
  });
});

describe('Without a model, Pryx does not mistake', () => {
  it.each([
    'Remember when we went to Graz?',
    'What time is it in Tokyo?',
    'Hi, can you book a flight?',
    'Hello world programs in Rust',
    'forget it',
    'Forget about that',
    'unforgettable',
    'notebook',
    '',
    '?',
  ])('%j for something that it can do', (text) => {
    expect(understand(text)).toEqual({ kind: 'unknown' });
  });

  it('anything so badly that it fails or hangs', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => understand(text).kind.length > 0));
    for (const start of ['what did i say ', 'remember ', 'hello ', 'please forget ', 'what do you remember about '])
      expect(understand(start + ' you there'.repeat(10_000)).kind).toBeTypeOf('string');
  });
});
