/** `pryx daemon`, which `pryx start` and `pryx dev` call, and `pryx start --foreground`: the daemon in this very process. */
import { closeSync, writeSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { errorBody, exitCode, toPryxError } from '../../../shared/error.ts';
import { formatLine } from '../log/format-line.ts';
import { readLine } from '../log/log-line.ts';
import { stopWithParent } from '../stop-with-parent.ts';
import type { CommandContext, LoadDaemon } from '../context.ts';

interface DaemonFlags {
  polling?: boolean;
  /** Shows the log on standard error, and says on standard output when it serves. */
  foreground?: boolean;
}

export async function daemon(context: CommandContext, options: DaemonFlags, load: LoadDaemon): Promise<number> {
  const { home, output } = context;
  // What the daemon makes is for its owner alone, also where nobody thought of saying so.
  process.umask(0o077);
  const announce = takeAnnounceFile(process.env);
  stopWithParent();
  ignoreClosedTerminal();
  const env = {
    ...process.env,
    PRYX_HOME: home.folder,
    ...(options.polling === true && { PRYX_TELEGRAM_POLLING: 'true' }),
  };
  let code: number;
  try {
    const [{ runDaemon }, { readSettings }] = await Promise.all([load(), import('../../core/settings.ts')]);
    code = await runDaemon({
      settings: readSettings(env),
      onReady(ready) {
        announce?.(ready);
        if (options.foreground === true)
          output.result(
            { state: 'ready', pid: ready.pid, port: ready.port, already: false },
            `Pryx is running (process ${ready.pid}).`,
          );
        // Now rather than at the end, which may come by a signal that leaves no time.
        setImmediate(flushCompileCache);
      },
      ...(options.foreground === true && { echo: echoTo(context) }),
    });
  } catch (error) {
    const known = toPryxError(error);
    if (announce === undefined) output.fail(known);
    else announce(errorBody(known));
    code = exitCode(known);
  }
  // What would not stop in time must not keep the process.
  process.exit(code);
}

/** One JSON document to the file that `pryx start` reads, which then ends. */
function takeAnnounceFile(env: NodeJS.ProcessEnv): ((word: unknown) => void) | undefined {
  const file = Number(env['PRYX_ANNOUNCE_FD']);
  // Not for the processes that the daemon starts.
  delete env['PRYX_ANNOUNCE_FD'];
  if (!Number.isInteger(file) || file < 3) return undefined;
  let open = true;
  return (word) => {
    if (!open) return;
    open = false;
    try {
      writeSync(file, JSON.stringify(word));
      closeSync(file);
    } catch {
      // Whoever wanted to know has gone.
    }
  };
}

/** In the foreground a pipe or a terminal may close: no reason to die. */
function ignoreClosedTerminal(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

/** Lines for people in a terminal, and as they are for whatever collects them. */
const echoTo =
  ({ output }: CommandContext) =>
  (line: string): void =>
    output.say(process.stderr.isTTY ? formatLine(readLine(line), output.styleRemark) : line);
