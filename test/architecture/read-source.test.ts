import { describe, expect, test } from 'vitest';
import { readSource } from './read-source.ts';

const imports = (text: string) => readSource('file.ts', text).imports.map(({ specifier, kind }) => [specifier, kind]);
const reaches = (text: string) => readSource('file.ts', text).reaches.map(({ what }) => what);

describe('an import is seen', () => {
  test.each([
    ["import { a } from './a.ts';", 'static'],
    ["import a from './a.ts';", 'static'],
    ["import * as a from './a.ts';", 'static'],
    ["import './a.ts';", 'static'],
    ["import { type A } from './a.ts';", 'static'],
    ["import type { A } from './a.ts';", 'type'],
    ["import type * as a from './a.ts';", 'type'],
    ["export { a } from './a.ts';", 'static'],
    ["export * from './a.ts';", 'static'],
    ["export type { A } from './a.ts';", 'type'],
    ["export type * from './a.ts';", 'type'],
    ["const a = await import('./a.ts');", 'dynamic'],
    ["function f() { return () => import('./a.ts').then(({ a }) => a); }", 'dynamic'],
    ["type A = import('./a.ts').A;", 'type'],
    ["let a: typeof import('./a.ts');", 'type'],
    ["const a = <T,>(x: T): x is T & import('./a.ts').A => true;", 'type'],
  ])('%s', (text, kind) => {
    expect(imports(text)).toEqual([['./a.ts', kind]]);
  });
});

test('what only looks like an import is none', () => {
  expect(
    imports(
      "// import './a.ts'\n/* import './b.ts' */ const text = \"import './c.ts'\"; const d = `import('./d.ts')`;",
    ),
  ).toEqual([]);
});

test('an import of something unknown is told apart', () => {
  expect(readSource('file.ts', 'const a = await import(name);').unknownImports).toEqual([1]);
  expect(readSource('file.ts', 'const a = await import(`./${name}.ts`);').unknownImports).toEqual([1]);
});

test('the line is told', () => {
  expect(readSource('file.ts', "\n\nimport './a.ts';").imports).toEqual([
    { specifier: './a.ts', kind: 'static', names: [], line: 3 },
  ]);
});

test('a file that cannot be parsed is not passed over', () => {
  expect(() => readSource('file.ts', 'const = ;')).toThrow('file.ts cannot be parsed');
});

test.each([
  'export default 1;',
  'export default function f() {}',
  "export { a as default } from './a.ts';",
  'const a = 1; export { a as default };',
])('a default export is seen: %s', (text) => {
  expect(readSource('file.ts', text).defaultExport).toBe(true);
});

test('a named export is no default export', () => {
  expect(readSource('file.ts', "export const a = 1; export { b } from './b.ts';").defaultExport).toBe(false);
});

describe('reaching for the world is seen', () => {
  test.each([
    ['process.env.HOME', 'process.env'],
    ['const { HOME } = process.env', 'process.env'],
    ['globalThis.process.env', 'process.env'],
    ["import { env } from 'node:process'", 'process.env'],
    ['Date.now()', 'clock'],
    ['const now = Date.now', 'clock'],
    ["Date['now']()", 'clock'],
    ['new Date()', 'clock'],
    ['performance.now()', 'clock'],
    ['Math.random()', 'chance'],
    ['setTimeout(f, 1)', 'timer'],
    ['globalThis.setTimeout(f, 1)', 'timer'],
    ['setInterval(f, 1)', 'timer'],
    ["import { setTimeout as sleep } from 'node:timers/promises'", 'timer'],
  ])('%s', (text, what) => {
    expect(reaches(text)).toEqual([what]);
  });
});

test.each([
  'new Date(0)',
  'clock.now()',
  'clock.setTimeout',
  'process.pid',
  'random.fraction()',
  '// Date.now()',
  "'process.env'",
  'Date.UTC(1, 2)',
])('reaching for nothing is let through: %s', (text) => {
  expect(reaches(text)).toEqual([]);
});
