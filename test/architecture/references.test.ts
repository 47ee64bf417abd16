/** What sources and pages point to is there. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url).pathname;
const files = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  '.env.example',
  'wrangler.toml',
  'build.ts',
  '{docs,shared,workers,local-agent,migrations}/**/*.{md,ts,js,sql}',
];
const read = files
  .flatMap((pattern) => globSync(pattern, { cwd: root }))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

test('every page that a source or a page names is there', () => {
  const broken = read.flatMap(({ path, text }) => [
    ...[...text.matchAll(/\bdocs\/[\w./-]+\.md\b/g)]
      .filter(([page]) => !existsSync(join(root, page)))
      .map(([page]) => `${path}: ${page}`),
    ...(path.endsWith('.md') ? [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)] : [])
      .filter(([, target = '']) => !existsSync(join(root, dirname(path), target)))
      .map(([, target]) => `${path}: ${target}`),
  ]);
  expect(broken).toEqual([]);
});

test('every decision that is cited is written', () => {
  const written = new Set(
    globSync('docs/decisions/*.md', { cwd: root }).map((path) =>
      path.slice('docs/decisions/'.length, 'docs/decisions/'.length + 3),
    ),
  );
  const missing = read.flatMap(({ path, text }) =>
    [...text.matchAll(/\bdecisions?[ /](\d{3})\b/g)]
      .filter(([, number = '']) => !written.has(number))
      .map(([, number]) => `${path}: ${number}`),
  );
  expect(missing).toEqual([]);
});
