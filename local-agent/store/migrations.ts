/** Reads the numbered SQL files: `0001-initial.up.sql` and, beside it, `0001-initial.down.sql`. */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PryxError } from '../../shared/error.ts';

export interface Migration {
  /** From 1, without gaps. */
  number: number;
  name: string;
  up: string;
  down: string;
  /** Of the bytes of `up`, hexadecimal. */
  upSha256: string;
}

export function readMigrations(folder: string): Migration[] {
  const files = readdirSync(folder).toSorted();
  return files
    .filter((file) => file.endsWith('.up.sql'))
    .map((file, index) => {
      const match = /^(\d{4})-([a-z0-9-]+)\.up\.sql$/.exec(file);
      const down = file.replace(/\.up\.sql$/, '.down.sql');
      if (match?.[2] === undefined || Number(match[1]) !== index + 1 || !files.includes(down))
        throw new PryxError(
          'migration_failed',
          `The migration ${file} is out of order, misnamed, or has no way back.`,
          {
            hint: 'Install Pryx again.',
          },
        );
      const up = readFileSync(join(folder, file), 'utf8');
      return {
        number: index + 1,
        name: match[2],
        up,
        down: readFileSync(join(folder, down), 'utf8'),
        upSha256: createHash('sha256').update(up).digest('hex'),
      };
    });
}
