import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './house.ts';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const manifest = JSON.parse(read('package.json')) as Record<'dependencies' | 'devDependencies', Record<string, string>>;
const packages = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });

/** Used by name in a script of package.json, or by the tool that reads it. */
const tools = ['@biomejs/biome', 'node', 'oxlint', 'oxlint-tsgolint', 'typescript', 'wrangler'];
const isTypes = (name: string): boolean => name.startsWith('@types/') || name.endsWith('-types');

function sources(): string {
  const files = ['shared', 'workers', 'local-agent', 'test'].flatMap((top) =>
    readdirSync(join(root, top), { recursive: true, encoding: 'utf8' }).map((path) => join(top, path)),
  );
  return ['build.ts', 'vitest.config.ts', ...files.filter((path) => path.endsWith('.ts'))].map(read).join('\n');
}

test('docs/dependencies.md has a line for every package, and for no other', () => {
  const rows = [...read('docs/dependencies.md').matchAll(/^\| ([^|]+) \|/gm)].flatMap(([, names = '']) =>
    names.split(', '),
  );
  expect([...new Set(rows.filter((name) => name !== 'package'))].toSorted()).toEqual(packages.toSorted());
});

test('every package is used', () => {
  const text = sources();
  const unused = packages.filter(
    (name) => !tools.includes(name) && !isTypes(name) && !text.includes(`'${name}'`) && !text.includes(`'${name}/`),
  );
  expect(unused).toEqual([]);
});
