/** Reads the house from disk: every source file of edge, device and what they share. */
import { readFileSync, readdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { House } from './check-imports.ts';
import { readSource } from './read-source.ts';

export const root = join(import.meta.dirname, '../..');

export function readHouse(): House {
  const paths = ['shared', 'workers', 'local-agent'].flatMap((top) =>
    readdirSync(join(root, top), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.tsx?$/.test(path) && !path.endsWith('.d.ts'))
      .map((path) => `${top}/${path.split(sep).join('/')}`),
  );
  return new Map(paths.sort().map((path) => [path, readSource(path, readFileSync(join(root, path), 'utf8'))]));
}
