import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { forget } from '../../../local-agent/memory/forget.ts';
import { recall } from '../../../local-agent/memory/recall.ts';
import { remember } from '../../../local-agent/memory/remember.ts';
import { significantWords } from '../../../local-agent/memory/words.ts';
import type { Db } from '../../../local-agent/store/database.ts';
import { memoryDb } from '../../support/memory-db.ts';

let db: Db;
beforeEach(() => {
  db = memoryDb();
});

const keep = (...texts: string[]): void => {
  for (const text of texts) remember(db, text, 0);
};
const found = (about: string, limit = 10): string[] => recall(db, about, limit).map(({ text }) => text);

describe('Recalling', () => {
  it('finds what has a word in common, the best match first', () => {
    keep('My sister Anna lives in Graz', 'The spare key is with Anna in Graz', 'Buy milk');
    expect(found('Where is the spare key of Anna?')).toEqual([
      'The spare key is with Anna in Graz',
      'My sister Anna lives in Graz',
    ]);
  });

  it('finds other forms of a word, whatever the case and the accents', () => {
    keep('I like running in the mornings', 'Café Landtmann opens at 8');
    expect(found('RUN')).toEqual(['I like running in the mornings']);
    expect(found('cafe')).toEqual(['Café Landtmann opens at 8']);
  });

  it('is not led astray by words that are in every sentence', () => {
    keep('My car is the blue one', 'It is about you and me');
    expect(found('What is the colour of my car?')).toEqual(['My car is the blue one']);
    expect(found('the')).toEqual(['My car is the blue one']);
  });

  it('gives as many as asked for, the latest of equals first', () => {
    keep('tea one', 'tea two', 'tea six');
    expect(found('tea', 2)).toEqual(['tea six', 'tea two']);
  });

  it('finds nothing where nothing fits, or nothing was asked', () => {
    keep('milk');
    expect(found('bread')).toEqual([]);
    expect(found('?!')).toEqual([]);
    expect(found('')).toEqual([]);
  });

  it('does not find what was forgotten', () => {
    keep('milk', 'bread');
    forget(db, 1);
    expect(found('milk bread')).toEqual(['bread']);
  });

  it.each([
    'a"b',
    '" OR text:"',
    'NEAR(milk bread)',
    'milk AND',
    'NOT milk',
    'text : milk',
    '{text} : milk',
    '^milk',
    'milk*',
    '"; drop table memory; --',
    "o'clock",
    'memory_text(',
    '-milk',
    'a\0b',
  ])('takes %j as words and nothing else', (about) => {
    keep('milk and bread');
    expect(() => found(about)).not.toThrow();
    expect(found('bread')).toEqual(['milk and bread']);
  });

  it('takes anything at all as words and nothing else', () => {
    keep('milk and bread');
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' })), (about) => {
        expect(found(about).length).toBeLessThanOrEqual(1);
        expect(found(`${about} bread`)).toHaveLength(significantWords(`${about} bread`).includes('bread') ? 1 : 0);
      }),
      { numRuns: 50 },
    );
  });

  it('looks at no more words than a question has', () => {
    expect(significantWords(Array.from({ length: 1000 }, (_, index) => `word${index}`).join(' '))).toHaveLength(32);
  });
});
