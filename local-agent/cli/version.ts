/** The version of this Pryx, from its package.json: beside dist/, or two folders up from here. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export function readVersion(): string {
  for (const above of ['..', '../..']) {
    try {
      const found: unknown = JSON.parse(readFileSync(join(import.meta.dirname, above, 'package.json'), 'utf8'));
      if (typeof found === 'object' && found !== null && 'version' in found) return String(found.version);
    } catch {
      // Not here.
    }
  }
  return 'unknown';
}
