/** The version of this Pryx, from its package.json: some folders up, from source as from the bundle. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export function readVersion(folder: string = import.meta.dirname): string {
  try {
    const found: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    if (typeof found === 'object' && found !== null && 'version' in found && 'name' in found && found.name === 'pryx')
      return String(found.version);
  } catch {
    // Further up.
  }
  return dirname(folder) === folder ? 'unknown' : readVersion(dirname(folder));
}
