import { expect, it } from 'vitest';
import { openDatabase } from '../../../local-agent/store/database.ts';
import { deleteSetting, getSetting, setSetting } from '../../../local-agent/store/settings.ts';

it('a setting is kept, replaced and forgotten by its name', () => {
  const { db } = openDatabase({ path: ':memory:' });
  expect(getSetting(db, 'colour')).toBeUndefined();
  setSetting(db, 'colour', 'green', 1);
  setSetting(db, 'size', 'large', 1);
  setSetting(db, 'colour', 'blue', 2);
  expect([getSetting(db, 'colour'), getSetting(db, 'size')]).toEqual(['blue', 'large']);
  deleteSetting(db, 'colour');
  expect([getSetting(db, 'colour'), getSetting(db, 'size')]).toEqual([undefined, 'large']);
});
