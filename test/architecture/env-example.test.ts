import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readSettings } from '../../local-agent/core/settings.ts';
import { root } from './house.ts';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const namesIn = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, name]) => name ?? '');

const example = read('.env.example');
const listed = namesIn(example, /^([A-Z][A-Z0-9_]*)=/gm);

test('.env.example lists exactly the variables that the device and the edge read', () => {
  const device = namesIn(read('local-agent/core/settings.ts'), /^ {2}([A-Z][A-Z0-9_]*): /gm);
  // Bindings of wrangler.toml are no variables; these are.
  const edge = namesIn(read('workers/environment.ts'), /^ {2}(PRYX_[A-Z0-9_]*)\??: string/gm);
  expect(device.length).toBeGreaterThan(10);
  expect(edge).toContain('PRYX_EDGE_KEYS');
  expect(listed.toSorted()).toEqual([...new Set([...device, ...edge])].toSorted());
});

test('each variable of .env.example is listed once, after one line of comment, and holds nothing', () => {
  expect(listed).toEqual([...new Set(listed)]);
  for (const name of listed) expect(example).toMatch(new RegExp(`(^|\\n)# [^\\n]+\\n${name}=\\n`));
});

test('.env.example as it stands starts Pryx with its defaults', () => {
  const variables = Object.fromEntries(listed.map((name) => [name, '']));
  expect(readSettings(variables)).toEqual(readSettings({}));
});
