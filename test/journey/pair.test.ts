/** A device is paired by its owner's hand: code on the terminal, decision on the page, and whoever dies in between. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPairing } from '../../local-agent/cli/ask-pairing.ts';
import { fingerprintWords } from '../../shared/pairing/fingerprint.ts';
import { type Command, runCommand } from '../support/command.ts';
import { type Line, createLine, until } from '../support/line.ts';

let line: Line;
beforeEach(async () => {
  line = await createLine();
  await line.startEdge();
});
afterEach(() => line.close());

/** As somebody types it, who has set nothing. */
const pryx = (...args: string[]): Command => {
  const { PRYX_EDGE_URL: _edge, ...env } = line.env;
  return runCommand(env, '--home', line.home.folder, ...args);
};
const pair = (...args: string[]): Command => pryx('pair', '--edge', line.edgeOrigin(), ...args);

/** What the owner reads off the terminal. */
async function codeOf({ stdout, stderr, child }: Command): Promise<string> {
  const shown = (): string | undefined => /Code\s+((?:\S ){8}\S)/.exec(stdout() + stderr())?.[1];
  await until(() => shown() !== undefined || child.exitCode !== null);
  return (shown() ?? expect.fail(`no code: ${stdout()}${stderr()}`)).replaceAll(' ', '');
}
const devices = (): unknown[] => line.rows('select origin from edge');

describe('pryx pair', () => {
  it('starts the daemon, shows a code, and is green when the owner has approved: messages arrive and are answered', async () => {
    const command = pair('--name', 'attic pi');
    const userCode = await codeOf(command);
    const page = await line.owner().open(`/pair?user_code=${userCode}`);
    expect(page.name).toBe('decide');
    await line.owner().approve({ userCode });
    expect(await command.ended).toBe(0);
    expect(command.stdout()).toContain(`Paired with ${line.edgeOrigin()}. The link is up.`);
    const [{ device_id: id } = { device_id: '' }] = line.rows('select device_id from edge') as { device_id: string }[];
    for (const word of fingerprintWords(id)) expect(command.stdout()).toContain(word);
    await line.greeted();

    const again = pair('--json');
    expect(await again.ended).toBe(0);
    expect(JSON.parse(again.stdout())).toMatchObject({ state: 'paired', already: true, link: 'up' });
    expect(await pryx('stop').ended).toBe(0);
  });

  it('that is denied says so with exit code 4, and nothing is paired', async () => {
    await line.startDaemon({ pair: false });
    const command = pair();
    await line.owner().deny({ userCode: await codeOf(command) });
    expect(await command.ended).toBe(4);
    expect(command.stderr()).toMatch(/^error pairing_denied/);
    expect(devices()).toEqual([]);
  });

  it('that is given up with Ctrl-C pairs nothing, even when the owner approves after that', async () => {
    await line.startDaemon({ pair: false });
    const command = pair();
    const userCode = await codeOf(command);
    command.child.kill('SIGINT');
    expect(await command.ended).toBe(4);
    expect(command.stdout()).toContain('Given up. Nothing is paired.');
    await line.owner().approve({ userCode });
    expect(await readPairing(line.home)).toEqual({ state: 'none' });
  });

  it('survives the daemon: killed while it waits, it is paired at the next attempt, once', async () => {
    await line.startDaemon({ pair: false });
    const first = pair();
    const lost = await codeOf(first);
    await line.killDaemon();
    expect(await first.ended).toBe(3);
    expect(first.stderr()).toContain('error daemon_not_running');
    await line.startDaemon({ pair: false });
    const second = pair();
    const userCode = await codeOf(second);
    expect(userCode).not.toBe(lost);
    await line.owner().approve({ userCode });
    expect(await second.ended).toBe(0);
    expect(devices()).toHaveLength(1);
    await line.greeted();
  });

  it('survives the edge: killed before and after the approval, while it is asked again and again', async () => {
    await line.startDaemon({ pair: false });
    const command = pair();
    const userCode = await codeOf(command);
    await line.killEdge();
    await line.startEdge();
    await line.owner().approve({ userCode });
    await line.killEdge();
    await line.startEdge();
    expect(await command.ended).toBe(0);
    await line.greeted();
  });

  it('with an address that is no edge says so, and keeps what is paired', async () => {
    await line.startDaemon({ env: { PRYX_EDGE_URL: '' } });
    await line.connected();
    const command = pryx('pair', '--edge', 'http://127.0.0.1:9');
    expect(await command.ended).toBe(5);
    expect(command.stderr()).toMatch(/^error edge_unreachable/);
    await line.greeted();
  });
});
