import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { prepareHome } from '../../../local-agent/daemon/home.ts';
import { takeLock } from '../../../local-agent/daemon/lock.ts';
import { killNode, runNode } from '../store/run-node.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';

const tryInAnotherProcess = (folder: string) =>
  runNode(`
    import { prepareHome } from '../../../local-agent/daemon/home.ts';
    import { takeLock } from '../../../local-agent/daemon/lock.ts';
    try {
      takeLock(prepareHome(${JSON.stringify(folder)}), process.pid);
      console.log('taken');
    } catch (error) {
      console.log(error.code, error.message, error.hint);
    }
  `).stdout.trim();

describe('the lock of a home', () => {
  it('is given once, to this process or another, and again when it was released', () => {
    const folder = temporaryFolder();
    const home = prepareHome(folder);
    const lock = takeLock(home, 4242);
    expect(readFileSync(home.pid, 'utf8')).toBe('4242\n');
    expect(() => takeLock(home, 1)).toThrow(expect.objectContaining({ code: 'daemon_already_running' }));
    // Also after the failed attempt of this process: closing a file must not have dropped the lock.
    expect(tryInAnotherProcess(folder)).toMatch(/^daemon_already_running .*process 4242.* --home/);
    lock.release();
    lock.release();
    expect(existsSync(home.pid)).toBe(false);
    expect(tryInAnotherProcess(folder)).toBe('taken');
    takeLock(home, 1).release();
  });

  it('is freed by the kernel when its process is killed', async () => {
    const folder = temporaryFolder();
    const home = prepareHome(folder);
    await killNode(
      `
      import { prepareHome } from '../../../local-agent/daemon/home.ts';
      import { takeLock } from '../../../local-agent/daemon/lock.ts';
      takeLock(prepareHome(${JSON.stringify(folder)}), process.pid);
      setInterval(() => {}, 1000);
      `,
      () => existsSync(home.pid) && statSync(home.pid).size > 0,
    );
    takeLock(home, 1).release();
  });

  it('survives rubbish in its file, and does not forget itself when memory is collected', () => {
    const folder = temporaryFolder();
    const home = prepareHome(folder);
    writeFileSync(home.lock, 'rubbish '.repeat(1000));
    const { stdout } = runNode(`
      import { spawnSync } from 'node:child_process';
      import { setFlagsFromString } from 'node:v8';
      import { runInNewContext } from 'node:vm';
      import { prepareHome } from '../../../local-agent/daemon/home.ts';
      import { takeLock } from '../../../local-agent/daemon/lock.ts';
      const home = prepareHome(${JSON.stringify(folder)});
      takeLock(home, process.pid);
      setFlagsFromString('--expose-gc');
      const collect = runInNewContext('gc');
      for (let count = 0; count < 5; count++) { collect(); await new Promise((resolve) => setTimeout(resolve, 1)); }
      const code = \`
        import Sqlite from 'better-sqlite3';
        try { new Sqlite(\${JSON.stringify(home.lock)}, { timeout: 0 }).exec('begin exclusive'); console.log('free'); } catch (error) { console.log(error.code); }
      \`;
      process.stdout.write(spawnSync(process.execPath, ['--input-type=module', '--eval', code]).stdout);
    `);
    expect(stdout.trim()).toBe('SQLITE_BUSY');
    expect(statSync(home.lock).size).toBe(0);
  });
});

describe('the home', () => {
  it('is closed to others, and the folders of the daemon are closed again', () => {
    const folder = `${temporaryFolder()}/home`;
    for (const path of [folder, prepareHome(folder).runFolder]) expect(statSync(path).mode & 0o777).toBe(0o700);
  });

  it('is refused when its path is too long for a socket, or it cannot be a folder', () => {
    expect(() => prepareHome(`/tmp/${'long/'.repeat(20)}`)).toThrow(
      expect.objectContaining({ code: 'config_invalid', hint: expect.stringContaining('at most 89 bytes') }),
    );
    const folder = temporaryFolder();
    writeFileSync(`${folder}/file`, '');
    expect(() => prepareHome(`${folder}/file`)).toThrow(expect.objectContaining({ code: 'config_invalid' }));
  });
});
