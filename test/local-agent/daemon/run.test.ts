import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { statusResponse } from '../../../shared/api/status.ts';
import { openDatabase } from '../../../local-agent/store/database.ts';
import { memory } from '../../../local-agent/store/tables/memory.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';
import { askSocket } from './ask-socket.ts';
import { bundle } from './bundle.ts';
import { startProgram } from './start-program.ts';
import { eventually } from '../store/eventually.ts';

const program = await bundle(join(import.meta.dirname, 'test-daemon.ts'));

const start = (home: string, env: Record<string, string> = {}) =>
  startProgram([program], { PRYX_HOME: home, PRYX_PORT: '0', ...env });
const logLines = (home: string) =>
  readFileSync(join(home, 'logs/pryx.log'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { severity: string; event: string; error?: { code: string; message: string } });
const events = (home: string) => logLines(home).map(({ event }) => event);

describe('a daemon', () => {
  it('serves, tells how it is, and stops politely on a signal, leaving nothing but its data', async () => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      const home = temporaryFolder();
      const { child, next, ended } = start(home);
      const ready = await next();
      expect(ready).toMatchObject({ pid: child.pid, setAside: null });
      const status = statusResponse.parse((await askSocket(join(home, 'run/pryx.sock'), '/status')).body);
      expect(status).toMatchObject({
        daemon: { pid: child.pid, state: 'ready', home },
        database: { state: 'ok' },
        queue: { inbox: 0 },
      });
      expect(status.daemon.port).toBe((ready as { port: number }).port);
      expect(readFileSync(join(home, 'run/pryx.pid'), 'utf8')).toBe(`${child.pid}\n`);
      child.kill(signal);
      expect(await ended).toEqual({ code: 0, signal: null, stderr: '' });
      expect(readdirSync(join(home, 'run'))).toEqual(['lock.db']);
      expect(readdirSync(home).toSorted()).toEqual(['logs', 'pryx.db', 'run']);
      expect(events(home)).toEqual(['daemon.ready', 'daemon.stopping', 'daemon.stopped']);
    }
  });

  it('stops when it is asked to on its socket', async () => {
    const home = temporaryFolder();
    const { child, next, ended } = start(home);
    await next();
    const answer = await askSocket(join(home, 'run/pryx.sock'), '/stop', 'POST');
    expect(answer).toMatchObject({ status: 202, body: { pid: child.pid } });
    expect(await ended).toMatchObject({ code: 0 });
  });

  it('ends at once on a second signal, though something in it hangs', async () => {
    const home = temporaryFolder();
    const { child, next, ended } = start(home, { PRYX_TEST_FAULT: 'hang' });
    await next();
    child.kill('SIGTERM');
    await eventually(() => events(home)).toContain('daemon.stopping');
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 1 });
    expect(events(home)).toContain('daemon.stopped_at_once');
  });

  it('does not go on after an error that nobody foresaw, and logs it without what was said', async () => {
    for (const fault of ['throw', 'reject']) {
      const home = temporaryFolder();
      // Also where Node is told only to warn of a rejection that nobody handles.
      const { child, next, ended } = start(home, {
        PRYX_TEST_FAULT: fault,
        NODE_OPTIONS: '--unhandled-rejections=warn',
      });
      await next();
      child.kill('SIGUSR2');
      expect(await ended).toMatchObject({ code: 1, stderr: '' });
      // Not always the last one: what was being written when it crashed may come after it.
      expect(logLines(home).find(({ event }) => event === 'daemon.crashed')).toMatchObject({
        severity: 'ERROR',
        error: { code: 'internal', causes: ['TypeError'] },
      });
      expect(readFileSync(join(home, 'logs/pryx.log'), 'utf8')).not.toContain('what a user said');
    }
  });

  it('takes the place of one that was killed, whatever that left behind', async () => {
    const home = temporaryFolder();
    const first = start(home);
    await first.next();
    first.child.kill('SIGKILL');
    await first.ended;
    expect(readdirSync(join(home, 'run')).toSorted()).toEqual(['lock.db', 'pryx.pid', 'pryx.sock']);
    const second = start(home);
    expect(await second.next()).toMatchObject({ pid: second.child.pid });
    expect((await askSocket(join(home, 'run/pryx.sock'), '/readyz')).status).toBe(200);
  });

  it('is alone in its home, also when two start at the same moment', async () => {
    const home = temporaryFolder();
    const programs = [start(home), start(home), start(home)];
    const answers = await Promise.all(programs.map(({ next }) => next()));
    expect(answers.filter((answer) => JSON.stringify(answer) === '{"failed":"daemon_already_running"}')).toHaveLength(
      2,
    );
    expect(answers.filter((answer) => JSON.stringify(answer).includes('"pid"'))).toHaveLength(1);
    expect((await askSocket(join(home, 'run/pryx.sock'), '/readyz')).status).toBe(200);
  });

  it('says that its port is taken, and lets go of everything', async () => {
    const home = temporaryFolder();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    const { next, ended } = start(home, { PRYX_PORT: port });
    expect(await next()).toEqual({ failed: 'port_in_use' });
    expect(await ended).toMatchObject({ code: 1 });
    expect(logLines(home).at(-1)).toMatchObject({
      event: 'daemon.failed',
      error: { code: 'port_in_use', hint: expect.stringContaining('PRYX_PORT') },
    });
    expect(readdirSync(join(home, 'run'))).toEqual(['lock.db']);
    other.close();
  });
});

