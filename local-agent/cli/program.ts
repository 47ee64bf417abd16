/** The commands of `pryx`: what each is called and takes. What it does is loaded when it is called. */
import { Command, InvalidArgumentError, Option } from 'commander';
import type { CommandContext, LoadDaemon } from './context.ts';
import { readVersion } from './version.ts';

/** Carries out one command; with `quiet` it does not tell of new lines in the log. */
export type Perform = (
  run: (context: CommandContext) => Promise<number>,
  options?: { quiet?: boolean },
) => Promise<void>;

export function createProgram(perform: Perform, loadDaemon: LoadDaemon): Command {
  const program = new Command('pryx')
    .description('Your own agent, on your own machine.')
    .version(readVersion())
    .option('--home <folder>', 'folder of everything that Pryx keeps (default: PRYX_HOME, or ~/.pryx)', readFolder)
    .option('--json', 'one JSON document on standard output')
    .configureHelp({ showGlobalOptions: true })
    // Whoever calls this prints the error, with its next step.
    .configureOutput({ writeErr: () => {} })
    .exitOverride();

  program
    .command('start')
    .description('start the daemon, and wait until it serves')
    .option('--foreground', 'stay in this terminal until a signal comes')
    .option('--polling', 'fetch messages from Telegram instead of having the edge deliver them')
    .action((options: { foreground?: boolean; polling?: boolean }) =>
      options.foreground === true
        ? perform(async (context) => (await import('./commands/daemon.ts')).daemon(context, options, loadDaemon), {
            quiet: true,
          })
        : perform(async (context) => (await import('./commands/start.ts')).start(context, options)),
    );
  program
    .command('stop')
    .description('let the daemon end what it is at, and wait until it is gone')
    .option('--force', 'kill it when it does not stop by itself')
    .action((options: { force?: boolean }) =>
      perform(async (context) => (await import('./commands/stop.ts')).stop(context, options)),
    );
  program
    .command('restart')
    .description('stop and start')
    .option('--force', 'as for stop')
    .option('--polling', 'as for start')
    .action((options: { force?: boolean; polling?: boolean }) =>
      perform(async (context) => (await import('./commands/restart.ts')).restart(context, options)),
    );
  program
    .command('status')
    .description('how everything is, at a glance')
    .option('--mailbox', 'ask the edge, too, what waits there')
    .action((options: { mailbox?: boolean }) =>
      perform(async (context) => (await import('./commands/status.ts')).status(context, options)),
    );
  program
    .command('pair')
    .description('pair this device with your edge: shows a code, and waits for your approval')
    .option('--edge <url>', 'address of your edge (default: PRYX_EDGE_URL, or the edge of before)')
    .option('--name <name>', 'what your edge calls this device (default: the name of this machine)')
    .option('--again', 'although it is paired already')
    .action((options: { edge?: string; name?: string; again?: boolean }) =>
      perform(async (context) => (await import('./commands/pair.ts')).pair(context, options)),
    );
  const devices = program
    .command('devices')
    .description('your devices: who they are, and when they were last there')
    .action(() => perform(async (context) => (await import('./commands/devices.ts')).devices(context)));
  devices
    .command('rename <device> <name>')
    .description('give a device another name; it goes by its name, or how its id begins')
    .action((device: string, name: string) =>
      perform(async (context) => (await import('./commands/devices.ts')).devicesRename(context, device, name)),
    );
  devices
    .command('revoke <device>')
    .description('shut a device out')
    .option('-y, --yes', 'do not ask')
    .action((device: string, options: { yes?: boolean }) =>
      perform(async (context) => (await import('./commands/devices.ts')).devicesRevoke(context, device, options)),
    );
  program
    .command('sessions [id]')
    .description('with whom Pryx speaks; with an id, what was said')
    .action((id: string | undefined) =>
      perform(async (context) => (await import('./commands/sessions.ts')).sessions(context, id)),
    );
  program
    .command('settings')
    .description('every setting: what is in effect, and where it comes from')
    .action(() => perform(async (context) => (await import('./commands/settings.ts')).settings(context)));
  program
    .command('open [link]')
    .description('go where a pryx:// link leads')
    .option('--register', 'have such links open Pryx on this desktop')
    .addOption(new Option('--wait').hideHelp())
    .action((link: string | undefined, options: { register?: boolean; wait?: boolean }) =>
      perform(async (context) => (await import('./commands/open.ts')).open(context, link, options)),
    );
  program
    .command('logs')
    .description('the last lines of the log')
    .option('-f, --follow', 'go on with lines as they come')
    .option('-n, --lines <number>', 'how many', '50')
    .option('-l, --level <level>', 'from this one on: debug, info, warn, error', 'debug')
    .action((options: { lines: string; level: string; follow?: boolean }) =>
      perform(async (context) => (await import('./commands/logs.ts')).logs(context, options), { quiet: true }),
    );
  program
    .command('dev')
    .description('all of it on this machine, with a prompt: edge, stand-in of Telegram, daemon')
    .option('--say <text>', 'say this once, show the answer, end')
    .option('--trace', 'show what each hop took')
    .option('--polling', 'as for start')
    .action((options: { say?: string; trace?: boolean; polling?: boolean }) =>
      perform(async (context) => (await import('./commands/dev.ts')).dev(context, options)),
    );
  const edge = program.command('edge').description('the edge: on this machine, and its keys');
  edge
    .command('dev')
    .description('run the edge on this machine')
    .option('--host <address>', 'where it listens', '127.0.0.1')
    .option('--port <port>', 'where it listens; 0 is any free one', '8787')
    .action((options: { host: string; port: string }) =>
      perform(async (context) => (await import('./commands/edge-dev.ts')).edgeDev(context, options), { quiet: true }),
    );
  edge
    .command('keygen')
    .description('make the keys of a new edge')
    .action(() => perform(async (context) => (await import('./commands/edge-secrets.ts')).edgeKeygen(context)));
  edge
    .command('setup-code')
    .description('make the code that claims a new edge')
    .action(() => perform(async (context) => (await import('./commands/edge-secrets.ts')).edgeSetupCode(context)));
  edge
    .command('rotate-key')
    .description(
      'a new signing key, introduced by the present one: from standard input, PRYX_EDGE_KEYS, or the local edge',
    )
    .option('--retire', 'end the old keys')
    .action((options: { retire?: boolean }) =>
      perform(async (context) => (await import('./commands/edge-rotate-key.ts')).edgeRotateKey(context, options)),
    );
  program
    .command('daemon', { hidden: true })
    .option('--polling')
    .action((options: { polling?: boolean }) =>
      perform(async (context) => (await import('./commands/daemon.ts')).daemon(context, options, loadDaemon), {
        quiet: true,
      }),
    );
  return program;
}

/** `--home --json` takes the second for the value of the first; nobody means that. */
function readFolder(text: string): string {
  if (text === '' || text.startsWith('-')) throw new InvalidArgumentError('It must be a folder.');
  return text;
}
