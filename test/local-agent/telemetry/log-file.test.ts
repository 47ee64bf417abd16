import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLogFile } from '../../../local-agent/telemetry/log-file.ts';
import { runNode } from '../store/run-node.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';
import { eventually } from '../store/eventually.ts';

const lines = (path: string) => readFileSync(path, 'utf8').trimEnd().split('\n');

describe('the file of the log', () => {
  it('is readable for its owner only, and goes on where it ended', async () => {
    const path = join(temporaryFolder(), 'logs', 'pryx.log');
    for (const text of ['one', 'two']) {
      const file = createLogFile({ path });
      file.write(text);
      await file.close();
    }
    expect(lines(path)).toEqual(['one', 'two']);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
  });

  it('is followed by a new one when it is full; the oldest goes, and no line is cut', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'pryx.log');
    const file = createLogFile({ path, maxBytes: 100, keep: 3 });
    const written = Array.from({ length: 60 }, (_, index) => `line ${String(index).padStart(4, '0')}`);
    for (const line of written) {
      file.write(line);
      // One after the other, or several would be one write.
      await file.close();
    }
    expect(readdirSync(folder).toSorted()).toEqual(['pryx.log', 'pryx.log.1', 'pryx.log.2']);
    const kept = ['pryx.log.2', 'pryx.log.1', 'pryx.log'].flatMap((name) => {
      expect(statSync(join(folder, name)).size).toBeLessThanOrEqual(100);
      return lines(join(folder, name));
    });
    expect(kept).toEqual(written.slice(-kept.length));
    expect(kept.length).toBeGreaterThan(20);
    expect(file.takeLost()).toBe(0);
  });

  it('survives a full disk: lines are given up and counted, and it goes on when there is room', async () => {
    const path = join(temporaryFolder(), 'pryx.log');
    symlinkSync('/dev/full', path);
    const file = createLogFile({ path });
    for (let count = 0; count < 1000; count++) file.write('x'.repeat(100));
    file.flushSync();
    for (let count = 0; count < 10; count++) {
      file.write('more');
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(file.takeLost()).toBe(0);
    rmSync(path);
    file.write('room again');
    await eventually(() => statSync(path, { throwIfNoEntry: false })?.size ?? 0).toBeGreaterThan(0);
    expect(file.takeLost()).toBe(1010);
    await file.close();
    expect(lines(path)).toEqual(['room again']);
  });

  it('survives a folder that cannot be made', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'logs'), 'in the way');
    const file = createLogFile({ path: join(folder, 'logs', 'pryx.log') });
    file.write('lost');
    await file.close();
    rmSync(join(folder, 'logs'));
    mkdirSync(join(folder, 'logs'));
    file.write('kept');
    await file.close();
    expect(lines(join(folder, 'logs', 'pryx.log'))).toEqual(['kept']);
    expect(file.takeLost()).toBe(1);
  });

  it('holds a bounded part of what is said faster than it can be written', async () => {
    const path = join(temporaryFolder(), 'pryx.log');
    const file = createLogFile({ path, maxPendingBytes: 1000 });
    for (let count = 0; count < 100; count++) file.write('x'.repeat(99));
    await file.close();
    expect(lines(path)).toHaveLength(10);
    expect(file.takeLost()).toBe(90);
  });

  it('has every line when the process ends at once, also those on their way', () => {
    const path = join(temporaryFolder(), 'pryx.log');
    const { status } = runNode(`
      import { createLogFile } from '../../../local-agent/telemetry/log-file.ts';
      const file = createLogFile({ path: ${JSON.stringify(path)} });
      for (let count = 0; count < 50; count++) file.write('first ' + count);
      setImmediate(() => setImmediate(() => {
        for (let count = 0; count < 50; count++) file.write('second ' + count);
        file.flushSync();
        process.exit(7);
      }));
    `);
    expect(status).toBe(7);
    expect(lines(path).toSorted()).toEqual(
      ['first', 'second'].flatMap((word) => Array.from({ length: 50 }, (_, index) => `${word} ${index}`)).toSorted(),
    );
  });
});