/** Enough rows that the table of memories has pages of its own. */
function fillMemory(path: string): void {
  const { db, close } = openDatabase({ path });
  db.insert(memory)
    .values(
      Array.from({ length: 2000 }, (_, index) => ({ text: `fact number ${index} about the garden`, createdAt: 1 })),
    )
    .run();
  close();
}

describe('a daemon with a damaged database', () => {
  it('comes up with a fresh one and says so in its status, its log and its audit', async () => {
    const home = temporaryFolder();
    writeFileSync(join(home, 'pryx.db'), 'no database '.repeat(1000));
    const { next } = start(home);
    const { setAside } = (await next()) as { setAside: string };
    expect(readFileSync(join(home, setAside), 'utf8')).toBe('no database '.repeat(1000));
    const { body } = await askSocket(join(home, 'run/pryx.sock'), '/status');
    expect(body).toMatchObject({ daemon: { state: 'ready' }, database: { state: 'replaced', setAside } });
    expect((await askSocket(join(home, 'run/pryx.sock'), '/healthz')).body).toMatchObject({
      status: 'ok',
      checks: { database: { status: 'degraded' } },
    });
    expect(logLines(home)[0]).toMatchObject({
      severity: 'ERROR',
      event: 'database.set_aside',
      error: { code: 'database_corrupt', message: expect.stringContaining(setAside) },
    });
  });

  it('finds it while it runs, sets it aside and goes on, without ending', async () => {
    const home = temporaryFolder();
    const path = join(home, 'pryx.db');
    fillMemory(path);
    const { child, next, ended } = start(home, { PRYX_TEST_FAULT: 'read' });
    await next();
    child.kill('SIGUSR2');
    await eventually(() => events(home).filter((event) => event === 'daemon.ready')).toHaveLength(2);
    // The error also reached nobody in particular, which otherwise ends a daemon.
    expect(events(home).toSorted()).toEqual([
      'daemon.error_escaped',
      'daemon.ready',
      'daemon.ready',
      'daemon.stopped',
      'database.damaged',
      'database.set_aside',
    ]);
    expect((await askSocket(join(home, 'run/pryx.sock'), '/status')).body).toMatchObject({
      daemon: { pid: child.pid, state: 'ready' },
      database: { state: 'replaced' },
    });
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0 });
    const kept = readdirSync(home).find((name) => name.includes('corrupt'));
    expect(statSync(join(home, kept ?? '')).size).toBeGreaterThan(100_000);
    expect(existsSync(`${path}.damaged`)).toBe(false);
  });

  it('finds it while it starts, and comes up all the same', async () => {
    const home = temporaryFolder();
    fillMemory(join(home, 'pryx.db'));
    const { child, next, ended } = start(home, { PRYX_TEST_FAULT: 'compose' });
    expect(await next()).toMatchObject({ pid: child.pid, setAside: expect.stringContaining('corrupt') });
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0 });
    expect(events(home)).toEqual([
      'database.damaged',
      'daemon.stopped',
      'database.set_aside',
      'daemon.ready',
      'daemon.stopping',
      'daemon.stopped',
    ]);
  });
});
