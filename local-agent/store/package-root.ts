/** Where Pryx itself lies: the folder with its package.json, whether it runs from source or from the bundle in dist/. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { PryxError } from '../../shared/error.ts';

const named = z.object({ name: z.string().optional() });

export function packageRoot(from: string = import.meta.dirname): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (existsSync(file) && named.parse(JSON.parse(readFileSync(file, 'utf8'))).name === 'pryx') return folder;
    if (dirname(folder) === folder)
      throw new PryxError('internal', 'The files that belong to Pryx are not where they should be.', {
        hint: 'Install Pryx again.',
      });
  }
}

/** The numbered SQL of the device database. */
export const migrationsFolder = (): string => join(packageRoot(), 'migrations');
