import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../../local-agent/store/database.ts';
import { setSetting } from '../../../local-agent/store/settings.ts';
import { audit } from '../../../local-agent/store/tables/audit.ts';
import { runNode } from './run-node.ts';
import { temporaryFolder } from './temporary-folder.ts';

const now = () => Date.UTC(2026, 10, 20, 17, 18, 0);

describe('setting a damaged database aside', () => {
  // The note: open, write, sync, rename, sync of the folder. Then -wal, -shm and the database itself, and the folder again.
  for (let calls = 1; calls <= 9; calls++)
    it(`cut off by kill -9 after step ${calls} is carried on at the next start`, () => {
      const folder = temporaryFolder();
      const path = join(folder, 'pryx.db');
      for (const suffix of ['', '-wal', '-shm']) writeFileSync(path + suffix, `damaged${suffix} `.repeat(300));
      const { signal } = runNode(`
        import fs from 'node:fs';
        import { syncBuiltinESMExports } from 'node:module';
        let calls = 0;
        for (const name of ['openSync', 'writeSync', 'fsyncSync', 'renameSync']) {
          const real = fs[name];
          fs[name] = (...args) => {
            const result = real(...args);
            if (args[1] !== 'r' && ++calls === ${calls}) process.kill(process.pid, 'SIGKILL');
            return result;
          };
        }
        syncBuiltinESMExports();
        const { moveDamaged, noteDamage } = await import('../../../local-agent/store/set-aside.ts');
        noteDamage(${JSON.stringify(path)}, 'SQLITE_CORRUPT', ${now()});
        moveDamaged(${JSON.stringify(path)});
      `);
      expect(signal).toBe('SIGKILL');

      const { db, close, setAside } = openDatabase({ path, now });
      expect(setAside).toBe('pryx.db.corrupt-20261120T171800Z');
      for (const suffix of ['', '-wal'])
        expect(readFileSync(join(folder, setAside + suffix), 'utf8')).toBe(`damaged${suffix} `.repeat(300));
      expect(db.select().from(audit).where(eq(audit.event, 'database.set_aside')).all()).toHaveLength(1);
      expect(existsSync(`${path}.damaged`)).toBe(false);
      close();
    });

  it('cut off before the audit row was written writes it at the next start, and keeps what the fresh database holds', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'pryx.db');
    const first = openDatabase({ path, now });
    setSetting(first.db, 'colour', 'blue', now());
    first.close();
    writeFileSync(join(folder, 'pryx.db.corrupt-1'), 'damaged');
    // The second time: cut off after the audit row, before the note was taken away.
    for (const setAside of ['pryx.db.corrupt-1', 'pryx.db.corrupt-1', null]) {
      if (setAside !== null)
        writeFileSync(`${path}.damaged`, JSON.stringify({ to: setAside, reason: 'SQLITE_CORRUPT' }));
      const { db, close, ...opened } = openDatabase({ path, now });
      expect(opened.setAside).toBe(setAside);
      expect(db.select().from(audit).all()).toMatchObject([
        { event: 'database.set_aside', detail: { file: 'pryx.db.corrupt-1' } },
      ]);
      expect(db.$client.prepare('select value from setting').pluck().get()).toBe('blue');
      close();
    }
  });
});
