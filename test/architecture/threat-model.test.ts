/** Every mitigation that the threat model names is shown by a test that exists. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from './house.ts';

const page = readFileSync(join(root, 'docs/threat-model.md'), 'utf8');

/** Rows of the tables whose last column is "shown by". */
const rows = page
  .split(/\n(?=## )/)
  .filter((section) => section.includes('| shown by |'))
  .flatMap((section) => section.split('\n'))
  .filter((line) => line.startsWith('| ') && !line.includes('| shown by |'));

/** `` `test/x.test.ts` "title" ``, several of them separated by `;`. */
const shown = (row: string): { file: string; title: string }[] =>
  [...row.matchAll(/`(test\/[^`]+)` "([^"]+)"/g)].map(([, file = '', title = '']) => ({ file, title }));

describe('the threat model', () => {
  test('is there to be looked at', () => {
    expect(rows.length).toBeGreaterThan(50);
  });

  test('names a test for each mitigation, or says that there is none', () => {
    expect(rows.filter((row) => shown(row).length === 0 && !row.endsWith('| – |'))).toEqual([]);
  });

  test.each(rows.flatMap(shown))('is shown by $file "$title"', ({ file, title }) => {
    const path = join(root, file);
    expect(existsSync(path)).toBe(true);
    expect(readFileSync(path, 'utf8').replaceAll("\\'", "'")).toContain(title);
  });
});
