import { describe, expect, it } from 'vitest';
import { deriveMethods } from './derive-methods.ts';
import facts from './methods.json' with { type: 'json' };
import { createMethodTable } from './protocol/method-table.ts';

describe('the table of methods', () => {
  it('keeps names, types and what is required, and no words', () => {
    const field = (name: string, types: string[], required: boolean, description = 'Some words.') => ({
      name,
      types,
      required,
      description,
    });
    const derived = deriveMethods({
      version: 'Bot API 0.1',
      methods: {
        getMe: {},
        send: { fields: [field('to', ['Integer', 'String'], true), field('kind', ['Kind'], false)] },
      },
      types: {
        Update: { fields: [field('update_id', ['Integer'], true), field('message', ['Message'], false)] },
        Message: { fields: [field('text', ['String'], false)] },
        Kind: { subtypes: ['KindA', 'KindB'] },
        KindA: {
          fields: [
            field('type', ['String'], true, 'Type of the kind, must be “a_1”'),
            field('b', ['Array of KindB'], false),
          ],
        },
        KindB: { fields: [] },
      },
    });
    expect(derived).toEqual({
      version: 'Bot API 0.1',
      updates: ['message'],
      methods: { getMe: '', send: 'to: Integer|String, kind?: Kind' },
      types: { KindA: 'type: =a_1, b?: Array of KindB', KindB: '' },
      unions: { Kind: 'KindA|KindB' },
    });
  });

  it('is complete and small', () => {
    expect(Object.keys(facts.methods)).toHaveLength(180);
    expect(facts.updates).toHaveLength(25);
    expect(JSON.stringify(facts).length).toBeLessThan(120_000);
    expect(JSON.stringify(facts)).not.toMatch(/https:|\. [A-Z]/);
    const known = new Set([...Object.keys(facts.types), ...Object.keys(facts.unions)]);
    const table = createMethodTable();
    for (const method of Object.keys(facts.methods))
      for (const { types } of table.find(method)?.fields.values() ?? [])
        for (const { name } of types)
          expect(known.has(name) || /^(Integer|String|Boolean|Float)$/.test(name)).toBe(true);
  });

  it('finds methods in any spelling and reads their fields', () => {
    const found = createMethodTable().find('SENDMESSAGE');
    expect(found?.name).toBe('sendMessage');
    expect(found?.fields.get('entities')).toEqual({
      name: 'entities',
      required: false,
      types: [{ name: 'MessageEntity', depth: 1 }],
    });
  });
});
