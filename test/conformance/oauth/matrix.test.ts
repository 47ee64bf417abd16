import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { clauses } from './clauses.ts';
import { suites } from './clauses/clause.ts';

const testFolder = new URL('../../', import.meta.url);
const shown = clauses.flatMap(({ id, shown }) => ('by' in shown ? [{ id, ...shown }] : []));
const own = Object.values<string>(suites).filter((file) => file.startsWith('conformance/oauth/'));

describe('the matrix of requirements', () => {
  it('names tests that are there, each in the file that it is said to be in', () => {
    const lost = shown.filter((clause) => !titlesOf(clause.in).includes(clause.by));
    expect(lost.map(({ id, by }) => `${id}: ${by}`)).toEqual([]);
  });

  it('has each requirement once, with its section, and in words', () => {
    const ids = clauses.map(({ id }) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    for (const { id, text } of clauses) {
      expect(id).toMatch(/^RFC \d{4} §\d+(\.\d+)*-\d+$/);
      expect(text.length, id).toBeGreaterThan(5);
    }
  });

  it('says why, where a requirement does not apply', () => {
    for (const { id, shown } of clauses)
      if ('notApplicable' in shown) expect(shown.notApplicable.length, id).toBeGreaterThan(20);
  });

  it('names every test of this folder', () => {
    const named = new Set(shown.map((clause) => `${clause.in}: ${clause.by}`));
    const all = own.flatMap((file) => titlesOf(file).map((title) => `${file}: ${title}`));
    expect(all.length).toBeGreaterThan(80);
    expect(all.filter((test) => !named.has(test) && !besidesRequirements.has(test))).toEqual([]);
  });

  it('knows every file of this folder that has tests', () => {
    const files = readdirSync(new URL('conformance/oauth/', testFolder)).filter((name) => name.endsWith('.ts'));
    const withTests = files
      .map((name) => `conformance/oauth/${name}` as const)
      .filter((file) => titlesOf(file).length > 0);
    expect(withTests.filter((file) => !file.endsWith('/matrix.test.ts')).sort()).toEqual(own.sort());
  });
});

/** Whole flows, which show no single requirement. */
const besidesRequirements = new Set([
  `${suites.independent}: oauth4webapi pairs, reads a resource, refreshes and revokes`,
  `${suites.independent}: openid-client pairs, reads a resource, refreshes and revokes`,
]);

/** What stands behind `it(` in a file: a title is one literal, so that it can be found. */
function titlesOf(file: string): string[] {
  const source = readFileSync(new URL(file, testFolder), 'utf8');
  return [...source.matchAll(/\b(?:it|test)\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|`([^`$]*)`)/g)].map(
    ([, single, double, template]) => (single ?? double ?? template ?? '').replaceAll(/\\(.)/g, '$1'),
  );
}
