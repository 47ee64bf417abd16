/** Pryx itself: the folder with its package.json, whether it runs from source or from the bundle in dist/, and its version. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { PryxError } from '../../shared/error.ts';

const manifest = z.object({ name: z.string().optional(), version: z.string().default('unknown') });

export function findPackage(from: string = import.meta.dirname): { folder: string; version: string } {
  for (let folder = from; ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    const found = existsSync(file) ? manifest.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
    if (found?.name === 'pryx') return { folder, version: found.version };
    if (dirname(folder) === folder)
      throw new PryxError('internal', 'The files that belong to Pryx are not where they should be.', {
        hint: 'Install Pryx again.',
      });
  }
}

/** The numbered SQL of the device database. */
export const migrationsFolder = (): string => join(findPackage().folder, 'migrations');
