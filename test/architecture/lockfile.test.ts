/** What `npm ci` needs to be the same everywhere. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './house.ts';

interface Package {
  version?: string;
  resolved?: string;
  hasInstallScript?: boolean;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}
interface Manifest {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  allowScripts: Record<string, boolean>;
}

const read = (file: string): unknown => JSON.parse(readFileSync(join(root, file), 'utf8'));
const manifest = read('package.json') as Manifest;
const { packages } = read('package-lock.json') as { packages: Record<string, Package> };

/** In the package's own folder, or beside all others. */
const isLocked = (from: string, name: string): boolean =>
  packages[`${from}/node_modules/${name}`] !== undefined || packages[`node_modules/${name}`] !== undefined;

test('package.json names exact versions', () => {
  const versions = Object.values({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(versions.filter((version) => !/^\d+\.\d+\.\d+(-[0-9a-z.]+)?$/.test(version))).toEqual([]);
});

// Without them `npm ci` fails, or works on the machine alone where the lockfile was written.
test('the lockfile names the packages of every platform, not just of one', () => {
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter((name) => !isLocked(path, name)),
  );
  expect(missing).toEqual([]);
});

test('there is one workerd, the one that both wrangler and miniflare ask for', () => {
  expect(Object.keys(packages).filter((path) => /\/(workerd|miniflare)$/.test(path))).toEqual([
    'node_modules/miniflare',
    'node_modules/workerd',
  ]);
});

test('every package that could run a script at installation is allowed to, or not, by name', () => {
  const scripted = Object.entries(packages).flatMap(([path, { hasInstallScript }]) =>
    hasInstallScript === true ? [path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)] : [],
  );
  expect(scripted.filter((name) => manifest.allowScripts[name] === undefined)).toEqual([]);
});
